/**
 * The user's own person: a root under their passphrase, and a recovery code as second way to it.
 *
 * Laws: data are accepted only after both ways were tried from what lies on the disk and led to the same root (DESIGN 6);
 * neither passphrase nor code is ever written by us, but into the file that the user named.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  drawRecoverySecret,
  formatRecoveryCode,
  provedRoute,
  type RecoveryWrap,
  readRecoveryCode,
  recoveryReady,
  unwrapRoot,
  wrapRoot,
} from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type Bytes, IsletError } from '../../vocabulary/index.ts'
import { readRoot, writeRoot } from '../story/person.ts'

const WRAP = 'recovery.json'

export interface OwnSetup {
  readonly directory: string
  readonly passphrase: string
  /**
   * Hands the code to the person and gives back what they typed or what lies in their file: nothing is taken on trust.
   */
  readonly confirm: (code: string) => Promise<string>
}

/** Draws a root, seals it both ways, proves both. Throws `RECOVERY_CODE_NOT_CONFIRMED`, `RECOVERY_ROUTES_DIFFER`. */
export async function setUpOwnPerson({ directory, passphrase, confirm }: OwnSetup): Promise<Bytes> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const root = nodeCrypto.cipher.random(32)
  const secret = drawRecoverySecret((length) => nodeCrypto.cipher.random(length))
  const wrap = await wrapRoot(root, secret, nodeCrypto)
  await writeRoot(directory, root, { passphrase })
  await writeFile(join(directory, WRAP), `${JSON.stringify(wrap)}\n`, { mode: 0o600, flush: true })
  const typed = await confirm(formatRecoveryCode(secret))
  const proofs = [
    provedRoute('passphrase', await readRoot(directory, { passphrase }), nodeCrypto, nodeEd25519),
    provedRoute('recovery-code', await rootByCode(directory, typed), nodeCrypto, nodeEd25519),
  ]
  const readiness = recoveryReady(proofs)
  if (!readiness.ready) throw new IsletError(readiness.code, 'the two ways to the key do not lead to one key')
  return root
}

/** The root by the recovery code. Throws `RECOVERY_CODE_INCOMPLETE`, `RECOVERY_CODE_MISTYPED`, `RECOVERY_CODE_WRONG`. */
async function rootByCode(directory: string, typed: string): Promise<Bytes> {
  const reading = readRecoveryCode(typed)
  if (!reading.ok) {
    const where = reading.code === 'RECOVERY_CODE_MISTYPED' ? ` in group ${reading.groups.join(', ')}` : ''
    throw new IsletError(
      reading.code,
      `the recovery code is mistyped${where}`,
      {},
      { remedy: 'type it again as it was shown: eight groups of five' },
    )
  }
  const wrap = parseWrap(await readFile(join(directory, WRAP), 'utf8'))
  const opened = await unwrapRoot(wrap, reading.secret, nodeCrypto)
  if (opened.code !== 'OPENED') {
    throw new IsletError(
      opened.code,
      'that is another recovery code',
      {},
      { remedy: 'use the code of this person' },
    )
  }
  return opened.root
}

function parseWrap(text: string): RecoveryWrap {
  const value: unknown = JSON.parse(text)
  const field = (name: string): string => {
    const found = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
    if (typeof found !== 'string') throw new IsletError('RECOVERY_CODE_WRONG', 'the recovery file is damaged')
    return found
  }
  return {
    schema: 'islet.recovery-wrap/1',
    salt: field('salt'),
    nonce: field('nonce'),
    sealed: field('sealed'),
  }
}
