/**
 * What a forecaster is given about one person: glucose in mg/dL and, where they were recorded, boluses and carbohydrate.
 *
 * Law: times ascend; minutes that occur twice keep their first reading (Protocol W), so that a doubled row adds nothing.
 */
import type { Samples } from '../../series/index.ts'

/** Doses or meals: instants ascending, amounts in U or g. */
export interface Events {
  /** Seconds since 1970 UTC. */
  readonly at: Float64Array
  readonly amount: Float64Array
}

export interface PersonTrace {
  /** The caller's pseudonym; it enters the data hash and nothing else. */
  readonly id: string
  /** Glucose, mg/dL, ascending by instant. */
  readonly glucose: Samples
  /** Rapid-acting insulin, U; absent where nothing was recorded. */
  readonly boluses?: Events
  /** Carbohydrate, g; absent where nothing was recorded. */
  readonly meals?: Events
}

/** The readings without those whose minute was already seen. */
export function withoutDoubledMinutes(samples: Samples): Samples {
  const { at, local, value } = samples
  const kept: number[] = []
  let minute = Number.NEGATIVE_INFINITY
  for (let i = 0; i < at.length; i++) {
    const own = Math.floor((at[i] ?? 0) / 60)
    if (own === minute || !Number.isFinite(value[i])) continue
    kept.push(i)
    minute = own
  }
  if (kept.length === at.length) return samples
  const pick = (column: Float64Array): Float64Array => Float64Array.from(kept, (i) => column[i] ?? 0)
  return { at: pick(at), local: pick(local), value: pick(value) }
}
