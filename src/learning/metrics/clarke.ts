/**
 * Clarke's error grid: what acting on a forecast would do to the person.
 *
 * Law: every pair lies in exactly one zone. On a border the first rule that holds decides, in the order A, E, C, D, B, as in
 * the implementations in common use, so that shares compare.
 * Source: Clarke et al. 1987, Diabetes Care 10:622–628; the lines as given there: ±20 % or both at most 70 (A), 110 mg/dL
 * above or 7/5·(reference − 130) below (C), 175/3 and 6/5 of the reference at the lower left, 240 at the right (D), 180
 * against 70 (E).
 */

export type Zone = 'A' | 'B' | 'C' | 'D' | 'E'

/** The zone of a pair, both in mg/dL. */
export function clarkeZone(reference: number, forecast: number): Zone {
  if (reference <= 70 && forecast <= 70) return 'A'
  if (Math.abs(forecast - reference) <= 0.2 * reference) return 'A'
  if ((reference >= 180 && forecast <= 70) || (reference <= 70 && forecast >= 180)) return 'E'
  if (reference >= 70 && reference <= 290 && forecast >= reference + 110) return 'C'
  if (reference >= 130 && reference <= 180 && forecast <= (7 / 5) * reference - 182) return 'C'
  if (reference >= 240 && forecast >= 70 && forecast <= 180) return 'D'
  if (reference <= 175 / 3 && forecast >= 70 && forecast <= 180) return 'D'
  if (reference >= 175 / 3 && reference <= 70 && forecast >= (6 / 5) * reference) return 'D'
  return 'B'
}
