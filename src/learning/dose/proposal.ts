/**
 * A proposed dose: the formula, bounded help of a learned model, reasons, and nothing that a pump could act on.
 *
 * Law: a proposal differs from the formula by at most a quarter, never exceeds the limits, never adds to the formula when
 * glucose is low or falling, is never negative, and is unsigned: only sign.ts makes a `SignedDose` of it.
 * Learned part: the dose inside the bounds whose predicted glucose three hours later is nearest to where the person wants
 * to be, among doses after which the predicted low stays above a floor.
 */
import { type Grams, type InsulinUnits, type MgPerDl, quantity } from '../../vocabulary/index.ts'
import { predictRow } from '../boosting/model.ts'
import { type Reason, reasonsOf } from '../explain/reasons-dose.ts'
import { treeShap } from '../explain/tree-shap.ts'
import type { DoseModel } from './dose-model.ts'
import type { FormulaTerms } from './formula.ts'
import { type History, historyOf, mealRow } from './meal-columns.ts'
import { observedMeals } from './observed-meals.ts'
import { type DoseRecord, type Situation, situationAt, type Withheld } from './situation.ts'
import { checkLimits, type DoseLimits } from './therapy.ts'

/** Which limit, if any, cut the dose. */
export type Cut = 'NONE' | 'MOST_UNITS' | 'MOST_ON_BOARD'

export interface Proposal {
  readonly state: 'unsigned'
  readonly units: InsulinUnits
  /** What the formula alone gives, inside the same limits. */
  readonly formulaUnits: InsulinUnits
  readonly formula: FormulaTerms
  /** Factor on the formula before limits and rounding, 1 ± share. */
  readonly factor: number
  readonly cut: Cut
  /** Predicted glucose about three hours later with this dose. */
  readonly later: MgPerDl
  /** One in ten times glucose is predicted to go lower than this. */
  readonly lowest: MgPerDl
  readonly reasons: readonly Reason[]
  /** Meals of this person that the model could look back on. */
  readonly mealsSeen: number
  /** Hash of the model that helped. */
  readonly model: string
  /** Instant it was made for, seconds since 1970 UTC; older than ten minutes it must be made anew. */
  readonly at: number
}

export type ProposalOutcome =
  | { readonly proposed: true; readonly proposal: Proposal }
  | { readonly proposed: false; readonly code: Withheld }

/** Days of history that are looked back on. */
const LOOK_BACK_SECONDS = 14 * 86_400
/** Meals needed before a model may change anything. */
const LEAST_HISTORY = 4
/** The predicted low (one in ten) that a dose beyond the formula must keep. */
const FLOOR = 85
const STEP = 0.05

/** Proposes a dose for a meal about to be eaten. Throws `BAD_LIMITS`, `BAD_THERAPY`, `BAD_MEAL`. */
export function proposeDose(
  model: DoseModel,
  record: DoseRecord,
  at: number,
  carbs: Grams,
  limits: DoseLimits,
): ProposalOutcome {
  checkLimits(limits)
  const situation = situationAt(record, at, carbs, limits)
  if ('withheld' in situation) return { proposed: false, code: situation.withheld }
  const history = historyOf(observedMeals(record, limits, at - LOOK_BACK_SECONDS, at))
  const factor = history.meals < LEAST_HISTORY ? 1 : bestFactor(model, situation, history, limits)
  const { units, cut } = limited(situation, factor, limits)
  const row = mealRow(situation, history, units)
  const { target } = situation.therapy
  return {
    proposed: true,
    proposal: {
      state: 'unsigned',
      units,
      formulaUnits: limited(situation, 1, limits).units,
      formula: situation.formula,
      factor,
      cut,
      later: quantity<MgPerDl>(target + predictRow(model.later, row)),
      lowest: quantity<MgPerDl>(target + predictRow(model.lowest, row)),
      reasons: reasonsOf(treeShap(model.later, row), model.later.columns, row),
      mealsSeen: history.meals,
      model: model.hash,
      at,
    },
  }
}

/** The factor on the formula whose outcome is best, between 1 − share and 1 + share. */
function bestFactor(model: DoseModel, situation: Situation, history: History, limits: DoseLimits): number {
  const { target } = situation.therapy
  const steps = Math.floor(limits.share / STEP + 1e-9)
  let best = 1
  let least = Number.POSITIVE_INFINITY
  for (let k = -steps; k <= (situation.mayAdd ? steps : 0); k++) {
    const factor = 1 + k * STEP
    const { units } = limited(situation, factor, limits)
    const row = mealRow(situation, history, units)
    const low = target + predictRow(model.lowest, row)
    // A low costs three times as much as a high of the same size.
    const cost = Math.abs(predictRow(model.later, row)) + 3 * Math.max(0, FLOOR - low)
    if (k > 0 && low < FLOOR) continue
    if (cost < least - 1e-9 || (Math.abs(cost - least) <= 1e-9 && Math.abs(k * STEP) < Math.abs(best - 1))) {
      best = factor
      least = cost
    }
  }
  return best
}

/** The formula times a factor inside the limits, rounded down to what the pen can give. */
function limited(
  { formula, onBoard, mayAdd }: Situation,
  factor: number,
  limits: DoseLimits,
): { readonly units: InsulinUnits; readonly cut: Cut } {
  const bounded = Math.max(1 - limits.share, Math.min(mayAdd ? 1 + limits.share : 1, factor))
  const wanted = formula.total * bounded
  const room = Math.max(0, limits.mostOnBoard - onBoard)
  const allowed = Math.min(wanted, limits.mostUnits, room)
  // 1e-9: twentieths have no exact binary form, and 0.15 must stay 0.15.
  const steps = Math.floor(allowed / limits.increment + 1e-9)
  const cut: Cut = allowed === wanted ? 'NONE' : allowed === room ? 'MOST_ON_BOARD' : 'MOST_UNITS'
  return { units: quantity<InsulinUnits>(Math.round(Math.max(0, steps) * limits.increment * 1e6) / 1e6), cut }
}
