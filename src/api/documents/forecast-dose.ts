/** `islet.forecast.dose/1` and `islet.forecast.train-doses/1`: a proposed dose, unsigned, and the model behind it. */
import { type Static, Type } from 'typebox'
import { orNull } from '../shapes.ts'

const count = Type.Integer({ minimum: 0 })
const figure = Type.Number()
const hash = Type.String({ pattern: '^[0-9a-f]{64}$' })

const Model = Type.Object({
  sha256: hash,
  kind: Type.Union([Type.Literal('boosting'), Type.Literal('hybrid')]),
  simulated: Type.Boolean({ description: 'it learned from virtual patients' }),
})

const Proposal = Type.Object({
  state: Type.Literal('unsigned', { description: 'no dose until a clinician has signed the digest' }),
  units: Type.Number({ minimum: 0 }),
  formula_units: Type.Number({ minimum: 0, description: 'the formula alone, inside the same limits' }),
  factor: Type.Number({ minimum: 0.75, maximum: 1.25, description: 'on the formula, before limits' }),
  choice: Type.Union([
    Type.Literal('TOO_FEW_MEALS'),
    Type.Literal('AS_FORMULA'),
    Type.Literal('LESS_AGAINST_LOW'),
    Type.Literal('MORE_TOWARD_TARGET'),
  ]),
  cut: Type.Union([Type.Literal('NONE'), Type.Literal('MOST_UNITS'), Type.Literal('MOST_ON_BOARD')]),
  later_mgdl: Type.Number({ description: 'predicted about three hours after the meal, with this dose' }),
  lowest_mgdl: Type.Number({ description: 'one in ten times glucose is predicted to go lower' }),
  meals_seen: count,
  reasons: Type.Array(Type.Object({ column: Type.String(), effect_mgdl: figure, words: Type.String() })),
  explanation: Type.Object(
    {
      of: Type.Union([Type.Literal('later'), Type.Literal('lowest')]),
      base_mgdl: figure,
      effects: Type.Array(Type.Object({ column: Type.String(), effect_mgdl: figure })),
      own_meals_mgdl: figure,
    },
    { description: 'base + effects (Shapley values) + own meals = the prediction that it is of' },
  ),
  digest: Type.String({
    pattern: '^[0-9a-f]{64}$',
    description: 'what a clinician signs: SHA-256 of the proposal',
  }),
})

export const ForecastDoseDocument = Type.Object(
  {
    schema: Type.Literal('islet.forecast.dose/1'),
    state: Type.Literal('unsigned'),
    model: Model,
    person: Type.String(),
    at: Type.String({ description: 'the instant it was made for, RFC 3339' }),
    valid_until: Type.String({ description: 'later it must be made anew' }),
    meal: Type.Object({ carbs_grams: figure }),
    therapy: Type.Object({
      carb_ratio_grams_per_unit: figure,
      correction_factor_mgdl_per_unit: figure,
      target_mgdl: figure,
    }),
    limits: Type.Object({
      share_percent: Type.Number({ minimum: 0, maximum: 25 }),
      most_units: figure,
      most_on_board_units: figure,
      correct_from_mgdl: figure,
      falling_mgdl_per_minute: figure,
      low_mgdl: figure,
      increment_units: figure,
    }),
    formula: orNull(
      Type.Object({
        glucose_mgdl: figure,
        rate_mgdl_per_minute: figure,
        meal_units: figure,
        correction_units: figure,
        on_board_units: figure,
        total_units: figure,
      }),
    ),
    proposal: orNull(Proposal),
    withheld: orNull(
      Type.Object({ code: Type.String({ pattern: '^[A-Z][A-Z0-9_]*$' }), why: Type.String() }),
    ),
    assumes: Type.Array(Type.String(), { description: 'what the files cannot prove' }),
  },
  { $id: 'islet.forecast.dose/1', title: 'A proposed dose, unsigned' },
)
export type ForecastDoseDocument = Static<typeof ForecastDoseDocument>

export const ForecastTrainDosesDocument = Type.Object(
  {
    schema: Type.Literal('islet.forecast.train-doses/1'),
    model: Type.Object({ path: Type.String(), ...Model.properties }),
    data: Type.Object({ people: count, meals_train: count, meals_test: count }),
    rows: Type.Array(
      Type.Object({
        model: Type.String(),
        later_rmse_mgdl: orNull(figure),
        low_loss_mgdl: orNull(Type.Number({ description: 'pinball loss of the expected low, one in ten' })),
        below_low_percent: orNull(
          Type.Number({ description: 'meals that went lower than the expected low; 10 is calibrated' }),
        ),
      }),
    ),
  },
  { $id: 'islet.forecast.train-doses/1', title: 'A dose model trained for use' },
)
export type ForecastTrainDosesDocument = Static<typeof ForecastTrainDosesDocument>
