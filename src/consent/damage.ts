/**
 * What of a reading is not what was recorded: the rest is read, and this is left out and told.
 *
 * Laws: a chunk counts as damaged where it does not open or where its leaf is not under the root of its slot, whoever is to
 * blame; nothing of it stands among the records; an hour of which any chunk is damaged is told as damaged.
 * Limit: who reads cannot tell a disk that failed from a custodian that keeps something back.
 */
import type { ReadChunk } from './holder.ts'
import { type HourRuns, hourRuns } from './hour-runs.ts'

/** Whether a chunk is not what was recorded. */
export function isDamaged({ code, anchor }: Pick<ReadChunk, 'code' | 'anchor'>): boolean {
  return code !== 'OPENED' || anchor.code === 'NOT_UNDER_ROOT'
}

/** The hours of which something is damaged. */
export function damagedHours(chunks: readonly ReadChunk[]): HourRuns {
  return hourRuns(chunks.filter(isDamaged).map(({ place }) => place))
}

/** How many hours the runs hold. */
export function hoursIn(runs: HourRuns): number {
  return runs.reduce((sum, { first, end }) => sum + end - first, 0)
}
