/**
 * The report: everything a trace says, in one pass over its concepts.
 *
 * Law: the same readings in any order give the same report; what is unknown is null, never a made-up zero.
 */
import type { Glucose } from '../series/index.ts'
import { type GlucoseUnit, type LocalSeconds, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { cogi } from './cogi.ts'
import { type ControlIndex, controlIndex } from './control-index.ts'
import { type CurvePoint, profileCurve } from './curve.ts'
import { conga, mag, modd, rateOfChangeDeviation } from './day-to-day.ts'
import { type Distribution, distribution } from './distribution.ts'
import { type EpisodeSummary, episodeSummaries } from './episodes.ts'
import { estimatedA1c, gmi } from './gmi.ts'
import { type Grade, grade } from './grade.ts'
import { type Gri, glycemiaRiskIndex } from './gri.ts'
import { glycemicVariabilityPercentage } from './gvp.ts'
import { mValue } from './m-value.ts'
import { type Mage, mage } from './mage.ts'
import { PRESETS, type Preset, type PresetName } from './presets.ts'
import { type ProfileBin, profileOf } from './profile.ts'
import { type RiskIndices, riskIndices } from './risk.ts'
import { type SdSubtypes, sdSubtypes } from './sd-subtypes.ts'
import {
  type BandShare,
  type GoalResult,
  goalResults,
  type TimeInRanges,
  timeInBands,
  timeInRanges,
  timeInTarget,
} from './time-in-range.ts'
import { type Trace, type TraceOptions, traceOf } from './trace.ts'
import {
  densestPeriod,
  isSufficient,
  SUFFICIENT_PERCENT,
  type Wear,
  wearBetween,
  wearOfLastDays,
} from './wear.ts'

export interface ReportOptions extends TraceOptions {
  /** Which ranges and goals apply; default standard. */
  readonly range?: PresetName
}

/** A stretch of a sparse trace that can be judged better than the whole. */
export interface DensePeriod {
  readonly from: UnixSeconds
  readonly to: UnixSeconds
  readonly fromLocal: LocalSeconds
  readonly wear: Wear
}

export interface Report {
  readonly preset: Preset
  readonly readings: number
  /** Textual Low and High among the readings. */
  readonly low: number
  readonly high: number
  readonly from: UnixSeconds | null
  readonly to: UnixSeconds | null
  readonly fromLocal: LocalSeconds | null
  readonly toLocal: LocalSeconds | null
  /** The unit most readings were written in: the one for people to read. */
  readonly unit: GlucoseUnit
  /** Days of 24 h from first to last reading; null without readings. */
  readonly days: number | null
  readonly stepMinutes: number
  /** Between first and last reading: the wear that is reported. */
  readonly wear: Wear
  /** Over the last 14 calendar days. */
  readonly recentWear: Wear
  readonly sufficient: boolean
  /** The fullest 14 days, named when the whole trace is worn below 70 %. */
  readonly dense: DensePeriod | null
  /** mg/dL. */
  readonly distribution: Distribution
  readonly cv: number | null
  readonly gmi: number | null
  readonly ea1c: number | null
  readonly shares: TimeInRanges
  readonly bands: readonly BandShare[]
  readonly timeInTarget: number | null
  readonly goals: readonly GoalResult[]
  readonly risk: RiskIndices
  readonly gri: Gri | null
  readonly jIndex: number | null
  readonly modd: number | null
  readonly conga1: number | null
  readonly conga24: number | null
  readonly mag: number | null
  readonly mage: Mage
  readonly mValue: number | null
  readonly grade: Grade | null
  readonly control: ControlIndex | null
  readonly cogi: number | null
  readonly gvp: number | null
  readonly sdRateOfChange: number | null
  readonly sds: SdSubtypes
  readonly episodes: readonly EpisodeSummary[]
  readonly profile: readonly ProfileBin[]
  /** For drawing only, and reckoned when it is asked for. */
  readonly curve: readonly CurvePoint[]
}

/** Reports on one person's glucose readings. Throws `NOT_A_GLUCOSE_VALUE`. */
export function report(readings: readonly Glucose[], options: ReportOptions = {}): Report {
  const trace = traceOf(readings, options)
  const preset = PRESETS[options.range ?? 'standard']
  const { samples, grid } = trace
  const spread = distribution(samples.value)
  const { mean, sd } = spread
  const shares = timeInRanges(trace)
  const wear = wearBetween(samples, trace.step)
  const first = samples.at[0]
  const last = samples.at[samples.at.length - 1]
  let drawn: Report['curve'] | undefined
  return {
    preset,
    readings: spread.n,
    low: trace.low,
    high: trace.high,
    from: first === undefined ? null : quantity<UnixSeconds>(first),
    to: last === undefined ? null : quantity<UnixSeconds>(last),
    fromLocal: localAt(samples.local, 0),
    toLocal: localAt(samples.local, samples.local.length - 1),
    unit: mostlyMmol(readings) ? 'mmol/L' : 'mg/dL',
    days: first === undefined || last === undefined ? null : (last - first) / 86_400,
    stepMinutes: trace.step / 60,
    wear,
    recentWear: wearOfLastDays(samples, trace.step),
    sufficient: isSufficient(wear, trace.step),
    dense: denseStretch(trace, wear),
    distribution: spread,
    cv: mean === null || sd === null ? null : (100 * sd) / mean,
    gmi: mean === null ? null : gmi(mean),
    ea1c: mean === null ? null : estimatedA1c(mean),
    shares,
    bands: timeInBands(trace, preset),
    timeInTarget: timeInTarget(trace, preset),
    goals: goalResults(trace, preset),
    risk: riskIndices(samples),
    gri: glycemiaRiskIndex(shares),
    jIndex: mean === null || sd === null ? null : 0.001 * (mean + sd) ** 2,
    modd: modd(grid),
    conga1: conga(grid, 1),
    conga24: conga(grid, 24),
    mag: mag(grid),
    mage: mage(grid),
    mValue: mValue(samples.value),
    grade: grade(samples.value),
    control: controlIndex(samples.value),
    cogi: cogi(shares, sd),
    gvp: glycemicVariabilityPercentage(grid),
    sdRateOfChange: rateOfChangeDeviation(grid),
    sds: sdSubtypes(grid),
    episodes: episodeSummaries(grid),
    profile: profileOf(samples, grid),
    get curve() {
      drawn ??= profileCurve(grid)
      return drawn
    },
  }
}

function denseStretch(trace: Trace, whole: Wear): DensePeriod | null {
  if (whole.percent === null || whole.percent >= SUFFICIENT_PERCENT) return null
  const stretch = densestPeriod(trace.samples)
  if (stretch === undefined || stretch.end - stretch.first === whole.readings) return null
  const at = trace.samples.at.subarray(stretch.first, stretch.end)
  return {
    from: quantity<UnixSeconds>(at[0] ?? 0),
    to: quantity<UnixSeconds>(at[at.length - 1] ?? 0),
    fromLocal: quantity<LocalSeconds>(trace.samples.local[stretch.first] ?? 0),
    wear: wearBetween({ at }, trace.step),
  }
}

function localAt(local: Float64Array, place: number): LocalSeconds | null {
  const value = local[place]
  return value === undefined ? null : quantity<LocalSeconds>(value)
}

function mostlyMmol(readings: readonly Glucose[]): boolean {
  let mmol = 0
  for (const reading of readings) if (reading.unit === 'mmol/L') mmol++
  return 2 * mmol > readings.length
}
