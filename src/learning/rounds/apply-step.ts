/**
 * From a round's mean update to the next model: the strategy's step, compressed for the way down with what the last one
 * left over, added to the model exactly as every site will add it.
 */
import { toBase64Url } from '../../vocabulary/index.ts'
import { compress } from '../compression/codec.ts'
import { serverStep } from '../strategies/strategy.ts'
import type { RoundState } from './state.ts'
import { fromText, toText } from './vectors.ts'

export function applyMean(
  state: RoundState,
  mean: Float32Array,
  variates?: { readonly change: Float32Array; readonly share: number },
): RoundState {
  const { momentum, square, variate } = state.memory
  const before = {
    ...(momentum === undefined ? {} : { momentum: fromText(momentum) }),
    ...(square === undefined ? {} : { square: fromText(square) }),
    ...(variate === undefined ? {} : { variate: fromText(variate) }),
  }
  const { step, memory } = serverStep(state.plan.strategy, before, mean, variates)
  const sent = compress(state.plan.down, step, fromText(state.residual))
  return {
    ...state,
    version: state.version + 1,
    model: toText(addStep(fromText(state.model), sent.decoded)),
    step: toBase64Url(sent.bytes),
    residual: toText(sent.residual),
    memory: {
      ...(memory.momentum === undefined ? {} : { momentum: toText(memory.momentum) }),
      ...(memory.square === undefined ? {} : { square: toText(memory.square) }),
      ...(memory.variate === undefined ? {} : { variate: toText(memory.variate) }),
    },
  }
}

/** The next model, the same bits at the coordinator and at every site. */
export function addStep(model: Float32Array, step: Float32Array): Float32Array {
  const next = new Float32Array(model.length)
  for (let i = 0; i < next.length; i++) next[i] = (model[i] ?? 0) + (step[i] ?? 0)
  return next
}
