/**
 * What a consortium node says of the consensus: newest block, seats and who signed it, peers, pace.
 *
 * Law: what one node says is news, not proof; a node that does not answer, or answers in another shape, has said nothing.
 * Source: CometBFT's RPC (status, validators, commit, net_info, blockchain).
 */
import { type Hash32, type Hex, hash32, toHex } from '../vocabulary/index.ts'
import { askComet, listOf } from './comet-rpc.ts'
import { member } from './json-rpc.ts'

export interface SeatStatus {
  /** Ed25519 public key. */
  readonly key: Hash32
  readonly power: number
  /** The newest of the last blocks under which its signature stands; undefined where under none of them. */
  readonly lastSigned: number | undefined
}

export interface ConsensusStatus {
  readonly height: number
  readonly hash: Hex
  /** RFC 3339. */
  readonly time: string
  readonly seats: readonly SeatStatus[]
  readonly peers: number
  /** Seconds between blocks, the median of the last twenty or fewer. */
  readonly blockSeconds: number | undefined
}

/** Commits looked at: a node keeps the first signatures that suffice, so that one block misses honest seats. */
const COMMITS = 5
/** CometBFT's flag of a signature for the block itself. */
const SIGNED = 2

/** Asks a node's own interface (host:port); undefined where it does not answer. */
export async function consensusStatus(comet: string): Promise<ConsensusStatus | undefined> {
  const ask = (path: string): Promise<unknown> => askComet(comet, path)
  try {
    const commit = member(await ask('commit'), 'signed_header')
    const header = member(commit, 'header')
    const height = Number(member(header, 'height'))
    if (!Number.isSafeInteger(height) || height < 1) return undefined
    const lowest = Math.max(1, height - COMMITS + 1)
    const heights = Array.from({ length: height - lowest + 1 }, (_, i) => height - i)
    const [validators, network, chain, ...commits] = await Promise.all([
      ask(`validators?height=${height}&per_page=100`),
      ask('net_info'),
      ask(`blockchain?minHeight=${Math.max(1, height - 19)}&maxHeight=${height}`),
      ...heights.map((one) => ask(`commit?height=${one}`)),
    ])
    const signers = commits.map(signersOf)
    return {
      height,
      hash: `0x${String(member(member(member(commit, 'commit'), 'block_id'), 'hash')).toLowerCase()}`,
      time: String(member(header, 'time')),
      seats: listOf(member(validators, 'validators')).map((seat) => ({
        key: hash32(toHex(Buffer.from(String(member(member(seat, 'pub_key'), 'value')), 'base64'))),
        power: Number(member(seat, 'voting_power')),
        lastSigned: heights.find((_, i) => signers[i]?.has(String(member(seat, 'address')))),
      })),
      peers: Number(member(network, 'n_peers')),
      blockSeconds: pace(listOf(member(chain, 'block_metas'))),
    }
  } catch {
    return undefined
  }
}

/** Consensus addresses that signed a commit. */
function signersOf(answer: unknown): ReadonlySet<string> {
  const commit = member(member(answer, 'signed_header'), 'commit')
  const signed = listOf(member(commit, 'signatures')).filter((one) => member(one, 'block_id_flag') === SIGNED)
  return new Set(signed.map((one) => String(member(one, 'validator_address'))))
}

function pace(metas: readonly unknown[]): number | undefined {
  const times = metas
    .map((meta) => Date.parse(String(member(member(meta, 'header'), 'time'))))
    .sort((a, b) => a - b)
  const gaps = times.slice(1).map((time, i) => (time - (times[i] ?? time)) / 1_000)
  return gaps.sort((a, b) => a - b)[gaps.length >> 1]
}
