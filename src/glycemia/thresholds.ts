/**
 * The glucose thresholds of the consensus, each in both units, so that a value is judged in the unit it was written in.
 *
 * Law: nothing is converted to be judged (PROTOCOL 28). 10.0 mmol/L is in range, although 10.0 × 18.01559 > 180.
 * Source: Battelino et al. 2019, Diabetes Care 42:1593, tables 1 and 2; Battelino 2023, Lancet Diabetes Endocrinol 11:42.
 */

/** One border between bands, in both units. */
export interface Threshold {
  readonly mgdl: number
  readonly mmol: number
}

export const T54: Threshold = { mgdl: 54, mmol: 3.0 }
export const T63: Threshold = { mgdl: 63, mmol: 3.5 }
export const T70: Threshold = { mgdl: 70, mmol: 3.9 }
export const T140: Threshold = { mgdl: 140, mmol: 7.8 }
export const T180: Threshold = { mgdl: 180, mmol: 10.0 }
export const T250: Threshold = { mgdl: 250, mmol: 13.9 }
