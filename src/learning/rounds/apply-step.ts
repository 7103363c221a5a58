/**
 * From a round's mean update to the next model: the strategy's step, compressed for the way down with what the last one
 * left over, added to the model exactly as every site will add it.
 */
import { toBase64Url } from '../../vocabulary/index.ts'
import { compress } from '../compression/codec.ts'
import { serverStep } from '../strategies/strategy.ts'
import { memoryText, memoryVectors } from './server-memory.ts'
import type { RoundState } from './state.ts'
import { fromText, toText } from './vectors.ts'

export function applyMean(
  state: RoundState,
  mean: Float32Array,
  variates?: { readonly change: Float32Array; readonly share: number },
): RoundState {
  const { step, memory } = serverStep(state.plan.strategy, memoryVectors(state.memory), mean, variates)
  const sent = compress(state.plan.down, step, fromText(state.residual))
  return {
    ...state,
    version: state.version + 1,
    model: toText(addStep(fromText(state.model), sent.decoded)),
    step: toBase64Url(sent.bytes),
    residual: toText(sent.residual),
    memory: memoryText(memory),
  }
}

/** The next model, the same bits at the coordinator and at every site. */
export function addStep(model: Float32Array, step: Float32Array): Float32Array {
  const next = new Float32Array(model.length)
  for (let i = 0; i < next.length; i++) next[i] = (model[i] ?? 0) + (step[i] ?? 0)
  return next
}
