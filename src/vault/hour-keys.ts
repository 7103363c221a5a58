/**
 * What one hour's secret becomes: the key of its chunks, the commitment to that key, and the key of the salts inside.
 *
 *   AES-256 key ‖ key commitment ‖ salt key = HKDF-Expand(leaf, "islet/v1/hour-key", 96)
 *
 * Law: AES-GCM commits to no key, so one ciphertext may open under two. The commitment is written into the chunk and
 * compared with the one derived here, and stands in the associated data: a chunk belongs to one key (RFC 9771 §4.1).
 * The leaf is the output of a pseudorandom function, so expansion alone suffices (RFC 5869 §3.3).
 */
import type { Bytes } from '../vocabulary/index.ts'
import { hkdfExpand } from './hkdf.ts'
import { type Hasher, KEY_BYTES, LABELS } from './suite.ts'

export interface HourKeys {
  /** AES-256 key of every chunk of the hour. */
  readonly key: Bytes
  /** Public: says which key, and nothing about it. */
  readonly commitment: Bytes
  /** Key of the salts that hide the readings in the reading root. */
  readonly saltKey: Bytes
}

export function hourKeys(hasher: Hasher, leaf: Uint8Array): HourKeys {
  const bytes = hkdfExpand(hasher, leaf, LABELS.hourKey, 3 * KEY_BYTES)
  return {
    key: bytes.subarray(0, KEY_BYTES),
    commitment: bytes.subarray(KEY_BYTES, 2 * KEY_BYTES),
    saltKey: bytes.subarray(2 * KEY_BYTES),
  }
}
