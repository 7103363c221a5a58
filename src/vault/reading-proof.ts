/**
 * Showing one reading of a chunk, and nothing of the others.
 *
 * A proof carries the reading, its salt, the leaves of its neighbours and the hash of the chunk. Whoever checks it gets
 * the data of the chunk's leaf in the custodian's tree; an inclusion path from there leads to an anchored root.
 * Laws: a proof holds for one reading, in one place of one stream and hour; it hides the other readings and their number.
 */
import type { HealthRecord } from '../series/index.ts'
import { type Bytes, equalBytes, IsletError } from '../vocabulary/index.ts'
import { associatedData, leafData, splitChunk } from './chunk.ts'
import { type ChunkContext, encodeContext, type StreamCommitment } from './chunk-context.ts'
import type { Cover } from './cover.ts'
import { hourKeys } from './hour-keys.ts'
import { leafDeriver } from './key-tree.ts'
import { type ChunkToOpen, type OpenFailure, openHours } from './open-hours.ts'
import { codecOf } from './payload.ts'
import { readingLeaf, readingLeaves, readingRoot, readingSalts, SALT_BYTES } from './reading-root.ts'
import { type Crypto, HASH_BYTES, type Hasher } from './suite.ts'

export interface ReadingProof {
  readonly context: ChunkContext
  /** Position among the slots of the chunk. */
  readonly slot: number
  /** The bytes of the slot: the reading itself. */
  readonly bytes: Uint8Array
  /** 16 bytes. */
  readonly salt: Uint8Array
  /** The leaves of the other slots, in order. */
  readonly others: readonly Uint8Array[]
  /** SHA-256 of the chunk. */
  readonly chunkDigest: Uint8Array
}

export type MadeProof =
  | { readonly code: 'PROVEN'; readonly proof: ReadingProof }
  | { readonly code: OpenFailure }
  /** The chunk holds fewer readings. */
  | { readonly code: 'NO_SUCH_READING' }

/** Proves the reading at a position of a chunk that the cover opens. */
export async function proveReading(
  crypto: Crypto,
  cover: Cover,
  stream: StreamCommitment,
  chunk: ChunkToOpen,
  slot: number,
): Promise<MadeProof> {
  const [opened] = await openHours(crypto, cover, stream, [chunk])
  if (opened?.code !== 'OPENED') return { code: opened?.code ?? 'CHUNK_MALFORMED' }
  if (!(Number.isInteger(slot) && slot >= 0 && slot < opened.records.length))
    return { code: 'NO_SUCH_READING' }
  const { context } = opened
  const { salts, slots } = await insideOf(crypto, cover, context, chunk.bytes)
  const bytes = slots[slot]
  if (bytes === undefined) return { code: 'NO_SUCH_READING' }
  return {
    code: 'PROVEN',
    proof: {
      context,
      slot,
      bytes: bytes.slice(),
      salt: salts.slice(slot * SALT_BYTES, (slot + 1) * SALT_BYTES),
      others: readingLeaves(crypto.hasher, salts, slots).filter((_, i) => i !== slot),
      chunkDigest: crypto.hasher.sha256(chunk.bytes),
    },
  }
}

export type CheckedReading =
  | {
      readonly code: 'SHOWN'
      readonly record: HealthRecord
      /** Data of the chunk's leaf: show it included in an anchored root, or the proof says nothing of when. */
      readonly leaf: Bytes
    }
  /** The parts do not lead to the leaf given, or the bytes are no reading of that hour. */
  | { readonly code: 'READING_NOT_PROVEN' }

/** Checks a proof against the leaf data of a chunk known to be in the custodian's tree. Needs no key. */
export function verifyReading(hasher: Hasher, proof: ReadingProof, leaf: Uint8Array): CheckedReading {
  const { context, slot, bytes, salt, others, chunkDigest } = proof
  const codec = codecOf(context.kind)
  const sound =
    isContext(context) &&
    Number.isInteger(slot) &&
    slot >= 0 &&
    slot < codec.slots &&
    salt.length === SALT_BYTES &&
    chunkDigest.length === HASH_BYTES &&
    others.length === codec.slots - 1 &&
    others.every((other) => other.length === HASH_BYTES)
  if (!sound) return { code: 'READING_NOT_PROVEN' }
  const leaves = [...others.slice(0, slot), readingLeaf(hasher, salt, bytes), ...others.slice(slot)]
  const shown = leafData(chunkDigest, readingRoot(hasher, context, leaves))
  const record = codec.decodeSlot(context.hour, bytes)
  if (record === undefined || !equalBytes(shown, leaf)) return { code: 'READING_NOT_PROVEN' }
  return { code: 'SHOWN', record, leaf: shown }
}

/** Salts and slots of a chunk that has just been opened with the same keys. */
async function insideOf(
  { hasher, cipher }: Crypto,
  cover: Cover,
  context: ChunkContext,
  chunk: Uint8Array,
): Promise<{ readonly salts: Uint8Array; readonly slots: readonly Uint8Array[] }> {
  const leaf = leafDeriver(hasher, cover)(context.hour)
  const parts = splitChunk(chunk)
  if (leaf !== undefined && parts !== undefined) {
    const keys = hourKeys(hasher, leaf)
    const associated = associatedData(encodeContext(context), keys.commitment, parts.root)
    const [plaintext] = await cipher.decrypt([
      { key: keys.key, nonce: parts.nonce, associated, sealed: parts.sealed },
    ])
    const slots = plaintext === undefined ? undefined : codecOf(context.kind).slotsOf(plaintext)
    if (slots !== undefined) return { salts: readingSalts(hasher, keys, context, slots.length), slots }
  }
  throw new IsletError('CIPHER_BROKEN', 'a chunk opened once and not again')
}

function isContext(context: ChunkContext): boolean {
  try {
    encodeContext(context)
    return true
  } catch {
    return false
  }
}
