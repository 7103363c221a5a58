/**
 * Answers of sites, read and judged at the door: a wrong length, a value that is no number, a stray byte are refused
 * before anything is stored.
 */
import { type Bytes, fromBase64Url, fromUtf8, IsletError } from '../../vocabulary/index.ts'
import { decompress } from '../compression/codec.ts'
import { maskedReplyBytes } from './masked-round.ts'
import { decodeParts } from './messages.ts'
import type { RoundPlan } from './plan.ts'
import type { Metrics } from './site.ts'
import type { RoundState, Stage } from './state.ts'

export interface OpenUpdate {
  readonly loss: number
  readonly update: Float32Array
  /** SCAFFOLD: change of the site's variate. */
  readonly variate?: Float32Array
}

/** What a plan says of how an answer in `open` mode is spelled. */
export type OpenAnswerPlan = Pick<RoundPlan, 'parameters' | 'strategy' | 'up'>

const MOST_METRICS = 32

/** Reads an answer to the stage that is being asked. Throws `WRONG_SHAPE`, `NOT_FINITE`. */
export function readReply(state: RoundState, site: string, bytes: Bytes): void {
  switch (state.stage) {
    case 'train':
      if (state.plan.mode === 'open') readOpenUpdate(state.plan, bytes)
      else readMasked(state, site, bytes)
      return
    case 'advertise':
    case 'share':
    case 'reveal':
      readMasked(state, site, bytes)
      return
    case 'evaluate':
      readMetrics(bytes)
      return
    default:
      throw new IsletError('WRONG_SHAPE', 'no answer is awaited in this stage', { stage: state.stage, site })
  }
}

/** Masked values look like any others: their length is all there is to judge. */
function readMasked(state: RoundState, site: string, bytes: Bytes): void {
  const expected = maskedReplyBytes(state, site)
  if (bytes.length !== expected) {
    throw new IsletError('WRONG_SHAPE', 'the answer has another length than its stage asks for', {
      expected_bytes: expected,
      bytes: bytes.length,
    })
  }
}

/** Reads an update of `open` mode: loss (float32) ‖ update ‖ change of the variate. */
export function readOpenUpdate(plan: OpenAnswerPlan, bytes: Uint8Array): OpenUpdate {
  const [head, body, variate, ...stray] = decodeParts(bytes)
  const scaffold = plan.strategy.name === 'scaffold'
  if (head?.length !== 4 || body === undefined || stray.length > 0 || (variate !== undefined) !== scaffold) {
    throw new IsletError('WRONG_SHAPE', 'the answer is no update of this plan', { bytes: bytes.length })
  }
  const loss = new DataView(head.buffer, head.byteOffset).getFloat32(0)
  if (!Number.isFinite(loss)) throw new IsletError('NOT_FINITE', 'the loss is no number')
  const update = decompress(plan.up, body, plan.parameters)
  return variate === undefined
    ? { loss, update }
    : { loss, update, variate: decompress(plan.up, variate, plan.parameters) }
}

/** Reads names and finite values. */
export function readMetrics(bytes: Uint8Array): Metrics {
  let value: unknown
  try {
    value = JSON.parse(fromUtf8(bytes))
  } catch (cause) {
    throw new IsletError('WRONG_SHAPE', 'the metrics are no JSON', {}, { cause })
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new IsletError('WRONG_SHAPE', 'the metrics are no JSON object')
  }
  const entries = Object.entries(value)
  if (entries.length > MOST_METRICS) throw new IsletError('WRONG_SHAPE', 'there are too many metrics')
  return Object.fromEntries(
    entries.map(([name, figure]) => {
      if (typeof figure !== 'number' || !Number.isFinite(figure)) {
        throw new IsletError('NOT_FINITE', 'a metric is no number', { metrics: entries.length })
      }
      return [name, figure]
    }),
  )
}

/** The stored answers of a stage, in order of their site. */
export function repliesOf(state: RoundState, stage: Stage): readonly (readonly [string, Uint8Array])[] {
  const stored = state.replies[stage] ?? {}
  return Object.keys(stored)
    .sort()
    .map((site) => [site, fromBase64Url(stored[site] ?? '')] as const)
}
