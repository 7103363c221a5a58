/**
 * The journal of a ledger: the raw transactions of every block. The embedded engine writes it before it executes them, a
 * member of a consortium as it sees them. Pure: verifiers read it without an engine, a browser too.
 *
 *   record 0  = 0x00 ‖ canonical JSON of the chain's parameters, genesis hash, operator and, on a consortium, founding
 *   record n  = 0x01 ‖ height (8) ‖ timestamp (8) ‖ parent hash (32) ‖ count (4)
 *               ‖ count × (number of keys (2) ‖ keys (32 each) ‖ length (4) ‖ raw transaction)
 *
 * Law: heights count up by one from 1, timestamps never decrease, and each block names the hash of the one before,
 * so that a journal fixes every block but its last, which the signed head fixes. Frame: records.ts.
 */
import {
  type Address,
  address,
  type Bytes,
  fromHex,
  fromUtf8,
  type Hash32,
  type Hex,
  hash32,
  IsletError,
  quantity,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { type RecordsEnd, readRecords, type Sha256 } from './records.ts'

/** What a chain is made with; a journal replays to the same blocks under these alone. */
export interface ChainParameters {
  readonly chainId: number
  /** Seconds since 1970. */
  readonly genesisTimestamp: number
  readonly blockGasLimit: number
  readonly fork: string
}

/** What a consortium's genesis executes before its first block. */
export interface Founding {
  /** Sender of the creations, in their order, with its nonces from 0 on. */
  readonly creator: Address
  /** Creation code with its arguments. */
  readonly creations: readonly Hex[]
}

/** What the first record says. */
export interface JournalGenesis extends ChainParameters {
  readonly genesisHash: Hash32
  /** Whose key signs the heads; on a consortium the contract whose members' keys do. */
  readonly operator: Address
  /** On a consortium only, whose block 1 is the genesis itself. */
  readonly founding?: Founding
}

export interface JournalTransaction {
  readonly raw: Hex
  /** Idempotency keys: digests of the intents inside. */
  readonly keys: readonly Hash32[]
}

export interface JournalBlock {
  readonly height: number
  readonly timestamp: UnixSeconds
  readonly parentHash: Hash32
  readonly transactions: readonly JournalTransaction[]
}

export interface JournalEntry {
  readonly offset: number
  readonly block: JournalBlock
  /** Hash of the journal up to and with this block. */
  readonly recordHash: Bytes
}

export interface OpenedJournal {
  readonly genesis: JournalGenesis
  readonly genesisRecordHash: Bytes
  /** Blocks in order; its return value says where the good part ends. Throws as `readJournal` does. */
  readonly entries: Generator<JournalEntry, RecordsEnd, undefined>
}

/** First byte of a record: what it holds. */
export const RECORD_KINDS = { genesis: 0, block: 1 } as const

/**
 * Opens a journal held in memory; undefined when not even its first record is whole (a file that was never begun).
 * Throws `RECORDS_CORRUPT`, `JOURNAL_MALFORMED` (a sound record that is no journal) and `JOURNAL_OUT_OF_ORDER`,
 * each with facts.offset.
 */
export function readJournal(file: Uint8Array, digest?: Sha256): OpenedJournal | undefined {
  const records = readRecords(file, digest)
  const first = records.next()
  if (first.done) return undefined
  const genesis = decodeGenesis(first.value.payload)
  return { genesis, genesisRecordHash: first.value.hash, entries: walk(records, genesis) }
}

function* walk(
  records: ReturnType<typeof readRecords>,
  genesis: JournalGenesis,
): Generator<JournalEntry, RecordsEnd, undefined> {
  let height = 0
  let timestamp = genesis.genesisTimestamp
  /** The first block that names the genesis as its parent. */
  const first = genesis.founding === undefined ? 1 : 2
  for (;;) {
    const next = records.next()
    if (next.done) return next.value
    const { payload, offset, hash } = next.value
    const block = decodeBlock(payload, offset)
    const orphan = block.height === first && block.parentHash !== genesis.genesisHash
    if (block.height !== height + 1 || block.timestamp < timestamp || orphan) {
      throw new IsletError(
        'JOURNAL_OUT_OF_ORDER',
        `the block at byte ${offset} does not follow the one before it`,
        {
          offset,
          height: block.height,
        },
      )
    }
    height = block.height
    timestamp = block.timestamp
    yield { offset, block, recordHash: hash }
  }
}

function decodeGenesis(payload: Bytes): JournalGenesis {
  const refuse = (): never => {
    throw new IsletError('JOURNAL_MALFORMED', 'the first record does not describe a chain', { offset: 0 })
  }
  if (payload[0] !== RECORD_KINDS.genesis) return refuse()
  let json: unknown
  try {
    json = JSON.parse(fromUtf8(payload.subarray(1)))
  } catch {
    return refuse()
  }
  if (typeof json !== 'object' || json === null) return refuse()
  const field = (name: string): unknown => (json as Readonly<Record<string, unknown>>)[name]
  const whole = (name: string): number => {
    const value = field(name)
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : refuse()
  }
  const text = (name: string): string => {
    const value = field(name)
    return typeof value === 'string' ? value : refuse()
  }
  if (field('schema') !== 'islet.journal/1') return refuse()
  const creations = field('creations')
  const isCreated = Array.isArray(creations) && creations.every((code) => typeof code === 'string')
  if (creations !== undefined && !isCreated) return refuse()
  return {
    chainId: whole('chainId'),
    genesisTimestamp: whole('genesisTimestamp'),
    blockGasLimit: whole('blockGasLimit'),
    fork: text('fork'),
    genesisHash: hash32(text('genesisHash')),
    operator: address(text('operator')),
    ...(isCreated
      ? {
          founding: {
            creator: address(text('creator')),
            creations: creations.map((code) => toHex(fromHex(code))),
          },
        }
      : {}),
  }
}

/** A block from the payload of its record. Throws `JOURNAL_MALFORMED`. */
export function decodeBlock(payload: Bytes, offset: number): JournalBlock {
  const refuse = (): never => {
    throw new IsletError('JOURNAL_MALFORMED', `the record at byte ${offset} holds no block`, { offset })
  }
  let at = 0
  const take = (length: number): Bytes => {
    if (at + length > payload.length) return refuse()
    at += length
    return payload.subarray(at - length, at)
  }
  const number = (bytes: Bytes): number => {
    const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
    return Number.isSafeInteger(value) ? value : refuse()
  }
  if (take(1)[0] !== RECORD_KINDS.block) return refuse()
  const height = number(take(8))
  const timestamp = quantity<UnixSeconds>(number(take(8)))
  const parentHash = hash32(toHex(take(32)))
  const transactions: JournalTransaction[] = []
  for (let left = number(take(4)); left > 0; left--) {
    const keys: Hash32[] = []
    for (let more = number(take(2)); more > 0; more--) keys.push(hash32(toHex(take(32))))
    transactions.push({ keys, raw: toHex(take(number(take(4)))) })
  }
  if (at !== payload.length) return refuse()
  return { height, timestamp, parentHash, transactions }
}
