/**
 * How well a forecast warns of low glucose: an alarm is a forecast below a threshold, the event is a reading below 70.
 *
 * Law: sensitivity is alarms among events, PPV is events among alarms; without events or without alarms they are unknown
 * (null), never 0 or 100.
 */
import type { Pairs } from './point-errors.ts'

/** Low glucose, mg/dL: level 1 of the consensus (Battelino et al. 2019, Diabetes Care 42:1593). */
export const HYPO_MGDL = 70

export interface Warning {
  /** Readings below 70. */
  readonly events: number
  /** Forecasts below the threshold. */
  readonly alarms: number
  /** Percent, null without events. */
  readonly sensitivity: number | null
  /** Percent, null without alarms. */
  readonly ppv: number | null
}

/** Events, alarms and their overlap at one threshold, mg/dL. */
export function warning({ truth, forecast }: Pairs, threshold: number = HYPO_MGDL): Warning {
  let events = 0
  let alarms = 0
  let both = 0
  for (let i = 0; i < truth.length; i++) {
    const event = (truth[i] ?? 0) < HYPO_MGDL
    const alarm = (forecast[i] ?? 0) < threshold
    if (event) events++
    if (alarm) alarms++
    if (event && alarm) both++
  }
  return {
    events,
    alarms,
    sensitivity: events === 0 ? null : (100 * both) / events,
    ppv: alarms === 0 ? null : (100 * both) / alarms,
  }
}

/**
 * The threshold between 70 and 100 mg/dL whose F2 is largest: a missed low weighs twice a false alarm. Chosen on
 * validation pairs only; 70 where they hold no event.
 */
export function tunedThreshold(validation: Pairs): number {
  let best = HYPO_MGDL
  let bestScore = -1
  for (let threshold = HYPO_MGDL; threshold <= 100; threshold++) {
    const { sensitivity, ppv } = warning(validation, threshold)
    if (sensitivity === null || ppv === null) continue
    const score = sensitivity + ppv === 0 ? 0 : (5 * sensitivity * ppv) / (4 * ppv + sensitivity)
    if (score > bestScore) {
      bestScore = score
      best = threshold
    }
  }
  return best
}
