/**
 * Risk of low and of high glucose: LBGI, HBGI and the average daily risk range.
 *
 * Law: a glucose of about 112.5 mg/dL carries no risk; risk grows to both sides on a scale made symmetric.
 * Source: Kovatchev et al. 1997, Diabetes Care 20:1655; ADRR: Kovatchev et al. 2006, Diabetes Care 29:2433.
 */
import type { Samples } from '../series/index.ts'

/** The symmetric scale f(g) = ln(g)^1.084 − 5.381, g in mg/dL. */
function symmetric(glucose: number): number {
  return Math.log(Math.max(glucose, 1)) ** 1.084 - 5.381
}

/** f of whole mg/dL up to 600, reckoned once: a power and a logarithm per reading are most of the cost. */
const WHOLE = Float64Array.from({ length: 601 }, (_, glucose) => symmetric(glucose))

function scaledRisk(glucose: number): number {
  // A number with a fraction is no place in a table; asking with one all the same is slow.
  const whole = glucose | 0
  return (whole === glucose ? WHOLE[whole] : undefined) ?? symmetric(glucose)
}

/** 10 · (1.509 f)² written out as in Kovatchev 1997. */
function risk(scaled: number): number {
  return 22.77 * scaled * scaled
}

export interface RiskIndices {
  readonly lbgi: number | null
  readonly hbgi: number | null
  /** Mean over local days of the day's largest low risk plus its largest high risk. */
  readonly adrr: number | null
}

/** LBGI, HBGI and ADRR of samples in mg/dL; null without samples. */
export function riskIndices(samples: Samples): RiskIndices {
  const n = samples.value.length
  if (n === 0) return { lbgi: null, hbgi: null, adrr: null }
  let low = 0
  let high = 0
  const days = new Map<number, { low: number; high: number }>()
  let today = Number.NaN
  let worst = { low: 0, high: 0 }
  for (let i = 0; i < n; i++) {
    const day = Math.floor((samples.local[i] ?? 0) / 86_400)
    if (day !== today) {
      today = day
      worst = days.get(day) ?? { low: 0, high: 0 }
      days.set(day, worst)
    }
    const scaled = scaledRisk(samples.value[i] ?? 0)
    const weight = risk(scaled)
    if (scaled < 0) {
      low += weight
      worst.low = Math.max(worst.low, weight)
    } else {
      high += weight
      worst.high = Math.max(worst.high, weight)
    }
  }
  let range = 0
  for (const day of days.values()) range += day.low + day.high
  return { lbgi: low / n, hbgi: high / n, adrr: range / days.size }
}
