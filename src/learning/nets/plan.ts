/**
 * The plan of the kernel's memory for one shape, length of sequence and batch: every buffer as a byte address.
 *
 * Law: buffers never overlap and begin on 64 bytes; a plan that only looks forward keeps no history of the steps.
 */
import type { ParameterLayout } from './layout.ts'
import type { NetworkShape } from './network.ts'

export interface Plan {
  readonly batch: number
  readonly steps: number
  /** Rows of the dense layer and of the inputs' gradient, filled up to fours. */
  readonly outputRows: number
  readonly featureRows: number
  /** Floats between two steps of gates and of states; 0 when only the newest step is kept. */
  readonly gateStride: number
  readonly stateStride: number
  readonly parameters: number
  readonly gradient: number
  readonly first: number
  readonly second: number
  readonly origin: number
  readonly correction: number
  readonly bias: number
  /** Weights in panels of 4 rows, and turned for the way back. */
  readonly input: number
  readonly recurrent: number
  readonly head: number
  readonly headBias: number
  readonly headTurned: number
  readonly recurrentTurned: number
  readonly inputTurned: number
  readonly zeros: number
  readonly headGradient: number
  readonly biasGradient: number
  readonly inputs: number
  readonly gates: number
  readonly states: number
  readonly cells: number
  readonly squashed: number
  readonly error: number
  readonly cellError: number
  readonly outputs: number
  readonly targets: number
  readonly weights: number
  readonly inputGradient: number
  /** First byte after the plan. */
  readonly end: number
}

/** `history`: keep every step for the way back. */
export function planOf(
  base: number,
  shape: NetworkShape,
  layout: ParameterLayout,
  steps: number,
  batch: number,
  history: boolean,
): Plan {
  const { hidden, features } = shape
  const outputRows = fours(layout.outputs)
  const featureRows = fours(features)
  const kept = history ? steps : 1
  const state = hidden * batch
  const rows = layout.gates * hidden
  let next = base
  const take = (floats: number): number => {
    const address = next
    next += Math.ceil(floats / 16) * 64
    return address
  }
  const fields = {
    parameters: take(layout.count),
    gradient: take(layout.count),
    first: take(layout.count),
    second: take(layout.count),
    origin: take(layout.count),
    correction: take(layout.count),
    bias: take(4 * hidden),
    input: take(rows * features),
    recurrent: take(rows * hidden),
    head: take(outputRows * hidden),
    headBias: take(outputRows),
    headTurned: take(outputRows * hidden),
    recurrentTurned: take(rows * hidden),
    inputTurned: take(featureRows * rows),
    zeros: take(featureRows + hidden),
    headGradient: take(outputRows * (hidden + 1)),
    biasGradient: take(4 * hidden),
    inputs: take(steps * features * batch),
    gates: take(kept * 4 * state),
    states: take((kept + 1) * state),
    cells: take((kept + 1) * state),
    squashed: take(kept * state),
    error: take(state),
    cellError: take(state),
    outputs: take(outputRows * batch),
    targets: take(outputRows * batch),
    weights: take(outputRows * batch),
    inputGradient: take(history ? steps * featureRows * batch : 0),
  }
  return {
    batch,
    steps,
    outputRows,
    featureRows,
    gateStride: history ? 4 * state : 0,
    stateStride: history ? state : 0,
    ...fields,
    end: next,
  }
}

function fours(count: number): number {
  return 4 * Math.ceil(count / 4)
}
