/**
 * What is done to readings before windows are cut, as a list that stands beside every figure.
 *
 * Law: the steps run in the order they are listed, each says how many readings it took away, and none looks at a reading
 * that comes later. Scales are public constants, never fitted to the people at hand.
 */
import { GAP_LIMIT_SECONDS, segments } from '../../series/index.ts'
import { CHANGE_SCALE, LEVEL_CENTRE, LEVEL_SCALE, SLOPE_SCALE } from './features.ts'
import { type OutlierRule, withoutOutlierReadings } from './outlier-readings.ts'
import { RUN_CELLS, STEP_SECONDS } from './runs.ts'
import { type PersonTrace, withoutDoubledMinutes } from './trace.ts'

export interface TraceStep {
  readonly step: 'doubled-minutes' | OutlierRule['rule'] | 'gaps' | 'grid' | 'scale'
  /** The rule with its numbers, in words. */
  readonly what: string
  /** Readings taken away, of everybody. */
  readonly dropped: number
}

export interface SteppedTraces {
  readonly traces: readonly PersonTrace[]
  readonly steps: readonly TraceStep[]
}

/** Readings ready for the grid, and the record of how they became so. */
export function steppedTraces(traces: readonly PersonTrace[], rules: readonly OutlierRule[]): SteppedTraces {
  const single = traces.map((trace) => {
    const glucose = withoutDoubledMinutes(trace.glucose)
    return glucose === trace.glucose ? trace : { ...trace, glucose }
  })
  const judged = withoutOutlierReadings(single, rules)
  return {
    traces: judged.traces,
    steps: [
      {
        step: 'doubled-minutes',
        what: 'of the readings of one minute the first is kept',
        dropped: readingsOf(traces) - readingsOf(single),
      },
      ...rules.map((rule, i) => ({
        step: rule.rule,
        what: wordsOf(rule),
        dropped: judged.dropped[i] ?? 0,
      })),
      {
        step: 'gaps',
        what: `a silence of more than ${GAP_LIMIT_SECONDS / 60} minutes ends a run; a run needs ${(RUN_CELLS * STEP_SECONDS) / 3600} hours`,
        dropped: judged.traces.reduce((sum, trace) => sum + outsideRuns(trace), 0),
      },
      {
        step: 'grid',
        what: `a cell every ${STEP_SECONDS / 60} minutes from a run's first reading`,
        dropped: 0,
      },
      {
        step: 'scale',
        what: `level (g − ${LEVEL_CENTRE})/${LEVEL_SCALE}, change since the cell before /${SLOPE_SCALE}, targets (g − last)/${CHANGE_SCALE}, mg/dL`,
        dropped: 0,
      },
    ],
  }
}

/** The rules as part of a protocol's name; empty where there are none. */
export function outlierName(rules: readonly OutlierRule[]): string {
  const names = rules.map((rule) =>
    rule.rule === 'range' ? `range:${rule.low}-${rule.high}` : `jump:${rule.perMinute}/min`,
  )
  return names.length === 0 ? '' : ` outliers=${names.join(',')}`
}

function wordsOf(rule: OutlierRule): string {
  return rule.rule === 'range'
    ? `readings below ${rule.low} or above ${rule.high} mg/dL are dropped`
    : `a reading that moved faster than ${rule.perMinute} mg/dL a minute is dropped`
}

function readingsOf(traces: readonly PersonTrace[]): number {
  return traces.reduce((sum, { glucose }) => sum + glucose.at.length, 0)
}

/** Readings in stretches too short for a window. */
function outsideRuns({ glucose }: PersonTrace): number {
  return segments(glucose).reduce((sum, { first, end }) => {
    const seconds = (glucose.at[end - 1] ?? 0) - (glucose.at[first] ?? 0)
    return Math.floor(seconds / STEP_SECONDS) + 1 < RUN_CELLS ? sum + end - first : sum
  }, 0)
}
