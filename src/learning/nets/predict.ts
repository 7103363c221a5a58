/**
 * Forecasts of windows: the path and, with quantile heads, the levels at 30 and 60 minutes.
 *
 * Law: quantiles ascend with their level (sorted, Chernozhukov et al. 2010) and every forecast lies in 30–450 mg/dL; a
 * forecast does not depend on which windows it is computed beside.
 */
import { CHANGE_SCALE, clipped } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { checkParameters, checkWindows, gatherInputs } from './gather.ts'
import { layoutOf, QUANTILE_CELLS } from './layout.ts'
import type { Forecasts, NetworkShape } from './network.ts'
import { forward } from './passes.ts'
import { refuse } from './refusals.ts'
import { engineOf } from './step.ts'

const BATCH = 64

/** Refuses with `WINDOWS_UNFIT`, `PARAMETERS_UNFIT`, `NOT_FINITE`, `TRAINING_DIVERGED`. */
export function predict(shape: NetworkShape, parameters: Float32Array, windows: Windows): Forecasts {
  const layout = layoutOf(shape)
  checkWindows(shape, windows, false)
  checkParameters('parameters', layout, parameters)
  const { horizon, quantiles } = shape
  const heads = QUANTILE_CELLS.length * quantiles.length
  const path = new Float32Array(windows.count * horizon)
  const levels = new Float32Array(windows.count * heads)
  const engine = engineOf(shape, parameters, windows.steps, BATCH, false)
  const { kernel, plan } = engine
  const order = Int32Array.from({ length: windows.count }, (_, i) => i)
  for (let from = 0; from < windows.count; from += BATCH) {
    const count = Math.min(BATCH, windows.count - from)
    gatherInputs(engine, windows, order, from, count)
    forward(engine)
    const outputs = kernel.floats(plan.outputs, layout.outputs * BATCH)
    for (let column = 0; column < count; column++) {
      const window = from + column
      const last = windows.last[window] ?? 0
      const value = (row: number): number => {
        const change = outputs[row * BATCH + column] ?? 0
        if (!Number.isFinite(change)) {
          refuse('TRAINING_DIVERGED', 'a forecast is not finite', { window }, 'train again with a lower rate')
        }
        return clipped(last + CHANGE_SCALE * change)
      }
      for (let cell = 0; cell < horizon; cell++) path[window * horizon + cell] = value(cell)
      for (let head = 0; head < heads; head++) levels[window * heads + head] = value(horizon + head)
    }
  }
  for (let start = 0; start < levels.length; start += Math.max(1, quantiles.length)) {
    levels.subarray(start, start + quantiles.length).sort()
  }
  return { path, quantiles: levels }
}
