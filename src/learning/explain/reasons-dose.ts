/**
 * Reasons of a dose in plain words: what was seen and how far it moved the predicted glucose, strongest first.
 *
 * Law: the words say what the model saw and how it moved the prediction, never a cause; no reason is left out that is
 * larger than one that is named. They hold health values: for the record of the person and nowhere else.
 */
export interface Reason {
  /** A column of the model, or `own meals at this hour`. */
  readonly column: string
  /** mg/dL by which it moves what is predicted. */
  readonly effect: number
  readonly words: string
}

/** Below this a reason is not worth a line, mg/dL. */
const LEAST_EFFECT = 1
const MOST_REASONS = 4

const whole = (value: number): string => String(Math.round(Math.abs(value)))
const side = (value: number): string => (value < 0 ? 'below' : 'above')

/** What each column says of its value. */
const SAID: Readonly<Record<string, (value: number) => string>> = {
  'glucose above target': (v) => `glucose now is ${whole(v)} mg/dL ${side(v)} the target`,
  'rate of glucose': (v) =>
    `glucose is ${v < 0 ? 'falling' : 'rising'} by ${Math.abs(v).toFixed(1)} mg/dL a minute`,
  carbohydrate: (v) => `the meal has ${whole(v)} g of carbohydrate`,
  'rise expected of the meal': (v) =>
    `without insulin the meal would raise glucose by about ${whole(v)} mg/dL`,
  'fall expected of insulin on board': (v) =>
    `insulin still acting can lower glucose by about ${whole(v)} mg/dL`,
  'dose beyond the formula': (v) =>
    Math.abs(v) < 0.5
      ? 'the dose is the formula’s'
      : `the dose is ${side(v)} the formula by what moves glucose about ${whole(v)} mg/dL`,
  'end of earlier meals above target': (v) =>
    `earlier meals ended on average ${whole(v)} mg/dL ${side(v)} the target`,
  'end of earlier meals per unit of effect': (v) =>
    `earlier doses were about ${whole(100 * v)} % too ${v < 0 ? 'strong' : 'weak'}`,
  'lowest after earlier meals above target': (v) =>
    `the lowest after earlier meals was on average ${whole(v)} mg/dL ${side(v)} the target`,
  'worst low after earlier meals above target': (v) =>
    `the lowest after any earlier meal was ${whole(v)} mg/dL ${side(v)} the target`,
  'end of meals at this hour above target': (v) =>
    `meals at this hour ended on average ${whole(v)} mg/dL ${side(v)} the target`,
  'lowest after meals at this hour above target': (v) =>
    `the lowest after meals at this hour was on average ${whole(v)} mg/dL ${side(v)} the target`,
  'earlier meals': (v) => `${whole(v)} earlier meals are known`,
  'correction factor': (v) => `one unit is set to lower glucose by ${whole(v)} mg/dL`,
  'forecast in 30 minutes above target': (v) =>
    `before the meal, glucose in half an hour is forecast ${whole(v)} mg/dL ${side(v)} the target`,
  'forecast in 60 minutes above target': (v) =>
    `before the meal, glucose in an hour is forecast ${whole(v)} mg/dL ${side(v)} the target`,
  'low side of the forecast in 30 minutes above target': (v) =>
    `before the meal, one time in twenty glucose in half an hour is forecast under ${whole(v)} mg/dL ${side(v)} the target`,
  'low side of the forecast in 60 minutes above target': (v) =>
    `before the meal, one time in twenty glucose in an hour is forecast under ${whole(v)} mg/dL ${side(v)} the target`,
  'carbohydrate ratio': (v) => `one unit is set to cover ${v.toFixed(1)} g`,
}

/** What a prediction is made of, mg/dL. */
interface Parts {
  readonly of: 'later' | 'lowest'
  readonly effects: readonly number[]
  readonly ownMeals: number
}

/** The strongest parts in words; effects in mg/dL. `row`: the values that were explained. */
export function reasonsOf(
  { of, effects, ownMeals }: Parts,
  columns: readonly string[],
  row: Float32Array,
): readonly Reason[] {
  const predicted = of === 'later' ? 'the predicted glucose' : 'the expected low'
  const reason = (column: string, effect: number, said: string): Reason => ({
    column,
    effect,
    words: `${said}: ${effect < 0 ? 'lowers' : 'raises'} ${predicted} by ${whole(effect)} mg/dL`,
  })
  return columns
    .map((column, c) => {
      const value = row[c] ?? Number.NaN
      const said = Number.isNaN(value) ? `${column} is unknown` : (SAID[column]?.(value) ?? column)
      return reason(column, effects[c] ?? 0, said)
    })
    .concat(reason('own meals at this hour', ownMeals, 'how this person’s own meals at this hour ended'))
    .filter(({ effect }) => Math.abs(effect) >= LEAST_EFFECT)
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))
    .slice(0, MOST_REASONS)
}
