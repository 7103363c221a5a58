/**
 * Habits: what makes one person's, and one institution's, data differ from another's.
 *
 * Law: institutions in a federation are not alike; each draws its own mix of ages, missed boluses, meals, devices and
 * wear, so that a method that only works on equal sites shows it.
 * Source: extras of data-and-formats 4.2.
 */
import type { GlucoseUnit } from '../vocabulary/index.ts'
import type { AgeGroup } from './patient.ts'
import { type Random, randomStream } from './random.ts'
import { FIFTEEN_MINUTE_SENSOR, FIVE_MINUTE_SENSOR, type SensorModel } from './sensor.ts'

/** What the people of one place have in common. */
export interface SiteHabits {
  /** Shares of adults, adolescents and children; they sum to 1. */
  readonly ages: Readonly<Record<AgeGroup, number>>
  /** Probability that a meal goes without its bolus. */
  readonly missedBolus: number
  /** Factor on grams eaten. */
  readonly mealScale: number
  /** Minutes by which meals come later than the stock hours. */
  readonly mealShiftMinutes: number
  /** SD of the logarithm of counted over eaten grams. */
  readonly countingError: number
  /** SD of the logarithm of the factor on insulin sensitivity from day to day. */
  readonly dayToDay: number
  readonly sensor: SensorModel
  readonly unit: GlucoseUnit
}

/** The habits the cohort's figures were checked with. */
export const USUAL_HABITS: SiteHabits = {
  ages: { adult: 1, adolescent: 0, child: 0 },
  missedBolus: 0.12,
  mealScale: 1,
  mealShiftMinutes: 0,
  countingError: 0.25,
  dayToDay: 0.2,
  sensor: FIVE_MINUTE_SENSOR,
  unit: 'mg/dL',
}

/** Habits of `sites` institutions, each its own; same seed, same habits. */
export function siteHabits(seed: number, sites: number): readonly SiteHabits[] {
  return Array.from({ length: sites }, (_, site) => drawSite(randomStream(seed, 'site', site)))
}

function drawSite(random: Random): SiteHabits {
  const weights = { adult: 1 + random.uniform(), adolescent: random.uniform(), child: random.uniform() / 2 }
  const total = weights.adult + weights.adolescent + weights.child
  const fifteen = random.chance(0.35)
  return {
    ages: {
      adult: weights.adult / total,
      adolescent: weights.adolescent / total,
      child: weights.child / total,
    },
    missedBolus: 0.04 + 0.16 * random.uniform(),
    mealScale: 0.85 + 0.3 * random.uniform(),
    mealShiftMinutes: Math.round(-45 + 120 * random.uniform()),
    countingError: 0.15 + 0.2 * random.uniform(),
    dayToDay: 0.15 + 0.1 * random.uniform(),
    sensor: {
      ...(fifteen ? FIFTEEN_MINUTE_SENSOR : FIVE_MINUTE_SENSOR),
      dropout: 0.01 + 0.09 * random.uniform(),
    },
    unit: random.chance(0.4) ? 'mmol/L' : 'mg/dL',
  }
}

/** What is one person's own. */
export interface Traits {
  /** Lasting factor on insulin sensitivity. */
  readonly sensitivity: number
  /** Minute of the local day at which sensitivity peaks. */
  readonly peakMinute: number
  /** Lasting factor on grams eaten. */
  readonly appetite: number
  /** Lasting factor on grams counted. */
  readonly counting: number
}

export function drawTraits(random: Random): Traits {
  return {
    sensitivity: Math.exp(0.08 * random.normal()),
    peakMinute: Math.floor(1440 * random.uniform()),
    appetite: Math.exp(0.12 * random.normal()),
    counting: Math.exp(0.08 * random.normal()),
  }
}
