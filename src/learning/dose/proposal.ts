/**
 * A proposed dose: the formula, bounded help of a learned model, reasons, and nothing that a pump could act on.
 *
 * Law: a proposal differs from the formula by at most a quarter, never exceeds the limits, never adds to the formula when
 * glucose is low, falling or was low in the last hours, is never negative, and is unsigned: only sign.ts makes a `SignedDose`
 * of it.
 * Learned part: where the expected low of the formula's dose is too low, less, as long as the meal still ends well under the
 * target: what ends higher is corrected at the next meal, and that correction was found to bring more lows than it saved.
 * Else the largest dose that leaves room to the low and does not end under the target. The floors were chosen on simulated
 * days (seeds 501–532) that no published table rests on.
 */
import { type Grams, type InsulinUnits, type MgPerDl, quantity } from '../../vocabulary/index.ts'
import { predictRow } from '../boosting/model.ts'
import { type Reason, reasonsOf } from '../explain/reasons-dose.ts'
import { treeShap } from '../explain/tree-shap.ts'
import { type Ahead, aheadOf } from './ahead.ts'
import type { DoseModel } from './dose-model.ts'
import type { FormulaTerms } from './formula.ts'
import { type History, historyOf, mealRow } from './meal-columns.ts'
import { observedMeals } from './observed-meals.ts'
import { type DoseRecord, type Situation, situationAt, type Withheld } from './situation.ts'
import { checkLimits, type DoseLimits } from './therapy.ts'

/** Which limit, if any, cut the dose. */
export type Cut = 'NONE' | 'MOST_UNITS' | 'MOST_ON_BOARD'

/** Why the formula was kept or left. */
export type Choice = 'TOO_FEW_MEALS' | 'AS_FORMULA' | 'LESS_AGAINST_LOW' | 'MORE_TOWARD_TARGET'

/** What a prediction is made of: `base` + Σ `effects` + `ownMeals` is the prediction, mg/dL. */
export interface Explanation {
  /** What decided: glucose later, or the expected low where the dose was lessened. */
  readonly of: 'later' | 'lowest'
  /** Mean prediction over the meals that taught the model. */
  readonly base: number
  /** Shapley values, one for each of the model's columns. */
  readonly effects: readonly number[]
  /** What this person's own meals at this hour add. */
  readonly ownMeals: number
}

export interface Proposal {
  readonly state: 'unsigned'
  readonly units: InsulinUnits
  /** What the formula alone gives, inside the same limits. */
  readonly formulaUnits: InsulinUnits
  readonly formula: FormulaTerms
  /** Factor on the formula before limits and rounding, 1 ± share. */
  readonly factor: number
  readonly choice: Choice
  readonly cut: Cut
  /** Predicted glucose about three hours later with this dose. */
  readonly later: MgPerDl
  /** One in ten times glucose is predicted to go lower than this. */
  readonly lowest: MgPerDl
  /** The strongest parts of the explanation, in words. */
  readonly reasons: readonly Reason[]
  readonly explanation: Explanation
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
/** Meals at this hour needed before the person's own outcomes count beside the model's. */
const LEAST_AT_HOUR = 2
const OWN_SHARE = 0.5
/** Below this expected low (one in ten) the dose is lessened, mg/dL. */
const LOW_FLOOR = 85
/** How far under the target a lessened dose must still be expected to end, mg/dL. */
const LESSENED_END = 10
/** Nothing is added beyond what keeps the expected low above this, mg/dL, and the later glucose at target or above. */
const ADD_FLOOR = 100
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
  const { target } = record.therapy
  const history = historyOf(observedMeals(record, limits, at - LOOK_BACK_SECONDS, at), at)
  const ahead = model.forecaster === undefined ? undefined : aheadOf(model.forecaster, record, at)
  const outcomeOf = outlook(model, situation, history, ahead)
  const factor = history.meals < LEAST_HISTORY ? 1 : chosenFactor(outcomeOf, situation, limits)
  const { units, cut } = limited(situation, factor, limits)
  const row = mealRow(situation, history, units, ahead)
  const { later, lowest } = outcomeOf(units)
  const choice = choiceOf(factor, history.meals)
  const explains = choice === 'LESS_AGAINST_LOW' ? 'lowest' : 'later'
  const { base, values } = treeShap(model[explains], row)
  const said = target + predictRow(model[explains], row)
  const explanation: Explanation = {
    of: explains,
    base: target + base,
    effects: Array.from(values),
    ownMeals: (explains === 'later' ? later : lowest) - said,
  }
  return {
    proposed: true,
    proposal: {
      state: 'unsigned',
      units,
      formulaUnits: limited(situation, 1, limits).units,
      formula: situation.formula,
      factor,
      choice,
      cut,
      later: quantity<MgPerDl>(later),
      lowest: quantity<MgPerDl>(lowest),
      reasons: reasonsOf(explanation, model[explains].columns, row),
      explanation,
      mealsSeen: history.meals,
      model: model.hash,
      at,
    },
  }
}

function choiceOf(factor: number, meals: number): Choice {
  if (meals < LEAST_HISTORY) return 'TOO_FEW_MEALS'
  if (factor === 1) return 'AS_FORMULA'
  return factor < 1 ? 'LESS_AGAINST_LOW' : 'MORE_TOWARD_TARGET'
}

interface Outcome {
  readonly later: number
  readonly lowest: number
}

/** What the model says of a dose, moved halfway to what this person's meals at this hour showed, where two are known. */
function outlook(
  model: DoseModel,
  situation: Situation,
  history: History,
  ahead: Ahead | undefined,
): (units: number) => Outcome {
  const { target } = situation.therapy
  const said = (units: number): Outcome => {
    const row = mealRow(situation, history, units, ahead)
    return { later: target + predictRow(model.later, row), lowest: target + predictRow(model.lowest, row) }
  }
  if (history.hourMeals < LEAST_AT_HOUR) return said
  const usual = said(situation.formula.total)
  const later = OWN_SHARE * (target + history.hourAbove - usual.later)
  const lowest = OWN_SHARE * (target + history.hourWorst - usual.lowest)
  return (units) => {
    const dose = said(units)
    return { later: dose.later + later, lowest: dose.lowest + lowest }
  }
}

/**
 * The factor on the formula, between 1 − share and 1 + share: as much less as keeps the low off and ends under the target,
 * or as much more as leaves room both to the low and to the target.
 */
function chosenFactor(
  outcomeOf: (units: number) => Outcome,
  situation: Situation,
  limits: DoseLimits,
): number {
  const steps = Math.floor(limits.share / STEP + 1e-9)
  const at = (k: number): Outcome => outcomeOf(limited(situation, 1 + k * STEP, limits).units)
  const highestEnd = situation.therapy.target - LESSENED_END
  let best = 0
  while (best > -steps && at(best).lowest < LOW_FLOOR && at(best - 1).later <= highestEnd) best--
  if (at(0).lowest < LOW_FLOOR) return 1 + best * STEP
  for (let k = 1; k <= (situation.mayAdd ? steps : 0); k++) {
    const { later, lowest } = at(k)
    if (lowest < ADD_FLOOR || later < situation.therapy.target) break
    best = k
  }
  return 1 + best * STEP
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
