/**
 * The sealed chunk: its bytes, its associated data, and what of it goes into the custodian's Merkle tree.
 *
 *   chunk      = suite u16 ‖ key commitment 32 ‖ reading root 32 ‖ nonce 12 ‖ AES-256-GCM(payload) ‖ tag 16
 *   associated = "islet/v1/chunk" ‖ context 49 ‖ key commitment 32 ‖ reading root 32
 *   tree leaf  = "islet/v1/chunk-leaf" ‖ suite u16 ‖ SHA-256(chunk) ‖ reading root   (data of a salted leaf)
 *
 * Laws: context and key commitment in the associated data are rebuilt by whoever opens; the ones written in the chunk
 * are only compared. The reading root stands in the tree leaf beside the chunk's hash, so one reading is shown against
 * an anchored root without the chunk.
 */
import { type Bytes, concat } from '../vocabulary/index.ts'
import { CONTEXT_BYTES } from './chunk-context.ts'
import { HASH_BYTES, type Hasher, LABELS, NONCE_BYTES, SUITE, SUITE_BYTES, TAG_BYTES } from './suite.ts'

const COMMITMENT_AT = SUITE_BYTES
const ROOT_AT = COMMITMENT_AT + HASH_BYTES
const NONCE_AT = ROOT_AT + HASH_BYTES
const SEALED_AT = NONCE_AT + NONCE_BYTES
/** What sealing adds to a payload: 94 bytes. */
export const CHUNK_OVERHEAD = SEALED_AT + TAG_BYTES

const LEAF_HEAD = concat(LABELS.leaf, Uint8Array.of(SUITE >> 8, SUITE & 0xff))
/** Bytes of the data of every chunk's leaf. */
export const LEAF_DATA_BYTES = LEAF_HEAD.length + 2 * HASH_BYTES

/** A chunk taken apart; nothing in it is trusted yet. */
export interface ChunkParts {
  readonly suite: number
  readonly commitment: Uint8Array
  readonly root: Uint8Array
  readonly nonce: Uint8Array
  readonly sealed: Uint8Array
}

export function joinChunk(parts: Omit<ChunkParts, 'suite'>): Bytes {
  const bytes = new Uint8Array(SEALED_AT + parts.sealed.length)
  bytes[1] = SUITE
  bytes.set(parts.commitment, COMMITMENT_AT)
  bytes.set(parts.root, ROOT_AT)
  bytes.set(parts.nonce, NONCE_AT)
  bytes.set(parts.sealed, SEALED_AT)
  return bytes
}

/** Views on the parts of a chunk, or undefined when it is too short to be one. */
export function splitChunk(bytes: Uint8Array): ChunkParts | undefined {
  if (bytes.length < CHUNK_OVERHEAD) return undefined
  return {
    suite: ((bytes[0] ?? 0) << 8) | (bytes[1] ?? 0),
    commitment: bytes.subarray(COMMITMENT_AT, ROOT_AT),
    root: bytes.subarray(ROOT_AT, NONCE_AT),
    nonce: bytes.subarray(NONCE_AT, SEALED_AT),
    sealed: bytes.subarray(SEALED_AT),
  }
}

/** Where the context stands in the associated data, and the bytes of all of it. */
export const ASSOCIATED_CONTEXT_AT = LABELS.chunk.length
export const ASSOCIATED_BYTES = LABELS.chunk.length + CONTEXT_BYTES + 2 * HASH_BYTES

/** The associated data of a chunk, from what the caller knows; `context` as `encodeContext` writes it. */
export function associatedData(context: Uint8Array, commitment: Uint8Array, root: Uint8Array): Bytes {
  const bytes = new Uint8Array(ASSOCIATED_BYTES)
  bytes.set(context, ASSOCIATED_CONTEXT_AT)
  fillAssociated(bytes, commitment, root)
  return bytes
}

/** Writes the associated data around a context that stands at `ASSOCIATED_CONTEXT_AT` already. */
export function fillAssociated(bytes: Uint8Array, commitment: Uint8Array, root: Uint8Array): void {
  bytes.set(LABELS.chunk)
  bytes.set(commitment, ASSOCIATED_CONTEXT_AT + CONTEXT_BYTES)
  bytes.set(root, ASSOCIATED_CONTEXT_AT + CONTEXT_BYTES + HASH_BYTES)
}

/** Data of the chunk's leaf in the custodian's tree, from the hash of the chunk and its reading root; into `bytes` if given. */
export function leafData(
  digest: Uint8Array,
  root: Uint8Array,
  bytes: Bytes = new Uint8Array(LEAF_DATA_BYTES),
): Bytes {
  bytes.set(LEAF_HEAD)
  bytes.set(digest, LEAF_HEAD.length)
  bytes.set(root, LEAF_HEAD.length + HASH_BYTES)
  return bytes
}

/** Data of a chunk's leaf from its bytes: needs no key, so a custodian computes it. Undefined for no chunk. */
export function chunkLeafData(hasher: Hasher, chunk: Uint8Array): Bytes | undefined {
  const parts = splitChunk(chunk)
  return parts === undefined || parts.suite !== SUITE ? undefined : leafData(hasher.sha256(chunk), parts.root)
}
