/**
 * Rules for readings that no body makes, applied to a trace before the grid.
 *
 * Law: a rule judges a reading by itself and what came before it, so that online use stays free of the future; what was
 * dropped is counted. Source of the numbers: meters and sensors show 20–600 mg/dL; interstitial glucose hardly moves
 * faster than 10 mg/dL a minute (Dexcom and Libre cap shown trends at 3–5), so a faster jump is a fault of the sensor.
 */
import type { Samples } from '../../series/index.ts'
import type { PersonTrace } from './trace.ts'

export type OutlierRule =
  | { readonly rule: 'range'; readonly low: number; readonly high: number }
  /** Dropped when the step from the last kept reading, at most 15 minutes ago, is steeper. */
  | { readonly rule: 'jump'; readonly perMinute: number }

export const RANGE_RULE: OutlierRule = { rule: 'range', low: 20, high: 600 }
export const JUMP_RULE: OutlierRule = { rule: 'jump', perMinute: 10 }

const JUDGED_WITHIN_SECONDS = 900

/** Traces without the readings that a rule drops, and how many each rule dropped. */
export function withoutOutlierReadings(
  traces: readonly PersonTrace[],
  rules: readonly OutlierRule[],
): { readonly traces: readonly PersonTrace[]; readonly dropped: readonly number[] } {
  let current = traces
  const dropped = rules.map((rule) => {
    let count = 0
    current = current.map((trace) => {
      const kept = keptBy(rule, trace.glucose)
      count += trace.glucose.at.length - kept.length
      return kept.length === trace.glucose.at.length
        ? trace
        : { ...trace, glucose: pick(trace.glucose, kept) }
    })
    return count
  })
  return { traces: current, dropped }
}

function keptBy(rule: OutlierRule, { at, value }: Samples): readonly number[] {
  const kept: number[] = []
  for (let i = 0; i < at.length; i++) {
    const own = value[i] ?? 0
    if (rule.rule === 'range') {
      if (own >= rule.low && own <= rule.high) kept.push(i)
      continue
    }
    const before = kept.at(-1)
    const seconds = before === undefined ? Number.POSITIVE_INFINITY : (at[i] ?? 0) - (at[before] ?? 0)
    const jump = before === undefined ? 0 : Math.abs(own - (value[before] ?? 0))
    if (seconds > JUDGED_WITHIN_SECONDS || jump <= rule.perMinute * Math.max(1, seconds / 60)) kept.push(i)
  }
  return kept
}

function pick({ at, local, value }: Samples, kept: readonly number[]): Samples {
  const of = (column: Float64Array): Float64Array => Float64Array.from(kept, (i) => column[i] ?? 0)
  return { at: of(at), local: of(local), value: of(value) }
}
