/**
 * One batch through the network: forward to the outputs, back to the gradient of every parameter and, when asked, of the
 * inputs. Buffers are feature-major, [row][batch]; gates lie as [q; r; z; n] (GRU) or [i; f; g; o] (LSTM).
 *
 * Law: `backward` follows a `forward` on a plan with history, with ∂ loss / ∂ outputs standing in `outputs`.
 */
import type { NetworkKernel } from '../kernels/network.ts'
import type { ParameterLayout } from './layout.ts'
import type { NetworkShape } from './network.ts'
import type { Plan } from './plan.ts'

export interface Engine {
  readonly kernel: NetworkKernel
  readonly shape: NetworkShape
  readonly layout: ParameterLayout
  readonly plan: Plan
}

const FLOAT = 4

/** Derives the panels of the weights, and their turned copies, from the flat parameters; again after every change. */
export function pack(engine: Engine): void {
  const { kernel, shape, layout, plan } = engine
  const { hidden, features, cell } = shape
  const rows = layout.gates * hidden
  const flat = kernel.floats(plan.parameters, layout.count)
  const bias = kernel.floats(plan.bias, 4 * hidden)
  const fromInput = flat.subarray(layout.inputBias, layout.hiddenBias)
  const fromState = flat.subarray(layout.hiddenBias, layout.headWeight)
  const both = (i: number): number => (fromInput[i] ?? 0) + (fromState[i] ?? 0)
  const { recurrent, recurrentTurned } = plan
  const weight = plan.parameters + FLOAT * layout.hiddenWeight
  kernel.panels(plan.input, plan.parameters, rows, features, features, 1, 4 * features)
  kernel.panels(plan.inputTurned, plan.parameters, features, rows, 1, features, 4 * rows)
  if (cell === 'gru') {
    const others = 2 * hidden
    // The candidate's rows come first, as q does among the gates.
    const candidate = weight + FLOAT * others * hidden
    bias.set(fromState.subarray(others))
    for (let i = 0; i < others; i++) bias[hidden + i] = both(i)
    bias.set(fromInput.subarray(others), 3 * hidden)
    kernel.panels(recurrent, candidate, hidden, hidden, hidden, 1, 4 * hidden)
    kernel.panels(recurrent + FLOAT * hidden * hidden, weight, others, hidden, hidden, 1, 4 * hidden)
    kernel.panels(recurrentTurned, candidate, hidden, hidden, 1, hidden, 4 * rows)
    kernel.panels(recurrentTurned + FLOAT * 4 * hidden, weight, hidden, others, 1, hidden, 4 * rows)
  } else {
    for (let i = 0; i < rows; i++) bias[i] = both(i)
    kernel.panels(recurrent, weight, rows, hidden, hidden, 1, 4 * hidden)
    kernel.panels(recurrentTurned, weight, hidden, rows, 1, hidden, 4 * rows)
  }
  packHead(engine)
}

/** The part of `pack` that the dense layer needs; its rows beyond the outputs stay zero. */
export function packHead({ kernel, shape, layout, plan }: Engine): void {
  const { hidden } = shape
  const weight = plan.parameters + FLOAT * layout.headWeight
  const { outputs } = layout
  kernel.panels(plan.head, weight, outputs, hidden, hidden, 1, 4 * hidden)
  kernel.panels(plan.headTurned, weight, hidden, outputs, 1, hidden, 4 * plan.outputRows)
  kernel.floats(plan.headBias, outputs).set(kernel.floats(plan.parameters + FLOAT * layout.headBias, outputs))
}

export function forward({ kernel, shape, plan }: Engine): void {
  const { hidden, features, cell } = shape
  const { batch, bias, input, recurrent } = plan
  const size = hidden * batch
  kernel.floats(plan.states, size).fill(0)
  if (cell === 'lstm') kernel.floats(plan.cells, size).fill(0)
  for (let step = 0; step < plan.steps; step++) {
    const gates = plan.gates + FLOAT * step * plan.gateStride
    const x = plan.inputs + FLOAT * step * features * batch
    const before = plan.states + FLOAT * step * plan.stateStride
    const after = before + FLOAT * plan.stateStride
    if (cell === 'gru') {
      const sums = gates + FLOAT * size
      kernel.product(sums, input, x, bias + FLOAT * hidden, 3 * hidden, features, batch)
      kernel.product(gates, recurrent, before, bias, hidden, hidden, batch)
      kernel.product(sums, recurrent + FLOAT * hidden * hidden, before, 0, 2 * hidden, hidden, batch)
      kernel.gruForward(gates, before, after, size)
    } else {
      const memory = plan.cells + FLOAT * step * plan.stateStride
      const squashed = plan.squashed + FLOAT * step * plan.stateStride
      kernel.product(gates, input, x, bias, 4 * hidden, features, batch)
      kernel.product(gates, recurrent, before, 0, 4 * hidden, hidden, batch)
      kernel.lstmForward(gates, memory, memory + FLOAT * plan.stateStride, squashed, after, size)
    }
  }
  const newest = plan.states + FLOAT * plan.steps * plan.stateStride
  kernel.product(plan.outputs, plan.head, newest, plan.headBias, plan.outputRows, hidden, batch)
}

