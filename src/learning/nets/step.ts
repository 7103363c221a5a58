/**
 * Loss and gradient of one batch: the mean over windows and path cells of weight × error², plus, with quantile heads, the
 * mean over windows, horizons and levels of the pinball loss; errors in units of 30 mg/dL.
 *
 * Law: after it the flat gradient stands in the plan, in the order of the parameters; with `headOnly` all but the dense
 * layer's part is left zero.
 */
import type { Windows } from '../data/windows.ts'
import { networkKernel } from '../kernels/network.ts'
import { gatherInputs, gatherTargets } from './gather.ts'
import { layoutOf, QUANTILE_CELLS } from './layout.ts'
import type { NetworkShape } from './network.ts'
import { backThroughTime, backwardCell, backwardHead, type Engine, forward, pack } from './passes.ts'
import { planOf } from './plan.ts'

/** Lays out the kernel's memory and puts the parameters there. `history`: keep every step for the way back. */
export function engineOf(
  shape: NetworkShape,
  parameters: Float32Array,
  steps: number,
  batch: number,
  history: boolean,
): Engine {
  const kernel = networkKernel()
  const layout = layoutOf(shape)
  const plan = planOf(kernel.base(), shape, layout, steps, batch, history)
  kernel.reserve(plan.end)
  // What an earlier plan left must not show: optimiser state, filled-up rows, zeros.
  kernel.floats(plan.parameters, (plan.inputs - plan.parameters) / 4).fill(0)
  kernel.floats(plan.parameters, layout.count).set(parameters)
  const engine = { kernel, shape, layout, plan }
  pack(engine)
  return engine
}

/** Puts ∂ loss / ∂ outputs where the outputs stood; returns the loss. */
function lossOfOutputs({ kernel, shape, plan }: Engine, count: number): number {
  const { batch, outputs, targets } = plan
  const { horizon, quantiles } = shape
  let loss = kernel.squares(outputs, targets, plan.weights, horizon * batch, 1 / (count * horizon))
  const scale = 1 / (count * QUANTILE_CELLS.length * Math.max(1, quantiles.length))
  for (let head = 0; head < QUANTILE_CELLS.length * quantiles.length; head++) {
    const row = 4 * (horizon + head) * batch
    const level = quantiles[head % quantiles.length] ?? 0
    loss += kernel.pinball(outputs + row, targets + row, level, count, batch, scale)
  }
  return loss
}

/** Loss of windows `order[from] …` (at most a batch of them) and its gradient. */
export function lossAndGradient(
  engine: Engine,
  windows: Windows,
  order: Int32Array,
  from: number,
  options: { readonly hypoWeight: number; readonly headOnly: boolean; readonly shifts?: Float32Array },
): number {
  const count = Math.min(engine.plan.batch, order.length - from)
  gatherInputs(engine, windows, order, from, count, options.shifts)
  gatherTargets(engine, windows, order, from, count, options.hypoWeight)
  forward(engine)
  const loss = lossOfOutputs(engine, count)
  backwardHead(engine)
  if (!options.headOnly) {
    backThroughTime(engine)
    backwardCell(engine)
  }
  return loss
}
