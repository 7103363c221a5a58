/**
 * Hyperglycaemia index, hypoglycaemia index and their sum, the index of glycaemic control.
 *
 * Source: Rodbard 2009, Diabetes Technol Ther 11 Suppl 1:S55: limits 140 and 80 mg/dL, exponents 1.1 and 2, scale 30.
 */

const UPPER_LIMIT = 140
const LOWER_LIMIT = 80
const HYPER_EXPONENT = 1.1
const HYPO_EXPONENT = 2
const SCALE = 30

export interface ControlIndex {
  readonly hyperIndex: number
  readonly hypoIndex: number
  readonly igc: number
}

/** The three indices; null without values. Values in mg/dL. */
export function controlIndex(values: Float64Array): ControlIndex | null {
  if (values.length === 0) return null
  let high = 0
  let low = 0
  for (let i = 0; i < values.length; i++) {
    const glucose = values[i] ?? 0
    if (glucose > UPPER_LIMIT) high += (glucose - UPPER_LIMIT) ** HYPER_EXPONENT
    else if (glucose < LOWER_LIMIT) low += (LOWER_LIMIT - glucose) ** HYPO_EXPONENT
  }
  const hyperIndex = high / (values.length * SCALE)
  const hypoIndex = low / (values.length * SCALE)
  return { hyperIndex, hypoIndex, igc: hyperIndex + hypoIndex }
}
