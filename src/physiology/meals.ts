/**
 * What a person eats in a day: three meals, three snacks, at human hours and in human amounts.
 *
 * Source: the random scenario that simglucose ships (probabilities, hours and grams as in data-and-formats 4.1), with the
 * amounts spread 2.5 times wider, because the stock scenario is tidier than life (4.2).
 */
import type { Random } from './random.ts'

/** Carbohydrate eaten from a minute of the local day on. */
export interface PlannedMeal {
  /** 0–1439. */
  readonly minute: number
  readonly grams: number
}

const SPREAD_OF_GRAMS = 2.5
const LEAST_GRAMS = 5

/** Occasion: probability, hour, SD of the hour in minutes, grams, SD of grams. */
const OCCASIONS = [
  [0.95, 7, 60, 45, 10],
  [0.3, 9.5, 30, 10, 5],
  [0.95, 12, 60, 70, 10],
  [0.3, 15, 30, 10, 5],
  [0.95, 18, 60, 80, 10],
  [0.3, 21.5, 30, 10, 5],
] as const

/** One day's meals in order; `scale` multiplies grams, `shiftMinutes` moves the day. */
export function dayOfMeals(random: Random, scale: number, shiftMinutes: number): readonly PlannedMeal[] {
  const meals: PlannedMeal[] = []
  for (const [probability, hour, minutesSpread, grams, gramsSpread] of OCCASIONS) {
    const happens = random.chance(probability)
    const late = Math.max(-2, Math.min(2, random.normal())) * minutesSpread
    const amount = (grams + random.normal() * gramsSpread * SPREAD_OF_GRAMS) * scale
    if (!happens) continue
    const minute = Math.round(hour * 60 + late + shiftMinutes)
    meals.push({
      minute: Math.max(0, Math.min(1439, minute)),
      grams: Math.max(LEAST_GRAMS, Math.round(amount)),
    })
  }
  return meals.sort((a, b) => a.minute - b.minute)
}
