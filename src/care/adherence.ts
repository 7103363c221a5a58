/**
 * Adherence: how many of the prescribed doses were recorded, on days of which something is known.
 *
 * Method: whole local days inside the prescription and inside what was read; a day on which no insulin at all was recorded
 * says nothing and is counted apart; of the others, doses up to the prescribed number count, so that more on one day does
 * not make up for none on another.
 * Limit, stated: it is what was recorded, not what was taken; a pen that nobody wrote down looks like a dose that was missed.
 */
import type { Insulin } from '../series/index.ts'
import type { Prescribed, Prescription } from './signed-prescription.ts'

const DAY = 86_400

/** Which records of insulin count for what is prescribed. */
const COUNTS: Readonly<Record<Prescribed, readonly Insulin['delivery'][]>> = {
  bolus: ['bolus', 'rapid-acting', 'correction'],
  'long-acting': ['long-acting'],
}

export interface Adherence {
  /** Whole days on which some insulin was recorded. */
  readonly days: number
  /** Whole days on which none was, which say nothing. */
  readonly unknownDays: number
  /** Doses recorded, at most the prescribed number a day. */
  readonly doses: number
  /** Doses prescribed for the days that count. */
  readonly prescribed: number
  /** 0–100 %. */
  readonly percent: number
}

/**
 * Of the insulin that was read between two instants; undefined where no whole day that counts lies inside the prescription.
 */
export function adherence(
  { delivery, frequency, start, end }: Pick<Prescription['body'], 'delivery' | 'frequency' | 'start' | 'end'>,
  insulin: readonly Insulin[],
  read: { readonly from: number; readonly until: number },
): Adherence | undefined {
  const from = Math.max(start, read.from)
  const until = Math.min(end, read.until)
  const counts = new Map<number, number>()
  for (const { at, local, delivery: given } of insulin) {
    const midnight = at - (((local % DAY) + DAY) % DAY)
    if (midnight < from || midnight + DAY > until) continue
    const day = Math.floor(local / DAY)
    counts.set(day, (counts.get(day) ?? 0) + (COUNTS[delivery].includes(given) ? 1 : 0))
  }
  const days = counts.size
  if (days === 0) return undefined
  const doses = [...counts.values()].reduce((sum, count) => sum + Math.min(count, frequency), 0)
  const prescribed = days * frequency
  const shift = (insulin[0]?.local ?? 0) - (insulin[0]?.at ?? 0)
  const whole = Math.max(days, Math.floor((until + shift) / DAY) - Math.ceil((from + shift) / DAY))
  return { days, unknownDays: whole - days, doses, prescribed, percent: (100 * doses) / prescribed }
}
