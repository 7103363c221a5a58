/** What a care team wrote down for a person, and the hard limits of any proposed dose. */
import {
  type Facts,
  type Grams,
  type InsulinUnits,
  IsletError,
  type MgPerDl,
} from '../../vocabulary/index.ts'

export interface Therapy {
  /** Grams of carbohydrate that one unit covers, above 0. */
  readonly carbRatio: number
  /** Fall of glucose that one unit brings, mg/dL, above 0. */
  readonly correctionFactor: number
  /** Glucose that a correction aims at. */
  readonly target: MgPerDl
}

/** Beyond these no model and no setting reaches. */
export interface DoseLimits {
  /** Largest single dose. */
  readonly mostUnits: InsulinUnits
  /** Largest sum of this dose and insulin on board. */
  readonly mostOnBoard: InsulinUnits
  /** Share of the formula by which a proposal may differ, at most 0.25. */
  readonly share: number
  /** Below this glucose nothing is corrected and nothing is added. */
  readonly correctFrom: MgPerDl
  /** Falling faster than this nothing is corrected and nothing is added, mg/dL per minute, negative. */
  readonly fallingRate: number
  /** Below this glucose no dose is proposed at all: eating comes first. */
  readonly lowGlucose: MgPerDl
  /** Step of the pen or pump, rounded down to. */
  readonly increment: InsulinUnits
}

/** What no limit may be set beyond: a quarter of the formula. */
const MOST_SHARE = 0.25

export type DoseCode =
  | 'BAD_THERAPY'
  | 'BAD_LIMITS'
  | 'BAD_MEAL'
  | 'TOO_FEW_MEALS'
  | 'EFFECT_NOT_LEARNED'
  | 'BAD_DOSE_MODEL'
  | 'NOT_SIGNED'

export function doseRefused(code: DoseCode, message: string, facts: Facts, remedy: string): IsletError {
  return new IsletError(code, message, facts, { remedy })
}

/** Throws `BAD_THERAPY` where a ratio or the target is not a plausible number (ratio 0.5–200 g/U, factor 1–1000 mg/dL/U). */
export function checkTherapy({ carbRatio, correctionFactor, target }: Therapy): void {
  const fields = [
    ['carbRatio', carbRatio, 0.5, 200],
    ['correctionFactor', correctionFactor, 1, 1000],
    ['target', target, 80, 200],
  ] as const
  for (const [field, value, least, most] of fields) {
    if (value >= least && value <= most) continue
    throw doseRefused(
      'BAD_THERAPY',
      `${field} is not a plausible setting`,
      { field, least, most },
      `ask the care team for ${field}, from ${least} to ${most}`,
    )
  }
}

/** Throws `BAD_LIMITS` where a limit would allow more than the law of this room. */
export function checkLimits(limits: DoseLimits): void {
  const bad =
    !(limits.share >= 0 && limits.share <= MOST_SHARE) ||
    !(limits.mostUnits > 0 && limits.mostUnits <= 100) ||
    !(limits.mostOnBoard > 0 && limits.mostOnBoard <= 200) ||
    !(limits.correctFrom >= 100) ||
    !(limits.fallingRate <= 0 && limits.fallingRate >= -2) ||
    !(limits.lowGlucose >= 70) ||
    !(limits.increment > 0 && limits.increment <= 1)
  if (bad)
    throw doseRefused(
      'BAD_LIMITS',
      'these limits are wider than the law of dose support allows',
      { mostShare: MOST_SHARE },
      'keep share ≤ 0.25, correctFrom ≥ 100, lowGlucose ≥ 70, fallingRate from −2 to 0',
    )
}

/** Grams of carbohydrate as announced. Throws `BAD_MEAL` outside 0–500. */
export function checkCarbs(carbs: Grams): void {
  if (carbs >= 0 && carbs <= 500) return
  throw doseRefused(
    'BAD_MEAL',
    'the carbohydrate is not a plausible amount',
    { most: 500 },
    'state grams from 0 to 500',
  )
}
