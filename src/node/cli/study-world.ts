/** The consortium of a data directory, opened for one act about studies and closed in order. */

import { openStudyDesk, type StudyDesk } from '../study/study-desk.ts'
import { type Consortium, openConsortium } from '../world/consortium.ts'
import type { ExitCode } from './outcome.ts'
import { startProgress } from './progress.ts'
import type { VerbContext } from './verb.ts'

/** Runs work over the studies of `--data`, founding the consortium where there is none. Throws `DATA_IN_USE`. */
export async function withStudyDesk(
  { data, terminal }: VerbContext,
  work: (desk: StudyDesk, consortium: Consortium) => Promise<ExitCode>,
): Promise<ExitCode> {
  let replay: ReturnType<typeof startProgress> | undefined
  const consortium = await openConsortium({
    directory: data,
    progress: (done, of) => {
      replay ??= startProgress('reading the ledger', of, terminal)
      replay.advance(done)
    },
  })
  replay?.finish()
  try {
    return await work(await openStudyDesk(consortium), consortium)
  } finally {
    await consortium.close()
  }
}
