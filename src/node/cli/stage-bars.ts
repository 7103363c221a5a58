/** The stages of verifying a dump as bars, one after the other. */
import type { VerifyStage } from '../../audit/index.ts'
import type { Terminal } from './outcome.ts'
import { type Progress, startProgress } from './progress.ts'

const LABELS: Readonly<Record<VerifyStage, string>> = {
  files: 'hashing files',
  replay: 'replaying the ledger',
  institutions: 'checking logs and slots',
}

/** One bar after the other. */
export function stageBars(terminal: Terminal) {
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