/** Gradient of the dense layer alone. */
export function backwardHead({ kernel, shape, layout, plan }: Engine): void {
  const { hidden } = shape
  const newest = plan.states + FLOAT * plan.steps * plan.stateStride
  const { batch, outputRows } = plan
  const sums = plan.headGradient + FLOAT * outputRows * hidden
  kernel.outerProduct(plan.headGradient, plan.outputs, newest, outputRows, hidden, batch, 1, 0, 0)
  kernel.rowSums(sums, plan.outputs, outputRows, batch, 1, 0)
  const gradient = kernel.floats(plan.gradient, layout.count)
  gradient.set(kernel.floats(plan.headGradient, layout.outputs * hidden), layout.headWeight)
  gradient.set(kernel.floats(sums, layout.outputs), layout.headBias)
}

/** Back through every step: `gates` become the gradients of their sums. */
export function backThroughTime({ kernel, shape, layout, plan }: Engine): void {
  const { hidden, cell } = shape
  const { batch } = plan
  const size = hidden * batch
  const rows = layout.gates * hidden
  const { outputRows } = plan
  kernel.product(plan.error, plan.headTurned, plan.outputs, plan.zeros, hidden, outputRows, batch)
  if (cell === 'lstm') kernel.floats(plan.cellError, size).fill(0)
  for (let step = plan.steps - 1; step >= 0; step--) {
    const gates = plan.gates + FLOAT * step * plan.gateStride
    const before = FLOAT * step * plan.stateStride
    if (cell === 'gru') {
      kernel.gruBackward(gates, plan.states + before, plan.error, size)
      kernel.product(plan.error, plan.recurrentTurned, gates, 0, hidden, rows, batch)
    } else {
      kernel.lstmBackward(
        gates,
        plan.cells + before,
        plan.squashed + before,
        plan.error,
        plan.cellError,
        size,
      )
      kernel.product(plan.error, plan.recurrentTurned, gates, plan.zeros, hidden, rows, batch)
    }
  }
}

/** Gradient of the recurrent weights, after `backThroughTime`. */
export function backwardCell({ kernel, shape, layout, plan }: Engine): void {
  const { hidden, features, cell } = shape
  const { batch, steps, gateStride, stateStride, gates, gradient, inputs, states } = plan
  const rows = layout.gates * hidden
  const weight = gradient + FLOAT * layout.hiddenWeight
  // The rows that see the inputs: all but q of a GRU.
  const seeing = cell === 'gru' ? gates + FLOAT * hidden * batch : gates
  kernel.outerProduct(gradient, seeing, inputs, rows, features, batch, steps, gateStride, features * batch)
  kernel.rowSums(plan.biasGradient, gates, 4 * hidden, batch, steps, gateStride)
  const flat = kernel.floats(gradient, layout.count)
  const sums = kernel.floats(plan.biasGradient, 4 * hidden)
  if (cell === 'gru') {
    const others = 2 * hidden
    const candidate = weight + FLOAT * others * hidden
    kernel.outerProduct(weight, seeing, states, others, hidden, batch, steps, gateStride, stateStride)
    kernel.outerProduct(candidate, gates, states, hidden, hidden, batch, steps, gateStride, stateStride)
    flat.set(sums.subarray(hidden), layout.inputBias)
    flat.set(sums.subarray(hidden, 3 * hidden), layout.hiddenBias)
    flat.set(sums.subarray(0, hidden), layout.hiddenBias + others)
  } else {
    kernel.outerProduct(weight, gates, states, rows, hidden, batch, steps, gateStride, stateStride)
    flat.set(sums, layout.inputBias)
    flat.set(sums, layout.hiddenBias)
  }
}

/** Gradient of the inputs, [step][feature filled up to fours][batch], after `backThroughTime`. */
export function backwardInputs({ kernel, shape, layout, plan }: Engine): void {
  const { batch, featureRows } = plan
  const rows = layout.gates * shape.hidden
  const skip = shape.cell === 'gru' ? FLOAT * shape.hidden * batch : 0
  for (let step = 0; step < plan.steps; step++) {
    const seeing = plan.gates + FLOAT * step * plan.gateStride + skip
    const to = plan.inputGradient + FLOAT * step * featureRows * batch
    kernel.product(to, plan.inputTurned, seeing, plan.zeros, featureRows, rows, batch)
  }
}
