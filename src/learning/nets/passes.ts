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

/** Derives the turned and filled-up copies of the weights from the flat parameters; again after every change of them. */
export function pack({ kernel, shape, layout, plan }: Engine): void {
  const { hidden, features } = shape
  const rows = layout.gates * hidden
  const flat = kernel.floats(plan.parameters, layout.count)
  const bias = kernel.floats(plan.bias, 4 * hidden)
  const input = flat.subarray(layout.inputBias, layout.hiddenBias)
  const recurrent = flat.subarray(layout.hiddenBias, layout.headWeight)
  const sum = (i: number): number => (input[i] ?? 0) + (recurrent[i] ?? 0)
  const hiddenWeight = plan.parameters + FLOAT * layout.hiddenWeight
  if (shape.cell === 'gru') {
    bias.set(recurrent.subarray(2 * hidden))
    for (let i = 0; i < 2 * hidden; i++) bias[hidden + i] = sum(i)
    bias.set(input.subarray(2 * hidden), 3 * hidden)
    kernel.transpose(plan.hiddenTurned, hiddenWeight + FLOAT * 2 * hidden * hidden, hidden, hidden, rows)
    kernel.transpose(plan.hiddenTurned + FLOAT * hidden, hiddenWeight, 2 * hidden, hidden, rows)
  } else {
    for (let i = 0; i < rows; i++) bias[i] = sum(i)
    kernel.transpose(plan.hiddenTurned, hiddenWeight, rows, hidden, rows)
  }
  kernel.transpose(plan.inputTurned, plan.parameters, rows, features, rows)
  packHead({ kernel, shape, layout, plan })
}

/** The part of `pack` that the dense layer needs. */
export function packHead({ kernel, shape, layout, plan }: Engine): void {
  const flat = kernel.floats(plan.parameters, layout.count)
  kernel
    .floats(plan.head, plan.outputRows * shape.hidden)
    .set(flat.subarray(layout.headWeight, layout.headBias))
  kernel.floats(plan.headBias, plan.outputRows).set(flat.subarray(layout.headBias, layout.count))
  kernel.transpose(plan.headTurned, plan.head, plan.outputRows, shape.hidden, plan.outputRows)
}

export function forward({ kernel, shape, layout, plan }: Engine): void {
  const { hidden, features, cell } = shape
  const { batch, bias, parameters } = plan
  const size = hidden * batch
  const hiddenWeight = parameters + FLOAT * layout.hiddenWeight
  kernel.floats(plan.states, size).fill(0)
  if (cell === 'lstm') kernel.floats(plan.cells, size).fill(0)
  for (let step = 0; step < plan.steps; step++) {
    const gates = plan.gates + FLOAT * step * plan.gateStride
    const x = plan.inputs + FLOAT * step * features * batch
    const before = plan.states + FLOAT * step * plan.stateStride
    const after = before + FLOAT * plan.stateStride
    if (cell === 'gru') {
      const sums = gates + FLOAT * size
      kernel.product(sums, parameters, x, bias + FLOAT * hidden, 3 * hidden, features, features, batch)
      const candidate = hiddenWeight + FLOAT * 2 * hidden * hidden
      kernel.product(gates, candidate, before, bias, hidden, hidden, hidden, batch)
      kernel.product(sums, hiddenWeight, before, 0, 2 * hidden, hidden, hidden, batch)
      kernel.gruForward(gates, before, after, size)
    } else {
      const memory = plan.cells + FLOAT * step * plan.stateStride
      const squashed = plan.squashed + FLOAT * step * plan.stateStride
      kernel.product(gates, parameters, x, bias, 4 * hidden, features, features, batch)
      kernel.product(gates, hiddenWeight, before, 0, 4 * hidden, hidden, hidden, batch)
      kernel.lstmForward(gates, memory, memory + FLOAT * plan.stateStride, squashed, after, size)
    }
  }
  const newest = plan.states + FLOAT * plan.steps * plan.stateStride
  kernel.product(plan.outputs, plan.head, newest, plan.headBias, plan.outputRows, hidden, hidden, batch)
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
  kernel.product(
    plan.error,
    plan.headTurned,
    plan.outputs,
    plan.zeros,
    hidden,
    plan.outputRows,
    plan.outputRows,
    batch,
  )
  if (cell === 'lstm') kernel.floats(plan.cellError, size).fill(0)
  for (let step = plan.steps - 1; step >= 0; step--) {
    const gates = plan.gates + FLOAT * step * plan.gateStride
    const before = FLOAT * step * plan.stateStride
    if (cell === 'gru') {
      kernel.gruBackward(gates, plan.states + before, plan.error, size)
      kernel.product(plan.error, plan.hiddenTurned, gates, 0, hidden, rows, rows, batch)
    } else {
      kernel.lstmBackward(
        gates,
        plan.cells + before,
        plan.squashed + before,
        plan.error,
        plan.cellError,
        size,
      )
      kernel.product(plan.error, plan.hiddenTurned, gates, plan.zeros, hidden, rows, rows, batch)
    }
  }
}

/** Gradient of the recurrent weights, after `backThroughTime`. */
export function backwardCell({ kernel, shape, layout, plan }: Engine): void {
  const { hidden, features, cell } = shape
  const { batch, steps, gateStride, stateStride, gates, gradient, inputs, states } = plan
  const size = hidden * batch
  const rows = layout.gates * hidden
  const hiddenWeight = gradient + FLOAT * layout.hiddenWeight
  const inputBias = gradient + FLOAT * layout.inputBias
  const hiddenBias = gradient + FLOAT * layout.hiddenBias
  // The rows that see the inputs: all but q of a GRU.
  const seeing = cell === 'gru' ? gates + FLOAT * size : gates
  kernel.outerProduct(gradient, seeing, inputs, rows, features, batch, steps, gateStride, features * batch)
  kernel.rowSums(inputBias, seeing, rows, batch, steps, gateStride)
  if (cell === 'gru') {
    const both = 2 * hidden
    const candidate = hiddenWeight + FLOAT * both * hidden
    kernel.outerProduct(hiddenWeight, seeing, states, both, hidden, batch, steps, gateStride, stateStride)
    kernel.outerProduct(candidate, gates, states, hidden, hidden, batch, steps, gateStride, stateStride)
    kernel.rowSums(hiddenBias, seeing, both, batch, steps, gateStride)
    kernel.rowSums(hiddenBias + FLOAT * both, gates, hidden, batch, steps, gateStride)
  } else {
    kernel.outerProduct(hiddenWeight, gates, states, rows, hidden, batch, steps, gateStride, stateStride)
    kernel.rowSums(hiddenBias, gates, rows, batch, steps, gateStride)
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
    kernel.product(to, plan.inputTurned, seeing, plan.zeros, featureRows, rows, rows, batch)
  }
}
