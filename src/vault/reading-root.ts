/**
 * The reading root: one hash over the slots of a chunk, made so that a single reading can be shown without the others.
 *
 *   salts  = HKDF-Expand(the hour's salt key, "islet/v1/salts" ‖ revision u32 ‖ overflow u16, 16·n); salt i its i-th 16
 *   leaf i = SHA-256(0x00 ‖ salt i ‖ slot i)
 *   root   = SHA-256("islet/v1/readings" ‖ context (chunk-context.ts) ‖ leaf 0 ‖ … ‖ leaf n−1)
 *
 * One flat level, not a tree: with n = 12 or 16 a proof is 11 or 15 hashes instead of 4, and sealing costs one hash
 * instead of n. Empty slots have leaves too, so a proof says nothing about how many readings the chunk holds.
 *
 * Laws: without its salt a leaf hides its reading (a glucose value has some 400 possibilities); one shown salt says
 * nothing about another (parts of a pseudorandom output); revisions share no salts; the root names its context, so a
 * reading shown is a reading of that stream and hour.
 * Source: salted leaves as in RFC 9901 (SD-JWT) §4.2 and RFC 9162 §2.1 (the 0x00 prefix).
 */
import { type Bytes, concat } from '../vocabulary/index.ts'
import { type ChunkContext, CONTEXT_BYTES, encodeContext } from './chunk-context.ts'
import { hkdfExpand } from './hkdf.ts'
import type { HourKeys } from './hour-keys.ts'
import { HASH_BYTES, type Hasher, LABELS } from './suite.ts'

export const SALT_BYTES = 16

/** The salts of a chunk, 16 bytes for each slot. */
export function readingSalts(hasher: Hasher, keys: HourKeys, context: ChunkContext, slots: number): Bytes {
  const place = new Uint8Array(6)
  const view = new DataView(place.buffer)
  view.setUint32(0, context.revision)
  view.setUint16(4, context.overflow)
  return hkdfExpand(hasher, keys.saltKey, concat(LABELS.salts, place), slots * SALT_BYTES)
}

/** The leaf of one slot. */
export function readingLeaf(hasher: Hasher, salt: Uint8Array, slot: Uint8Array): Bytes {
  const message = new Uint8Array(1 + SALT_BYTES + slot.length)
  message.set(salt, 1)
  message.set(slot, 1 + SALT_BYTES)
  return hasher.sha256(message)
}

/** The leaves of all slots of a chunk, in order. */
export function readingLeaves(
  hasher: Hasher,
  salts: Uint8Array,
  slots: readonly Uint8Array[],
): readonly Bytes[] {
  return slots.map((slot, i) =>
    readingLeaf(hasher, salts.subarray(i * SALT_BYTES, (i + 1) * SALT_BYTES), slot),
  )
}

const PREFIX = LABELS.readings.length
/** One buffer for all roots: nothing waits between filling and hashing it. */
let scratch = new Uint8Array(PREFIX + CONTEXT_BYTES + 16 * HASH_BYTES)

/** The root over the leaves of a chunk. */
export function readingRoot(hasher: Hasher, context: ChunkContext, leaves: readonly Uint8Array[]): Bytes {
  const length = PREFIX + CONTEXT_BYTES + leaves.length * HASH_BYTES
  if (scratch.length < length) scratch = new Uint8Array(length)
  scratch.set(LABELS.readings)
  scratch.set(encodeContext(context), PREFIX)
  let at = PREFIX + CONTEXT_BYTES
  for (const leaf of leaves) {
    scratch.set(leaf, at)
    at += HASH_BYTES
  }
  return hasher.sha256(scratch.subarray(0, length))
}
