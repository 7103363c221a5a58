/**
 * `islet verify DUMP [--anchor HEAD…]`: verifies a dump, a passport or a proof without a node, a network or a person's
 * key.
 *
 * Law: exit 1 with at least one finding; without a head that somebody else holds, the words say what that leaves open.
 */
import { readFile, stat } from 'node:fs/promises'
import { verifyDocument, verifyDump, verifyWords } from '../../audit/index.ts'
import { isConsentProof } from '../../finality/index.ts'
import { verifyStanding } from './consent-standing.ts'
import { EXIT, printDocument } from './outcome.ts'
import { readAnchors } from './read-heads.ts'
import { stageBars } from './stage-bars.ts'
import { studyVerify } from './study-verify.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Options = Readonly<Record<string, unknown>>

export async function verify(
  context: VerbContext,
  [dump = '']: readonly string[],
  options: Options = {},
): VerbOutcome {
  // A dump is a directory; passport and proof are one file. What is not there is refused with the dump's own words.
  const found = await stat(dump).catch(() => undefined)
  if (found?.isFile() === true) {
    const bytes = await readFile(dump)
    if (isConsentProof(bytes)) return verifyStanding(context, bytes, options['anchor'])
    return studyVerify(context, [dump], options)
  }
  const { terminal, signal } = context
  const held = await readAnchors(options['anchor'])
  const bars = stageBars(terminal)
  try {
    const report = await verifyDump(dump, { ...held, signal, progress: bars.advance })
    bars.finish()
    if (context.json) printDocument(verifyDocument(report), terminal)
    else terminal.out(`${verifyWords(report).join('\n')}\n`)
    return report.ok ? EXIT.done : EXIT.checkFailed
  } finally {
    bars.finish()
  }
}
