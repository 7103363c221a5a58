/** Chains made for tests: seats with keys of their own, blocks that they sign. */
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { nobleHasher } from '../../vault/index.ts'
import { type Bytes, quantity, type UnixSeconds, utf8 } from '../../vocabulary/index.ts'
import { voteBytes } from '../commit.ts'
import { type Header, headerHash } from '../header.ts'
import type { FinalityCrypto, LightBlock } from '../light-block.ts'
import { type Seat, seatsHash } from '../seats.ts'

const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI = Buffer.from('302a300506032b6570032100', 'hex')

export const CRYPTO: FinalityCrypto = {
  hasher: nobleHasher,
  verify: (key, message, signature) => {
    const parsed = createPublicKey({ key: Buffer.concat([SPKI, key]), format: 'der', type: 'spki' })
    return verify(null, message, parsed, signature)
  },
}

/** 2026-01-01, and a block a second from then on. */
export const BEGIN = 1_767_225_600
export const NOW = quantity<UnixSeconds>(BEGIN + 1_000)

function privateKey(name: string) {
  const seed = nobleHasher.sha256(utf8(`seat ${name}`))
  return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
}

export type NamedSeat = Seat & { readonly name: string }

/** A seat of a name; the same key for the same name. */
export function seatOf(name: string, power = 100): NamedSeat {
  const key = createPublicKey(privateKey(name)).export({ format: 'der', type: 'spki' })
  return { name, power, key: new Uint8Array(key.subarray(SPKI.length)) }
}

export interface Made {
  readonly height: number
  readonly seats: readonly NamedSeat[]
  /** Seats of the next block; the same when left out. */
  readonly next?: readonly NamedSeat[]
  /** Names of the seats that sign; all when left out. */
  readonly signers?: readonly string[]
  readonly header?: Partial<Header>
  /** The chain that the votes name, where it is not the header's. */
  readonly voted?: string
}

/** A block with the votes of its seats. */
export function blockOf({
  height,
  seats,
  next = seats,
  signers,
  header: other = {},
  voted,
}: Made): LightBlock {
  const some = (text: string): Bytes => nobleHasher.sha256(utf8(`${text} ${height}`))
  const header: Header = {
    version: { block: 11, app: 0 },
    chain: 'islet-7',
    height,
    time: { seconds: BEGIN + height, nanos: 5 },
    lastBlock: { hash: some('last'), parts: 1, partsHash: some('parts') },
    lastCommitHash: some('commit'),
    dataHash: some('data'),
    validatorsHash: seatsHash(seats, nobleHasher),
    nextValidatorsHash: seatsHash(next, nobleHasher),
    consensusHash: some('consensus'),
    appHash: some('app'),
    lastResultsHash: some('results'),
    evidenceHash: some('evidence'),
    proposerAddress: some('proposer').slice(0, 20),
    ...other,
  }
  const block = { hash: headerHash(header, nobleHasher), parts: 1, partsHash: some('own parts') }
  const commit = { height, round: 1, block, votes: [] }
  const bytesOf = voteBytes(commit, voted ?? header.chain)
  const votes = seats.map(({ name }, place) => {
    if (signers !== undefined && !signers.includes(name)) return undefined
    const time = { seconds: BEGIN + height + 1, nanos: place }
    return { time, signature: new Uint8Array(sign(null, bytesOf(time), privateKey(name))) }
  })
  return { header, seats, commit: { ...commit, votes } }
}
