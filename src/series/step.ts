/**
 * The nominal step of a trace: how often its sensor reports.
 *
 * Source: sensors on the market report every 1, 3, 5, 10 or 15 minutes; the median step of a trace finds which,
 * whatever its gaps and doubled rows (data-and-formats, 3.1 "Wear").
 */
import type { Samples } from './samples.ts'

/** Steps that sensors report at, seconds. All divide the day. */
export const NOMINAL_STEPS = [60, 180, 300, 600, 900] as const
export type NominalStep = (typeof NOMINAL_STEPS)[number]

/** The step of a trace in seconds; 300 when fewer than two instants are there. */
export function nominalStep(samples: Pick<Samples, 'at'>): NominalStep {
  const { at } = samples
  const steps = new Float64Array(Math.max(0, at.length - 1))
  let n = 0
  for (let i = 1; i < at.length; i++) {
    const step = (at[i] ?? 0) - (at[i - 1] ?? 0)
    if (step > 0) steps[n++] = step
  }
  if (n === 0) return 300
  const middle = steps.subarray(0, n).sort()[Math.floor(n / 2)] ?? 300
  let nearest: NominalStep = 60
  for (const candidate of NOMINAL_STEPS) {
    if (Math.abs(Math.log(candidate / middle)) < Math.abs(Math.log(nearest / middle))) nearest = candidate
  }
  return nearest
}
