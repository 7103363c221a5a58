/**
 * Door to a consortium node's own interface: blocks with their votes and seats, and proofs of the state.
 *
 * Law: what comes from it is material to verify and nothing more.
 * Source: CometBFT v0.39 RPC (status, commit, validators, abci_query).
 */
import Type, { type Static, type TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { type Bytes, fromBase64Url, fromHex, IsletError, toHex } from '../vocabulary/index.ts'
import type { BlockContent } from './block-content.ts'
import { FOR_THE_BLOCK } from './commit.ts'
import type { BlockId, BlockTime, Header } from './header.ts'
import type { LightBlock } from './light-block.ts'
import type { BlockAndStateSource } from './prove-consent.ts'
import { checkedSeats } from './seats.ts'
import { storageKey } from './state-proof.ts'

const LIMIT_MS = 10_000
/** Seats on one page; the engine takes no more. */
const PAGE = 100

const Count = Type.String({ pattern: '^[0-9]{1,15}$' })
const HexText = Type.String({ pattern: '^([0-9A-F]{2})*$' })
const Base64 = Type.String({ pattern: '^[A-Za-z0-9+/]*={0,2}$' })
const Time = Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}(\\.[0-9]{1,9})?Z$' })
const Block = Type.Object({
  hash: HexText,
  parts: Type.Object({ total: Type.Integer({ minimum: 0 }), hash: HexText }),
})
const Status = Type.Object({ sync_info: Type.Object({ latest_block_height: Count }) })
const Signed = Type.Object({
  signed_header: Type.Object({
    header: Type.Object({
      version: Type.Object({ block: Count, app: Type.Optional(Count) }),
      chain_id: Type.String({ maxLength: 50 }),
      height: Count,
      time: Time,
      last_block_id: Block,
      last_commit_hash: HexText,
      data_hash: HexText,
      validators_hash: HexText,
      next_validators_hash: HexText,
      consensus_hash: HexText,
      app_hash: HexText,
      last_results_hash: HexText,
      evidence_hash: HexText,
      proposer_address: HexText,
    }),
    commit: Type.Object({
      height: Count,
      round: Type.Integer({ minimum: 0 }),
      block_id: Block,
      signatures: Type.Array(
        Type.Object({
          block_id_flag: Type.Integer(),
          timestamp: Time,
          signature: Type.Union([Base64, Type.Null()]),
        }),
      ),
    }),
  }),
})
const Validators = Type.Object({
  validators: Type.Array(Type.Object({ pub_key: Type.Object({ value: Base64 }), voting_power: Count })),
})
const Content = Type.Object({
  block: Type.Object({ data: Type.Object({ txs: Type.Optional(Type.Array(Base64)) }) }),
})
const Outcomes = Type.Object({
  txs_results: Type.Union([
    Type.Array(
      Type.Object({
        code: Type.Integer({ minimum: 0 }),
        data: Type.Union([Base64, Type.Null()]),
        gas_wanted: Count,
        gas_used: Count,
      }),
    ),
    Type.Null(),
  ]),
})
const State = Type.Object({
  response: Type.Object({ proofOps: Type.Object({ ops: Type.Array(Type.Object({ data: Base64 })) }) }),
})
type CometHeader = Static<typeof Signed>['signed_header']['header']
type CometCommit = Static<typeof Signed>['signed_header']['commit']

/** A node that shows what blocks did, too. */
export interface CometNode extends BlockAndStateSource {
  content(height: number): Promise<BlockContent>
}

/** The interface at `host:port`; its answers throw `NODE_SILENT`, `NODE_ANSWER_WRONG`. */
export function cometNode(host: string): CometNode {
  async function ask<S extends TSchema>(path: string, schema: S): Promise<Static<S>> {
    let answer: unknown
    try {
      const response = await fetch(`http://${host}/${path}`, { signal: AbortSignal.timeout(LIMIT_MS) })
      answer = await response.json()
    } catch (cause) {
      const remedy = 'look with islet network status'
      throw new IsletError('NODE_SILENT', 'the consortium node does not answer', {}, { cause, remedy })
    }
    const result: unknown = Object(answer).result
    if (Value.Check(schema, result)) return result
    throw new IsletError(
      'NODE_ANSWER_WRONG',
      'the consortium node has no such block, or answers in another shape',
    )
  }
  return {
    newest: async () => Number((await ask('status', Status)).sync_info.latest_block_height),
    block: async (height) => {
      const [{ signed_header: signed }, { validators }] = await Promise.all([
        ask(`commit?height=${height}`, Signed),
        ask(`validators?height=${height}&per_page=${PAGE}`, Validators),
      ])
      return {
        header: headerOf(signed.header),
        commit: commitOf(signed.commit),
        seats: checkedSeats(
          validators.map((one) => ({ key: base64(one.pub_key.value), power: Number(one.voting_power) })),
        ),
      }
    },
    content: async (height) => {
      const { block } = await ask(`block?height=${height}`, Content)
      const transactions = (block.data.txs ?? []).map(base64)
      if (transactions.length === 0) return { transactions, outcomes: [] }
      const { txs_results: results } = await ask(`block_results?height=${height}`, Outcomes)
      const outcomes = (results ?? []).map((one) => ({
        ...{ code: one.code, data: base64(one.data ?? '') },
        ...{ gasWanted: Number(one.gas_wanted), gasUsed: Number(one.gas_used) },
      }))
      return { transactions, outcomes }
    },
    state: async (place, height) => {
      const path = encodeURIComponent('"/store/evm/key"')
      const query = `abci_query?path=${path}&data=${toHex(storageKey(place))}&height=${height}&prove=true`
      const [inStore, ofStore] = (await ask(query, State)).response.proofOps.ops
      return { inStore: base64(inStore?.data ?? ''), ofStore: base64(ofStore?.data ?? '') }
    },
  }
}

function headerOf(json: CometHeader): Header {
  return {
    version: { block: Number(json.version.block), app: Number(json.version.app ?? 0) },
    chain: json.chain_id,
    height: Number(json.height),
    time: timeOf(json.time),
    lastBlock: blockOf(json.last_block_id),
    lastCommitHash: fromHex(json.last_commit_hash),
    dataHash: fromHex(json.data_hash),
    validatorsHash: fromHex(json.validators_hash),
    nextValidatorsHash: fromHex(json.next_validators_hash),
    consensusHash: fromHex(json.consensus_hash),
    appHash: fromHex(json.app_hash),
    lastResultsHash: fromHex(json.last_results_hash),
    evidenceHash: fromHex(json.evidence_hash),
    proposerAddress: fromHex(json.proposer_address),
  }
}

function commitOf({ height, round, block_id: block, signatures }: CometCommit): LightBlock['commit'] {
  return {
    height: Number(height),
    round,
    block: blockOf(block),
    votes: signatures.map((vote) =>
      vote.block_id_flag === FOR_THE_BLOCK
        ? { time: timeOf(vote.timestamp), signature: base64(vote.signature ?? '') }
        : undefined,
    ),
  }
}

function blockOf({ hash, parts }: Static<typeof Block>): BlockId {
  return { hash: fromHex(hash), parts: parts.total, partsHash: fromHex(parts.hash) }
}

/** RFC 3339 with up to nine digits behind the second. */
function timeOf(text: string): BlockTime {
  const [whole = '', digits = ''] = text.slice(0, -1).split('.')
  return { seconds: Date.parse(`${whole}Z`) / 1_000, nanos: Number(digits.padEnd(9, '0')) }
}

function base64(text: string): Bytes {
  return fromBase64Url(text.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, ''))
}
