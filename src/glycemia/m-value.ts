/**
 * M-value: how far glucose strays from a reference on a logarithmic scale, low and high alike.
 *
 * Source: Schlichtkrull et al. 1965, Acta Med Scand 177:95, without the correction for few samples (W/20), which the
 * authors meant for series of finger sticks.
 */

/** Reference of a person without diabetes, mg/dL. */
export const M_VALUE_REFERENCE = 90

/** Mean of |10 log10(g / 90)|³; null without values. Values in mg/dL. */
export function mValue(values: Float64Array, reference: number = M_VALUE_REFERENCE): number | null {
  if (values.length === 0) return null
  let sum = 0
  for (let i = 0; i < values.length; i++) {
    const decibel = Math.abs(10 * Math.log10((values[i] ?? reference) / reference))
    sum += decibel * decibel * decibel
  }
  return sum / values.length
}
