/**
 * The forward pass in double precision, one window at a time, without a kernel: for the oracle, and for a browser whose
 * content policy lets no WebAssembly in.
 *
 * Law: its forecasts are the kernel's within 0.01 mg/dL.
 * Sources: equations as in src/learning/assembly; parameters in the order of `layoutOf`.
 */
import { CHANGE_SCALE, clipped } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { checkParameters, checkWindows } from './gather.ts'
import { layoutOf } from './layout.ts'
import type { NetworkShape } from './network.ts'

/** What one step keeps for a way back: its input, state before, memory before, and the values of its gates. */
export interface PlainStep {
  readonly x: Float64Array
  readonly h: Float64Array
  readonly c: Float64Array
  /** GRU: r, z, n, q; LSTM: i, f, g, o, tanh c'. */
  readonly gates: Float64Array
}

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
const at = (values: ArrayLike<number>, i: number): number => values[i] ?? 0

/** The path of every window, count × horizon, mg/dL, clipped to 30–450. Refuses with `WINDOWS_UNFIT`, `PARAMETERS_UNFIT`, `NOT_FINITE`. */
export function plainPath(shape: NetworkShape, parameters: Float32Array, windows: Windows): Float32Array {
  checkWindows(shape, windows, false)
  checkParameters('parameters', layoutOf(shape), parameters)
  const { horizon } = shape
  const path = new Float32Array(windows.count * horizon)
  for (let window = 0; window < windows.count; window++) {
    const { state } = plainSteps(shape, parameters, windows, window)
    const outputs = plainOutputs(shape, parameters, state)
    const last = at(windows.last, window)
    for (let cell = 0; cell < horizon; cell++)
      path[window * horizon + cell] = clipped(last + CHANGE_SCALE * at(outputs, cell))
  }
  return path
}

/** How many parameters a shape has. Refuses with `NETWORK_SHAPE_UNFIT`. */
export function parameterCount(shape: NetworkShape): number {
  return layoutOf(shape).count
}

/** The dense layer over a state: changes in units of 30 mg/dL. */
export function plainOutputs(
  shape: NetworkShape,
  parameters: ArrayLike<number>,
  state: Float64Array,
): Float64Array {
  const { headWeight, headBias, outputs } = layoutOf(shape)
  const { hidden } = shape
  return Float64Array.from({ length: outputs }, (_, output) => {
    let value = at(parameters, headBias + output)
    for (let i = 0; i < hidden; i++) value += at(parameters, headWeight + output * hidden + i) * at(state, i)
    return value
  })
}

/** Forward through the steps of one window. */
export function plainSteps(
  shape: NetworkShape,
  parameters: ArrayLike<number>,
  windows: Windows,
  window: number,
): { readonly steps: readonly PlainStep[]; readonly state: Float64Array } {
  const { hidden, features, cell } = shape
  const layout = layoutOf(shape)
  const kept: PlainStep[] = []
  let h = new Float64Array(hidden)
  let c = new Float64Array(hidden)
  for (let step = 0; step < windows.steps; step++) {
    const start = (window * windows.steps + step) * features
    const x = Float64Array.from(windows.inputs.subarray(start, start + features))
    const fromInput = (row: number): number => {
      let sum = at(parameters, layout.inputBias + row)
      for (let k = 0; k < features; k++) sum += at(parameters, row * features + k) * at(x, k)
      return sum
    }
    const fromState = (row: number): number => {
      let sum = at(parameters, layout.hiddenBias + row)
      for (let k = 0; k < hidden; k++)
        sum += at(parameters, layout.hiddenWeight + row * hidden + k) * at(h, k)
      return sum
    }
    const next = new Float64Array(hidden)
    const memory = new Float64Array(hidden)
    const gates = new Float64Array(5 * hidden)
    for (let i = 0; i < hidden; i++) {
      const sum = (gate: number): number => fromInput(gate * hidden + i) + fromState(gate * hidden + i)
      if (cell === 'gru') {
        const r = sigmoid(sum(0))
        const z = sigmoid(sum(1))
        const q = fromState(2 * hidden + i)
        const n = Math.tanh(fromInput(2 * hidden + i) + r * q)
        next[i] = (1 - z) * n + z * at(h, i)
        for (const [gate, value] of [r, z, n, q].entries()) gates[gate * hidden + i] = value
      } else {
        const values = [sigmoid(sum(0)), sigmoid(sum(1)), Math.tanh(sum(2)), sigmoid(sum(3))] as const
        memory[i] = values[1] * at(c, i) + values[0] * values[2]
        const t = Math.tanh(at(memory, i))
        next[i] = values[3] * t
        for (const [gate, value] of [...values, t].entries()) gates[gate * hidden + i] = value
      }
    }
    kept.push({ x, h, c, gates })
    h = next
    c = memory
  }
  return { steps: kept, state: h }
}
