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
import { hkdfRows, sha256Pairs } from './hash-rows.ts'
import { hkdfExpand } from './hkdf.ts'
import type { HourKeys } from './hour-keys.ts'
import type { PayloadCodec } from './payload.ts'
import { HASH_BYTES, type Hasher, KEY_BYTES, LABELS } from './suite.ts'

export const SALT_BYTES = 16
/** "islet/v1/salts" ‖ revision u32 ‖ overflow u16 */
const INFO_BYTES = LABELS.salts.length + 6
/** "islet/v1/readings" ‖ context */
const HEAD_BYTES = LABELS.readings.length + CONTEXT_BYTES
/** The byte before the salt of a leaf. */
const LEAF_PREFIX = 0x00

/** The salts of a chunk, 16 bytes for each slot. */
export function readingSalts(
  hasher: Hasher,
  keys: Pick<HourKeys, 'saltKey'>,
  context: ChunkContext,
  slots: number,
): Bytes {
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

/** The root over the leaves of a chunk. */
export function readingRoot(hasher: Hasher, context: ChunkContext, leaves: readonly Uint8Array[]): Bytes {
  return hasher.sha256(concat(LABELS.readings, encodeContext(context), ...leaves))
}

/** A payload whose root is wanted. */
export interface RootWanted {
  readonly context: ChunkContext
  /** The same, as `encodeContext` writes it. */
  readonly place: Uint8Array
  readonly saltKey: Bytes
  readonly plaintext: Uint8Array
}

/**
 * The roots of many payloads of one kind, as `readingRoot` over `readingLeaves` one by one. Payloads are in the spelling of
 * their codec.
 */
export function readingRoots(
  hasher: Hasher,
  codec: PayloadCodec,
  payloads: readonly RootWanted[],
): readonly Bytes[] {
  const { slots, slotBytes } = codec
  if (slotBytes !== undefined) return rootsOfFixed(hasher, slots, slotBytes, payloads)
  return payloads.map(({ context, saltKey, plaintext }) => {
    const parts = codec.slotsOf(plaintext) ?? []
    const salts = readingSalts(hasher, { saltKey }, context, parts.length)
    return readingRoot(hasher, context, readingLeaves(hasher, salts, parts))
  })
}

/** The same where all slots have one size: three calls of the hasher for all payloads. */
function rootsOfFixed(
  hasher: Hasher,
  slots: number,
  slotBytes: number,
  payloads: readonly RootWanted[],
): readonly Bytes[] {
  const count = payloads.length
  const keys = new Uint8Array(count * KEY_BYTES)
  const infos = new Uint8Array(count * INFO_BYTES)
  const view = new DataView(infos.buffer)
  payloads.forEach(({ context, saltKey }, i) => {
    keys.set(saltKey, i * KEY_BYTES)
    infos.set(LABELS.salts, i * INFO_BYTES)
    view.setUint32(i * INFO_BYTES + LABELS.salts.length, context.revision)
    view.setUint16(i * INFO_BYTES + LABELS.salts.length + 4, context.overflow)
  })
  const salts = hkdfRows(hasher, keys, infos, INFO_BYTES, slots * SALT_BYTES)

  const parts = new Uint8Array(count * slots * slotBytes)
  const heads = new Uint8Array(count * HEAD_BYTES)
  payloads.forEach(({ plaintext, place }, i) => {
    parts.set(plaintext.subarray(plaintext.length - slots * slotBytes), i * slots * slotBytes)
    heads.set(LABELS.readings, i * HEAD_BYTES)
    heads.set(place, i * HEAD_BYTES + LABELS.readings.length)
  })
  const leaves = sha256Pairs(hasher, salts, SALT_BYTES, parts, slotBytes, LEAF_PREFIX)
  const roots = sha256Pairs(hasher, heads, HEAD_BYTES, leaves, slots * HASH_BYTES)
  return payloads.map((_, i) => roots.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
}
