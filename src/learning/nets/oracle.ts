/**
 * The same networks in double precision, one window at a time, written for reading: what the kernel is judged by.
 *
 * Law: its gradient agrees with central finite differences of its own loss to 1e-6; the kernel's agrees with it to 1e-5.
 * Sources: equations as in src/learning/assembly; parameters in the order of `layoutOf`.
 */
import { CHANGE_SCALE } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { layoutOf, QUANTILE_CELLS } from './layout.ts'
import type { NetworkShape } from './network.ts'
import { type PlainStep, plainOutputs, plainSteps } from './plain-forward.ts'

export interface OracleResult {
  readonly loss: number
  readonly gradient: Float64Array
  /** count × outputs, in units of 30 mg/dL of change. */
  readonly outputs: Float64Array
}

const at = (values: ArrayLike<number>, i: number): number => values[i] ?? 0

/** Mean loss over all windows, and its gradient. */
export function oracle(
  shape: NetworkShape,
  parameters: ArrayLike<number>,
  windows: Windows,
  hypoWeight = 1,
): OracleResult {
  const layout = layoutOf(shape)
  const { hidden, horizon, quantiles } = shape
  const gradient = new Float64Array(layout.count)
  const all = new Float64Array(windows.count * layout.outputs)
  let loss = 0
  for (let window = 0; window < windows.count; window++) {
    const { steps, state } = plainSteps(shape, parameters, windows, window)
    const outputs = plainOutputs(shape, parameters, state)
    all.set(outputs, window * layout.outputs)
    const error = new Float64Array(hidden)
    for (let output = 0; output < layout.outputs; output++) {
      const row = layout.headWeight + output * hidden
      const value = at(outputs, output)
      const head = output - horizon
      const cell = head < 0 ? output : at(QUANTILE_CELLS, Math.floor(head / quantiles.length))
      const target = at(windows.targets, window * horizon + cell)
      const e = (target - at(windows.last, window)) / CHANGE_SCALE - value
      let slope: number
      if (head < 0) {
        const weight = (target < 70 ? hypoWeight : 1) / (windows.count * horizon)
        loss += weight * e * e
        slope = -2 * weight * e
      } else {
        const level = at(quantiles, head % quantiles.length) - (e < 0 ? 1 : 0)
        const scale = 1 / (windows.count * QUANTILE_CELLS.length * quantiles.length)
        loss += scale * level * e
        slope = -scale * level
      }
      add(gradient, layout.headBias + output, slope)
      for (let i = 0; i < hidden; i++) {
        add(gradient, row + i, slope * at(state, i))
        add(error, i, slope * at(parameters, row + i))
      }
    }
    back(shape, parameters, steps, error, gradient)
  }
  return { loss, gradient, outputs: all }
}

/** Back through the steps; adds to the gradient. */
function back(
  shape: NetworkShape,
  parameters: ArrayLike<number>,
  steps: readonly PlainStep[],
  last: Float64Array,
  gradient: Float64Array,
): void {
  const { hidden, features, cell } = shape
  const layout = layoutOf(shape)
  let error = last
  let memoryError = new Float64Array(hidden)
  for (const { x, h, c, gates } of steps.toReversed()) {
    const before = new Float64Array(hidden)
    const memoryBefore = new Float64Array(hidden)
    // A sum of a gate gets slope `s` through its input side and `t` through its state side.
    const spread = (row: number, s: number, t: number): void => {
      add(gradient, layout.inputBias + row, s)
      add(gradient, layout.hiddenBias + row, t)
      for (let k = 0; k < features; k++) add(gradient, row * features + k, s * at(x, k))
      for (let k = 0; k < hidden; k++) {
        const weight = layout.hiddenWeight + row * hidden + k
        add(gradient, weight, t * at(h, k))
        add(before, k, t * at(parameters, weight))
      }
    }
    for (let i = 0; i < hidden; i++) {
      const gate = (index: number): number => at(gates, index * hidden + i)
      const d = at(error, i)
      if (cell === 'gru') {
        const [r, z, n, q] = [gate(0), gate(1), gate(2), gate(3)]
        const dn = d * (1 - z) * (1 - n * n)
        const dr = dn * q * r * (1 - r)
        const dz = d * (at(h, i) - n) * z * (1 - z)
        spread(i, dr, dr)
        spread(hidden + i, dz, dz)
        spread(2 * hidden + i, dn, dn * r)
        add(before, i, d * z)
      } else {
        const [input, forget, g, o, t] = [gate(0), gate(1), gate(2), gate(3), gate(4)]
        const dc = at(memoryError, i) + d * o * (1 - t * t)
        const slopes = [
          dc * g * input * (1 - input),
          dc * at(c, i) * forget * (1 - forget),
          dc * input * (1 - g * g),
          d * t * o * (1 - o),
        ]
        for (const [index, slope] of slopes.entries()) spread(index * hidden + i, slope, slope)
        memoryBefore[i] = dc * forget
      }
    }
    error = before
    memoryError = memoryBefore
  }
}

function add(to: Float64Array, i: number, value: number): void {
  to[i] = at(to, i) + value
}
