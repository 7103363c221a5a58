/**
 * The bolus formula: carbohydrate over ratio, plus correction, less insulin on board.
 *
 * Law: never negative. Source: the bolus calculator of pumps as in Walsh, Roberts, Bailey 2011, J Diabetes Sci Technol 5:129;
 * insulin on board: data/on-board.ts.
 */
import type { Grams, InsulinUnits, MgPerDl } from '../../vocabulary/index.ts'
import { quantity } from '../../vocabulary/index.ts'
import type { Therapy } from './therapy.ts'

/** Units each; `total` = max(0, meal + correction − onBoard). */
export interface FormulaTerms {
  readonly meal: InsulinUnits
  readonly correction: InsulinUnits
  readonly onBoard: InsulinUnits
  readonly total: InsulinUnits
}

/** The formula's dose; `corrects` false leaves the correction out (low or falling glucose). */
export function bolusFormula(
  therapy: Therapy,
  carbs: Grams,
  glucose: MgPerDl,
  onBoard: number,
  corrects = true,
): FormulaTerms {
  const meal = carbs / therapy.carbRatio
  const correction = corrects ? Math.max(0, glucose - therapy.target) / therapy.correctionFactor : 0
  return {
    meal: quantity<InsulinUnits>(meal),
    correction: quantity<InsulinUnits>(correction),
    onBoard: quantity<InsulinUnits>(onBoard),
    total: quantity<InsulinUnits>(Math.max(0, meal + correction - onBoard)),
  }
}
