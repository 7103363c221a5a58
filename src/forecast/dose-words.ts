/** A proposed dose in words: the formula, what the model would change, why, and that nobody has signed it. */
import type { ForecastDoseDocument } from '../api/documents.door.ts'

type Proposal = NonNullable<ForecastDoseDocument['proposal']>

const CHOSEN: Readonly<Record<string, string>> = {
  TOO_FEW_MEALS: 'the formula’s: fewer than four earlier meals with a known outcome',
  AS_FORMULA: 'the formula’s: the model sees no reason to leave it',
  LESS_AGAINST_LOW: 'less than the formula, because glucose could go low',
  MORE_TOWARD_TARGET: 'more than the formula, because glucose would stay high with room above the low',
}
const CUTS: Readonly<Record<string, string>> = {
  MOST_UNITS: 'cut to the largest single dose',
  MOST_ON_BOARD: 'cut so that with insulin on board it stays under its limit',
}

export function doseWords(document: ForecastDoseDocument): string {
  const { person, at, meal, formula, proposal, withheld, model } = document
  const head = `Person ${person}, ${at}, a meal of ${meal.carbs_grams} g`
  if (withheld !== null) return `${head}\nNo dose is proposed: ${withheld.why} (${withheld.code})\n`
  return `${[
    head,
    ...(formula === null
      ? []
      : [
          `now ${formula.glucose_mgdl.toFixed(0)} mg/dL, ${formula.rate_mgdl_per_minute.toFixed(1)} mg/dL a minute`,
          `formula   ${formula.meal_units.toFixed(2)} meal + ${formula.correction_units.toFixed(2)} correction − ${formula.on_board_units.toFixed(2)} on board = ${formula.total_units.toFixed(2)} U`,
        ]),
    ...(proposal === null ? [] : proposalLines(proposal)),
    `model     ${model.kind}, ${model.sha256.slice(0, 12)}…${model.simulated ? ', learned from virtual patients' : ''}`,
    ...document.assumes.map((line) => `assumes   ${line}`),
    'UNSIGNED: decision support for research. No dose until a clinician has signed the digest; ask anew after ten minutes.',
  ].join('\n')}\n`
}

function proposalLines(proposal: Proposal): readonly string[] {
  const { units, choice, cut, later_mgdl: later, lowest_mgdl: lowest, reasons, digest } = proposal
  const limited = CUTS[cut]
  return [
    `proposed  ${units.toFixed(2)} U, ${CHOSEN[choice] ?? choice}${limited === undefined ? '' : `; ${limited}`}`,
    `expected  ${later.toFixed(0)} mg/dL three hours later; one time in ten lower than ${lowest.toFixed(0)} mg/dL on the way`,
    ...reasons.map(({ words }, i) => `${i === 0 ? 'why      ' : '         '} ${words}`),
    `digest    ${digest}`,
  ]
}
