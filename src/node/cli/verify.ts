/**
 * `islet verify DUMP [--anchor HEAD…]`: verifies a dump without a node, a network or a person's key.
 *
 * Law: exit 1 with at least one finding; without a head that somebody else holds, the words say what that leaves open.
 */
import { readFile, stat } from 'node:fs/promises'
import { type VerifyStage, verifyDocument, verifyDump, verifyWords } from '../../audit/index.ts'
import { parseSignedHead, type SignedHead } from '../../ledger/index.ts'
import { IsletError, isIsletError } from '../../vocabulary/index.ts'
import { EXIT, printDocument, type Terminal } from './outcome.ts'
import { type Progress, startProgress } from './progress.ts'
import { studyVerify } from './study-verify.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Options = Readonly<Record<string, unknown>>

export async function verify(
  context: VerbContext,
  [dump = '']: readonly string[],
  options: Options = {},
): VerbOutcome {
  // A dump is a directory; a passport is one file. What is not there is refused with the dump's own words.
  const found = await stat(dump).catch(() => undefined)
  if (found?.isFile() === true) return studyVerify(context, [dump])
  const { terminal, signal } = context
  const named = options['anchor']
  const files = Array.isArray(named) ? named.filter((file) => typeof file === 'string') : []
  const anchors = await Promise.all(files.map(readHead))
  const bars = stageBars(terminal)
  try {
    const report = await verifyDump(dump, { anchors, signal, progress: bars.advance })
    bars.finish()
    if (context.json) printDocument(verifyDocument(report), terminal)
    else terminal.out(`${verifyWords(report).join('\n')}\n`)
    return report.ok ? EXIT.done : EXIT.checkFailed
  } finally {
    bars.finish()
  }
}

/** A signed head that somebody kept. Throws `NOT_A_SIGNED_HEAD` naming the file. */
async function readHead(file: string): Promise<SignedHead> {
  const text = await readFile(file, 'utf8')
  try {
    return parseSignedHead(JSON.parse(text))
  } catch (error) {
    if (!(isIsletError(error) || error instanceof SyntaxError)) throw error
    throw new IsletError(
      'NOT_A_SIGNED_HEAD',
      'an anchor is a signed head, a document islet.head/1',
      {},
      { at: { file }, remedy: 'Give the file that another member keeps.', cause: error },
    )
  }
}

const LABELS: Readonly<Record<VerifyStage, string>> = {
  files: 'hashing files',
  replay: 'replaying the ledger',
  institutions: 'checking logs and slots',
}

/** One bar after the other. */
function stageBars(terminal: Terminal) {
  let stage: VerifyStage | undefined
  let bar: Progress | undefined
  return {
    advance: (now: VerifyStage, done: number, of: number): void => {
      if (now !== stage) {
        bar?.finish()
        bar = startProgress(LABELS[now], of, terminal)
        stage = now
      }
      bar?.advance(done)
    },
    finish: (): void => {
      bar?.finish()
      bar = undefined
    },
  }
}
