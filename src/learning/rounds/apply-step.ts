/**
 * From a round's mean update to the next model: the strategy's step, compressed for the way down with what the last one
 * left over, added to the model exactly as every site will add it.
 */
import { toBase64Url } from '../../vocabulary/index.ts'
import type { Compressed } from '../compression/block-int8.ts'
import { compress } from '../compression/codec.ts'
import { type ServerMemory, serverStep } from '../strategies/strategy.ts'
import type { RoundPlan } from './plan.ts'
import { memoryText, memoryVectors } from './server-memory.ts'
import type { RoundState } from './state.ts'
import { fromText, toText } from './vectors.ts'

type Variates = Parameters<typeof serverStep>[3]

export interface SteppedModel {
  readonly model: Float32Array
  readonly memory: ServerMemory
  /** The step as it is sent down. */
  readonly sent: Compressed
}

/** The model after a round's mean update. */
export function steppedModel(
  { strategy, down }: Pick<RoundPlan, 'down' | 'strategy'>,
  from: { readonly model: Float32Array; readonly memory: ServerMemory; readonly residual?: Float32Array },
  mean: Float32Array,
  variates?: Variates,
): SteppedModel {
  const { step, memory } = serverStep(strategy, from.memory, mean, variates)
  const sent = compress(down, step, from.residual)
  return { model: addStep(from.model, sent.decoded), memory, sent }
}

export function applyMean(state: RoundState, mean: Float32Array, variates?: Variates): RoundState {
  const from = {
    model: fromText(state.model),
    memory: memoryVectors(state.memory),
    residual: fromText(state.residual),
  }
  const { model, memory, sent } = steppedModel(state.plan, from, mean, variates)
  return {
    ...state,
    version: state.version + 1,
    model: toText(model),
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
