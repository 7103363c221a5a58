/**
 * A block's header: what a consortium's validators agreed on, and its hash.
 *
 * Law: the hash is the Merkle root (RFC 6962) over the fourteen fields in order, each in its protobuf encoding, so that
 * no field can change without it.
 * Source: CometBFT v0.39, spec/core/data_structures.md; proto/tendermint/types/types.proto.
 */
import { leafHash, merkleTree, type TreeHasher } from '../vault/index.ts'
import { type Bytes, concat, fromUtf8, utf8 } from '../vocabulary/index.ts'
import { bytesField, messageField, numberField, readMessage } from './wire.ts'

/** An instant of a block or a vote. */
export interface BlockTime {
  /** Since 1970-01-01T00:00Z. */
  readonly seconds: number
  /** 0 to 999,999,999. */
  readonly nanos: number
}

/** Which block: its header's hash, and the hash of the parts that it was sent in. */
export interface BlockId {
  readonly hash: Bytes
  readonly parts: number
  readonly partsHash: Bytes
}

/** Fields 6 to 14, which all are bytes: hashes of 32, and the proposer's address of 20. */
const HASHES = [
  'lastCommitHash',
  'dataHash',
  'validatorsHash',
  'nextValidatorsHash',
  'consensusHash',
  'appHash',
  'lastResultsHash',
  'evidenceHash',
  'proposerAddress',
] as const

export type Header = Readonly<Record<(typeof HASHES)[number], Bytes>> & {
  readonly version: { readonly block: number; readonly app: number }
  /** The text that every vote signs. */
  readonly chain: string
  readonly height: number
  readonly time: BlockTime
  readonly lastBlock: BlockId
}

export function writeTime({ seconds, nanos }: BlockTime): Bytes {
  return concat(numberField(1, seconds), numberField(2, nanos))
}

export function readTime(bytes: Uint8Array): BlockTime {
  const message = readMessage(bytes, [1, 2])
  return { seconds: message.number(1), nanos: message.number(2) }
}

/** Whether an instant is after another. */
export function isAfter(a: BlockTime, b: BlockTime): boolean {
  return a.seconds === b.seconds ? a.nanos > b.nanos : a.seconds > b.seconds
}

export function writeBlockId({ hash, parts, partsHash }: BlockId): Bytes {
  const set = concat(numberField(1, parts), bytesField(2, partsHash))
  return concat(bytesField(1, hash), messageField(2, set))
}

export function readBlockId(bytes: Uint8Array): BlockId {
  const message = readMessage(bytes, [1, 2])
  const set = readMessage(message.bytes(2), [1, 2])
  return { hash: message.bytes(1), parts: set.number(1), partsHash: set.bytes(2) }
}

function writeVersion({ block, app }: Header['version']): Bytes {
  return concat(numberField(1, block), numberField(2, app))
}

/** `tendermint.types.Header`. */
export function writeHeader(header: Header): Bytes {
  return concat(
    messageField(1, writeVersion(header.version)),
    bytesField(2, utf8(header.chain)),
    numberField(3, header.height),
    messageField(4, writeTime(header.time)),
    messageField(5, writeBlockId(header.lastBlock)),
    ...HASHES.map((name, place) => bytesField(6 + place, header[name])),
  )
}

/** Reads `tendermint.types.Header`. Throws `PROOF_MALFORMED`. */
export function readHeader(bytes: Uint8Array): Header {
  const message = readMessage(bytes, [1, 2, 3, 4, 5, ...HASHES.map((_, place) => 6 + place)])
  const version = readMessage(message.bytes(1), [1, 2])
  const at = (name: (typeof HASHES)[number]): Bytes => message.bytes(6 + HASHES.indexOf(name))
  return {
    version: { block: version.number(1), app: version.number(2) },
    chain: fromUtf8(message.bytes(2)),
    height: message.number(3),
    time: readTime(message.bytes(4)),
    lastBlock: readBlockId(message.bytes(5)),
    lastCommitHash: at('lastCommitHash'),
    dataHash: at('dataHash'),
    validatorsHash: at('validatorsHash'),
    nextValidatorsHash: at('nextValidatorsHash'),
    consensusHash: at('consensusHash'),
    appHash: at('appHash'),
    lastResultsHash: at('lastResultsHash'),
    evidenceHash: at('evidenceHash'),
    proposerAddress: at('proposerAddress'),
  }
}

/** What the validators sign: the hash of the header. */
export function headerHash(header: Header, hasher: TreeHasher): Bytes {
  return merkleRoot(
    [
      writeVersion(header.version),
      bytesField(1, utf8(header.chain)),
      numberField(1, header.height),
      writeTime(header.time),
      writeBlockId(header.lastBlock),
      ...HASHES.map((name) => bytesField(1, header[name])),
    ],
    hasher,
  )
}

/** Root over the given leaves' data. */
export function merkleRoot(leaves: readonly Uint8Array[], hasher: TreeHasher): Bytes {
  return merkleTree(
    leaves.map((leaf) => leafHash(leaf, hasher)),
    hasher,
  ).root
}
