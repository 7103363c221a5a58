/**
 * The three range presets of the consensus with their bands and goals, for figures, drawings and text.
 *
 * Law: the bands of a preset cover every value exactly once, so their shares sum to 100 %.
 * Source: Battelino et al. 2019, Diabetes Care 42:1593, figure 1; ADA Standards of Care, section 6.
 */
import { T54, T63, T70, T140, T180, T250, type Threshold } from './thresholds.ts'

export type PresetName = 'standard' | 'older' | 'pregnancy'
export type BandName = 'very-low' | 'low' | 'target' | 'high' | 'very-high'

/** A band of glucose: target bands hold both borders, bands below hold their upper border in the next band up. */
export interface Band {
  readonly name: BandName
  /** Lower border; absent for the lowest band. */
  readonly from?: Threshold
  /** Upper border; absent for the highest band. */
  readonly to?: Threshold
}

/** A share of time to stay above or below, percent of readings. */
export interface Goal {
  readonly what: 'in-range' | 'below' | 'very-low' | 'above' | 'very-high'
  readonly border: Threshold | readonly [Threshold, Threshold]
  readonly relation: '>' | '<'
  readonly percent: number
}

export interface Preset {
  readonly name: PresetName
  readonly label: string
  readonly target: { readonly low: Threshold; readonly high: Threshold }
  /** From low to high. */
  readonly bands: readonly Band[]
  readonly goals: readonly Goal[]
}

const STANDARD: Preset = {
  name: 'standard',
  label: 'type 1 and type 2 diabetes',
  target: { low: T70, high: T180 },
  bands: [
    { name: 'very-low', to: T54 },
    { name: 'low', from: T54, to: T70 },
    { name: 'target', from: T70, to: T180 },
    { name: 'high', from: T180, to: T250 },
    { name: 'very-high', from: T250 },
  ],
  goals: [
    { what: 'in-range', border: [T70, T180], relation: '>', percent: 70 },
    { what: 'below', border: T70, relation: '<', percent: 4 },
    { what: 'very-low', border: T54, relation: '<', percent: 1 },
    { what: 'above', border: T180, relation: '<', percent: 25 },
    { what: 'very-high', border: T250, relation: '<', percent: 5 },
  ],
}

const OLDER: Preset = {
  name: 'older',
  label: 'older or high-risk people',
  target: { low: T70, high: T180 },
  bands: [
    { name: 'low', to: T70 },
    { name: 'target', from: T70, to: T180 },
    { name: 'high', from: T180, to: T250 },
    { name: 'very-high', from: T250 },
  ],
  goals: [
    { what: 'in-range', border: [T70, T180], relation: '>', percent: 50 },
    { what: 'below', border: T70, relation: '<', percent: 1 },
    { what: 'above', border: T180, relation: '<', percent: 50 },
    { what: 'very-high', border: T250, relation: '<', percent: 10 },
  ],
}

const PREGNANCY: Preset = {
  name: 'pregnancy',
  label: 'pregnancy with type 1 diabetes',
  target: { low: T63, high: T140 },
  bands: [
    { name: 'very-low', to: T54 },
    { name: 'low', from: T54, to: T63 },
    { name: 'target', from: T63, to: T140 },
    { name: 'high', from: T140 },
  ],
  goals: [
    { what: 'in-range', border: [T63, T140], relation: '>', percent: 70 },
    { what: 'below', border: T63, relation: '<', percent: 4 },
    { what: 'very-low', border: T54, relation: '<', percent: 1 },
    { what: 'above', border: T140, relation: '<', percent: 25 },
  ],
}

export const PRESETS: Readonly<Record<PresetName, Preset>> = {
  standard: STANDARD,
  older: OLDER,
  pregnancy: PREGNANCY,
}

/** Goal for the coefficient of variation, percent: at most 36 (Battelino 2019, table 1). */
export const CV_GOAL_PERCENT = 36
