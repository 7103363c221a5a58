/**
 * Settings of boosting, the same for every site: part of what a model's hash covers.
 *
 * Source of the defaults: XGBoost's usual values (Chen and Guestrin 2016), 256 bins of which one is for missing values.
 */
import { refused } from './refusal.ts'

export interface BoostingSettings {
  /** 1–10,000. */
  readonly trees: number
  /** Levels of splits, 1–8. */
  readonly depth: number
  /** Slots of a histogram, a power of two from 8 to 256; the last one holds missing values. */
  readonly bins: number
  readonly learningRate: number
  /** L2 on leaf values, in rows. */
  readonly lambda: number
  /** Least gain of a split, in squared units of the target. */
  readonly gamma: number
  /** Least weight of rows on either side of a split, 1 or more. */
  readonly minChildWeight: number
  /** `squared`, or the pinball loss of a quantile in (0, 1). */
  readonly loss: 'squared' | { readonly quantile: number }
  /** What counts as one unit of the target, a public constant: gradients are whole multiples of unit / 65,536. */
  readonly unit: number
}

const BOOSTING_DEFAULTS: BoostingSettings = {
  trees: 100,
  depth: 6,
  bins: 256,
  learningRate: 0.1,
  lambda: 1,
  gamma: 0,
  minChildWeight: 1,
  loss: 'squared',
  unit: 1,
}

/** Gradient steps per unit of the target. */
export const STEPS_PER_UNIT = 65_536

/** The settings with defaults filled in. Throws `BAD_BOOSTING_SETTINGS`. */
export function boostingSettings(given: Partial<BoostingSettings> = {}): BoostingSettings {
  const settings = { ...BOOSTING_DEFAULTS, ...given }
  whole('trees', settings.trees, 1, 10_000)
  whole('depth', settings.depth, 1, 8)
  if (![8, 16, 32, 64, 128, 256].includes(settings.bins))
    throw bad('bins', settings.bins, 'a power of two from 8 to 256')
  within('learningRate', settings.learningRate, 1e-6, 1)
  within('lambda', settings.lambda, 0, 1e9)
  within('gamma', settings.gamma, 0, 1e9)
  within('minChildWeight', settings.minChildWeight, 1, 1e7)
  within('unit', settings.unit, 1e-9, 1e9)
  if (settings.loss !== 'squared') within('loss.quantile', settings.loss.quantile, 1e-6, 1 - 1e-6)
  return settings
}

function whole(field: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value)) throw bad(field, value, `a whole number from ${least} to ${most}`)
  within(field, value, least, most)
}

function within(field: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) throw bad(field, value, `from ${least} to ${most}`)
}

function bad(field: string, value: number, allowed: string): Error {
  return refused(
    'BAD_BOOSTING_SETTINGS',
    `${field} is outside what boosting allows`,
    { field, value, allowed },
    `set ${field} to ${allowed}`,
  )
}
