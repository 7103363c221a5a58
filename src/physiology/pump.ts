/**
 * An insulin pump: what it can deliver of what is asked.
 *
 * Law: it delivers whole increments of 0.05 U and never more than its limit; basal that is not yet an increment waits.
 * Source: pump table of simglucose in patient-parameters.ts (Insulet).
 */
import { PUMP_ROWS } from './patient-parameters.ts'

export interface PumpModel {
  readonly name: string
  readonly mostBolus: number
  readonly bolusIncrement: number
  readonly mostBasal: number
  readonly basalIncrement: number
}

export const PUMPS: readonly PumpModel[] = PUMP_ROWS.map(
  ([name, , mostBolus, bolusIncrement, , mostBasal, basalIncrement]) => ({
    name,
    mostBolus,
    bolusIncrement,
    mostBasal,
    basalIncrement,
  }),
)

/** Nearest amount the pump can give, units. */
export function deliverableBolus(pump: PumpModel, units: number): number {
  return inIncrements(units, pump.bolusIncrement, pump.mostBolus)
}

/** Nearest basal rate the pump can hold, units per hour. */
export function deliverableBasal(pump: PumpModel, rate: number): number {
  return inIncrements(rate, pump.basalIncrement, pump.mostBasal)
}

function inIncrements(amount: number, increment: number, most: number): number {
  const steps = Math.round(Math.min(most, Math.max(0, amount)) / increment)
  // Twentieths have no exact binary form: the quotient keeps 0.15 at 0.15.
  return Math.round(steps * increment * 1e6) / 1e6
}
