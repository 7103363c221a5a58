/**
 * Time in ranges: which share of the readings lies in each band.
 *
 * Law: 70, 140 and 180 themselves are in range, 250 is level 1 and 54 is level 1; the shares of a preset sum to 100.
 * Source: Battelino et al. 2019, Diabetes Care 42:1593, table 2.
 */
import type { Band, BandName, Goal, Preset } from './presets.ts'
import { T54, T70, T140, T180, T250, type Threshold } from './thresholds.ts'
import type { Trace } from './trace.ts'

/** Readings strictly below a border, each judged in its own unit. */
export function countBelow(trace: Pick<Trace, 'judged' | 'mmol'>, border: Threshold): number {
  let n = 0
  for (let i = 0; i < trace.judged.length; i++) {
    if ((trace.judged[i] ?? 0) < (trace.mmol[i] === 1 ? border.mmol : border.mgdl)) n++
  }
  return n
}

/** Readings strictly above a border, each judged in its own unit. */
export function countAbove(trace: Pick<Trace, 'judged' | 'mmol'>, border: Threshold): number {
  let n = 0
  for (let i = 0; i < trace.judged.length; i++) {
    if ((trace.judged[i] ?? 0) > (trace.mmol[i] === 1 ? border.mmol : border.mgdl)) n++
  }
  return n
}

/** Shares of the readings at the fixed borders, percent 0–100; null without readings. */
export interface TimeInRanges {
  readonly below54: number | null
  readonly below70: number | null
  readonly from70to140: number | null
  readonly from70to180: number | null
  readonly above180: number | null
  readonly above250: number | null
}

/** Shares below, within and above the borders of the consensus, percent. */
export function timeInRanges(trace: Trace): TimeInRanges {
  const n = trace.judged.length
  if (n === 0) {
    return {
      below54: null,
      below70: null,
      from70to140: null,
      from70to180: null,
      above180: null,
      above250: null,
    }
  }
  const below70 = countBelow(trace, T70)
  const above180 = countAbove(trace, T180)
  const share = (count: number): number => (100 * count) / n
  return {
    below54: share(countBelow(trace, T54)),
    below70: share(below70),
    from70to140: share(n - below70 - countAbove(trace, T140)),
    from70to180: share(n - below70 - above180),
    above180: share(above180),
    above250: share(countAbove(trace, T250)),
  }
}

export interface BandShare {
  readonly name: BandName
  readonly band: Band
  /** 0–100; null without readings. */
  readonly percent: number | null
}

/** Share of the readings in each band of a preset, low to high; they sum to 100. */
export function timeInBands(trace: Trace, preset: Preset): readonly BandShare[] {
  const n = trace.judged.length
  return preset.bands.map((band) => ({
    name: band.name,
    band,
    percent: n === 0 ? null : (100 * countIn(trace, band)) / n,
  }))
}

function countIn(trace: Trace, band: Band): number {
  const n = trace.judged.length
  // Bands up to the target begin at their lower border; bands above it begin just beyond theirs.
  const isAbove = band.name === 'high' || band.name === 'very-high'
  const outsideBelow =
    band.from === undefined ? 0 : isAbove ? n - countAbove(trace, band.from) : countBelow(trace, band.from)
  const isBelow = band.name === 'low' || band.name === 'very-low'
  const outsideAbove =
    band.to === undefined ? 0 : isBelow ? n - countBelow(trace, band.to) : countAbove(trace, band.to)
  return n - outsideBelow - outsideAbove
}

/** Share of the readings in the target range of a preset, percent. */
export function timeInTarget(trace: Trace, preset: Preset): number | null {
  const n = trace.judged.length
  if (n === 0) return null
  return (100 * (n - countBelow(trace, preset.target.low) - countAbove(trace, preset.target.high))) / n
}

export interface GoalResult {
  readonly goal: Goal
  readonly percent: number | null
  /** Null without readings. */
  readonly met: boolean | null
}

/** Each goal of a preset with the share it speaks of and whether it is met. */
export function goalResults(trace: Trace, preset: Preset): readonly GoalResult[] {
  const n = trace.judged.length
  return preset.goals.map((goal) => {
    if (n === 0) return { goal, percent: null, met: null }
    const percent = (100 * countForGoal(trace, goal)) / n
    return { goal, percent, met: goal.relation === '>' ? percent > goal.percent : percent < goal.percent }
  })
}

function countForGoal(trace: Trace, goal: Goal): number {
  const { border } = goal
  if ('mgdl' in border) {
    return goal.what === 'above' || goal.what === 'very-high'
      ? countAbove(trace, border)
      : countBelow(trace, border)
  }
  return trace.judged.length - countBelow(trace, border[0]) - countAbove(trace, border[1])
}
