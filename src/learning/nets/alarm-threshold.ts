/**
 * The forecast below which a low-glucose alarm is raised, so that a stated share of lows is foretold.
 *
 * Law: of all whole thresholds from 70 to 110 mg/dL that reach the wanted sensitivity on validation pairs, the one with
 * the best PPV, the lowest on a tie; chosen on validation only. A network trained on squares regresses towards the mean,
 * so an alarm at 70 itself misses lows that a higher threshold catches.
 */
import { HYPO_MGDL, type Warning, warning } from '../metrics/hypo.ts'
import type { Pairs } from '../metrics/point-errors.ts'

const HIGHEST = 110

export type AlarmChoice =
  | { readonly code: 'REACHED'; readonly threshold: number; readonly warning: Warning }
  /** No threshold up to 110 mg/dL foretells so many lows; the one nearest to it stands. */
  | { readonly code: 'SENSITIVITY_NOT_REACHED'; readonly threshold: number; readonly warning: Warning }
  /** The validation pairs hold no reading below 70: nothing can be said. */
  | { readonly code: 'NO_LOWS' }

/** `validation`: scored pairs at 30 minutes, mg/dL; `sensitivity`: wanted, percent. */
export function alarmThreshold(validation: Pairs, sensitivity: number): AlarmChoice {
  let reached: { threshold: number; warning: Warning } | undefined
  let nearest: { threshold: number; warning: Warning } | undefined
  for (let threshold = HYPO_MGDL; threshold <= HIGHEST; threshold++) {
    const one = { threshold, warning: warning(validation, threshold) }
    const own = one.warning.sensitivity
    if (own === null) return { code: 'NO_LOWS' }
    if (own >= sensitivity && (one.warning.ppv ?? 0) > (reached?.warning.ppv ?? -1)) reached = one
    if (own > (nearest?.warning.sensitivity ?? -1)) nearest = one
  }
  if (reached) return { code: 'REACHED', ...reached }
  return nearest ? { code: 'SENSITIVITY_NOT_REACHED', ...nearest } : { code: 'NO_LOWS' }
}
