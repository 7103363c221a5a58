/**
 * The story as lines of text: one per step, one per check, as they happen.
 */
import type { StoryWatcher } from '../story/play.ts'

export interface LineStyle {
  readonly colour: boolean
  /** Every check, not only those that failed. */
  readonly checks: boolean
}

/** A watcher that writes lines. */
export function storyLines(write: (text: string) => void, style: LineStyle): StoryWatcher {
  const paint = (code: number, text: string): string =>
    style.colour ? `\u001b[${code}m${text}\u001b[0m` : text
  let title = ''
  return {
    begun: (_, next) => {
      title = next
      if (style.checks) write(`${paint(1, next)}\n`)
    },
    checked: (_, { what, ok, saw }) => {
      const mark = ok ? paint(32, 'ok') : paint(31, 'FAILED')
      if (style.checks || !ok) write(`  ${mark} ${what}: ${paint(2, saw)}\n`)
    },
    underway: (_, words) => {
      if (style.checks) write(`  ${paint(2, words)}\n`)
    },
    ended: ({ ok, seconds, checks }) => {
      if (style.checks) return
      const count = `${checks.length} ${checks.length === 1 ? 'check' : 'checks'}`
      write(`  ${ok ? paint(32, 'ok') : paint(31, 'FAILED')} ${title} (${count}, ${seconds.toFixed(1)} s)\n`)
    },
    counted: () => undefined,
    opened: () => undefined,
  }
}
