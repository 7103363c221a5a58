/**
 * What one hour's secret becomes: the key of its chunks, the commitment to that key, and the key of the salts inside.
 *
 *   AES-256 key ‖ key commitment ‖ salt key = HKDF-Expand(leaf, "islet/v1/hour-key", 96)
 *
 * Law: AES-GCM commits to no key, so one ciphertext may open under two. The commitment is written into the chunk and
 * compared with the one derived here, and stands in the associated data: a chunk belongs to one key (RFC 9771 §4.1).
 * The leaf is the output of a pseudorandom function, so expansion alone suffices (RFC 5869 §3.3).
 */
import type { Bytes, UtcHour } from '../vocabulary/index.ts'
import type { Cover } from './cover.ts'
import { hkdfRows } from './hash-rows.ts'
import { hkdfExpand } from './hkdf.ts'
import { hourLeaves } from './hour-leaves.ts'
import { type Hasher, KEY_BYTES, LABELS } from './suite.ts'

export interface HourKeys {
  /** AES-256 key of every chunk of the hour. */
  readonly key: Bytes
  /** Public: says which key, and nothing about it. */
  readonly commitment: Bytes
  /** Key of the salts that hide the readings in the reading root. */
  readonly saltKey: Bytes
}

const HOUR_BYTES = 3 * KEY_BYTES

export function hourKeys(hasher: Hasher, leaf: Uint8Array): HourKeys {
  return keysIn(hkdfExpand(hasher, leaf, LABELS.hourKey, HOUR_BYTES))
}

/** The keys of those of the hours that a cover holds. */
export function keysOfHours(
  hasher: Hasher,
  cover: Cover,
  hours: readonly UtcHour[],
): ReadonlyMap<UtcHour, HourKeys> {
  const held = hourLeaves(hasher, cover, hours)
  const bytes = hkdfRows(hasher, held.leaves, LABELS.hourKey, LABELS.hourKey.length, HOUR_BYTES)
  return new Map(
    held.hours.map((hour, i) => [hour, keysIn(bytes.subarray(i * HOUR_BYTES, (i + 1) * HOUR_BYTES))]),
  )
}

function keysIn(bytes: Bytes): HourKeys {
  return {
    key: bytes.subarray(0, KEY_BYTES),
    commitment: bytes.subarray(KEY_BYTES, 2 * KEY_BYTES),
    saltKey: bytes.subarray(2 * KEY_BYTES),
  }
}
