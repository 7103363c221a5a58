/**
 * `islet recover`: a new passphrase for your own data, by the recovery code, when the old one is forgotten.
 *
 * Laws: nothing is changed before the code has opened the key; the recovery code stays good; the old passphrase opens
 * nothing any more. What was copied before (a backup) still opens with the old one.
 */
import type { RecoverDocument } from '../../api/documents.door.ts'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { isIsletError } from '../../vocabulary/index.ts'
import { ownFolders, recoverOwnPerson } from '../service/own-person.ts'
import { terminalAsker } from './asker.ts'
import { EXIT, printDocument } from './outcome.ts'
import { ownDataOptions } from './own-data.ts'
import { keptRecoveryCode, passphraseFrom, type RecoverySinks } from './secrets.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

const ATTEMPTS = 3
/** Faults of typing: worth asking again. */
const MISTAKEN = ['RECOVERY_CODE_INCOMPLETE', 'RECOVERY_CODE_MISTYPED', 'RECOVERY_CODE_WRONG']

export async function recover(
  context: VerbContext,
  _: readonly string[],
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const { terminal, data, signal } = context
  const { passphraseFile, recoveryFile } = ownDataOptions(options)
  const asker = terminalAsker(signal)
  // Nobody is asked for a code that nothing here could be opened with; and no directory is made by looking.
  if ((await ownFolders(data)).length === 0) await recoverOwnPerson(data, '')
  const lock = await lockDataDirectory(data)
  try {
    const found = await byCode(data, { asker, file: recoveryFile })
    const passphrase = await passphraseFrom({
      asker,
      environment: process.env,
      file: passphraseFile,
      fresh: true,
    })
    await found.sealUnder(passphrase)
  } finally {
    await lock.release()
  }
  if (context.json) {
    printDocument({ schema: 'islet.recover/1', data } satisfies RecoverDocument, terminal)
  } else {
    terminal.out('The new passphrase opens your data; the old one does not any more.\n')
    terminal.err('The recovery code stays good. Backups made before still open with the old passphrase.\n')
  }
  return EXIT.done
}

/** What the code opens; typed codes are asked for again when they are mistaken. */
async function byCode(data: string, source: RecoverySinks): ReturnType<typeof recoverOwnPerson> {
  for (let attempt = 1; ; attempt++) {
    const code = await keptRecoveryCode(source)
    try {
      return await recoverOwnPerson(data, code)
    } catch (error) {
      const last = source.asker === undefined || source.file !== undefined || attempt === ATTEMPTS
      if (last || !isIsletError(error, ...MISTAKEN)) throw error
      source.asker?.tell(`${error.message}. Once more:\n`)
    }
  }
}
