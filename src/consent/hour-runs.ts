/**
 * Hours of each kind, told as runs: what a search answers, a log entry names, and a reading says is damaged.
 */
import { type HourWindow, type Kind, quantity, type UtcHour } from '../vocabulary/index.ts'

export type HourRuns = readonly (HourWindow & { readonly kind: Kind })[]

/** Hours that lie side by side, joined; the places come by kind and in order of time. */
export function hourRuns(
  places: Iterable<{ readonly kind: Kind; readonly hour: UtcHour | number }>,
): HourRuns {
  const runs: { kind: Kind; first: UtcHour; end: UtcHour }[] = []
  for (const { kind, hour } of places) {
    const last = runs.at(-1)
    if (last?.kind === kind && (last.end === hour || last.end === hour + 1))
      last.end = quantity<UtcHour>(hour + 1)
    else runs.push({ kind, first: quantity<UtcHour>(hour), end: quantity<UtcHour>(hour + 1) })
  }
  return runs
}
