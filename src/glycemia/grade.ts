/**
 * GRADE: glycaemic risk assessment diabetes equation, as clinicians weighed single values.
 *
 * Law: the three shares tell where the risk comes from and sum to 100 %.
 * Source: Hill et al. 2007, Diabet Med 24:753: 425 · (log10(log10(g in mmol/L)) + 0.16)², at most 50;
 * hypoglycaemia below 3.9 mmol/L (70 mg/dL), hyperglycaemia above 7.8 mmol/L (140 mg/dL). Its mmol/L is mg/dL ÷ 18.
 */

const MG_PER_MMOL_OF_GRADE = 18
const GRADE_LIMIT = 50
export const GRADE_HYPO_BELOW = 70
export const GRADE_HYPER_ABOVE = 140

export interface Grade {
  readonly grade: number
  /** Percent of the score; null when the score is 0. */
  readonly hypo: number | null
  readonly eu: number | null
  readonly hyper: number | null
}

function score(glucose: number): number {
  const mmol = glucose / MG_PER_MMOL_OF_GRADE
  // Towards 1 mmol/L the double logarithm falls without end: the score has reached its limit there.
  if (mmol <= 1) return GRADE_LIMIT
  return Math.min(GRADE_LIMIT, 425 * (Math.log10(Math.log10(mmol)) + 0.16) ** 2)
}

/** Scores of whole mg/dL up to 600, reckoned once. */
const WHOLE = Float64Array.from({ length: 601 }, (_, glucose) => score(glucose))

/** Mean score and where it comes from; null without values. Values in mg/dL. */
export function grade(values: Float64Array): Grade | null {
  if (values.length === 0) return null
  let all = 0
  let low = 0
  let high = 0
  for (let i = 0; i < values.length; i++) {
    const glucose = values[i] ?? 0
    const whole = glucose | 0
    const points = (whole === glucose ? WHOLE[whole] : undefined) ?? score(glucose)
    all += points
    if (glucose < GRADE_HYPO_BELOW) low += points
    else if (glucose > GRADE_HYPER_ABOVE) high += points
  }
  const percent = (part: number): number | null => (all === 0 ? null : (100 * part) / all)
  return {
    grade: all / values.length,
    hypo: percent(low),
    eu: percent(all - low - high),
    hyper: percent(high),
  }
}
