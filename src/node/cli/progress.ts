/**
 * Progress of long work on stderr: a bar on a terminal, a line every few seconds elsewhere, nothing for short work.
 */
import { SingleBar } from 'cli-progress'
import type { Terminal } from './outcome.ts'

export interface Progress {
  /** Sets how much is done, out of `total`, and what is being done now where that has a name. */
  readonly advance: (done: number, now?: string) => void
  readonly finish: () => void
}

const LINE_EVERY_MS = 2_000
const QUIET_FOR_MS = 700

/** Starts a progress display; it appears only once the work has lasted 0.7 s. */
export function startProgress(
  label: string,
  total: number,
  terminal: Terminal,
  clock: () => number = Date.now,
): Progress {
  const started = clock()
  let lastLine = started
  let bar: SingleBar | undefined
  return {
    advance: (reached, doing) => {
      const now = clock()
      // Some totals are estimates: what is under way is never shown as more than all of it.
      const done = Math.min(reached, total)
      const what = doing === undefined ? '' : ` · ${doing}`
      if (now - started < QUIET_FOR_MS) return
      if (terminal.interactive) {
        if (bar === undefined) {
          bar = new SingleBar({
            format: `${label} [{bar}] {percentage}% · {eta_formatted} left{what}`,
            stream: process.stderr,
            hideCursor: true,
            clearOnComplete: true,
          })
          bar.start(total, done, { what })
        }
        bar.update(done, { what })
      } else if (now - lastLine >= LINE_EVERY_MS) {
        lastLine = now
        terminal.err(`${label}: ${total > 0 ? Math.floor((100 * done) / total) : 0} %${what}\n`)
      }
    },
    finish: () => bar?.stop(),
  }
}
