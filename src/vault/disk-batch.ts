/**
 * The bytes of a batch: many objects in one file, so that one flush makes them all durable.
 *
 *   "isltb1" ‖ count u32 ‖ count × (length u32 ‖ object) ‖ SHA-256 of all before
 *
 * Law: a batch is whole or it is none.
 */
import { type Bytes, concat, equalBytes, uint32, utf8 } from '../vocabulary/index.ts'
import { HASH_BYTES, type Hasher } from './suite.ts'

const MAGIC = utf8('isltb1')

export function encodeBatch(hasher: Hasher, objects: readonly Uint8Array[]): Bytes {
  const body = concat(MAGIC, uint32(objects.length), ...objects.flatMap((one) => [uint32(one.length), one]))
  return concat(body, hasher.sha256(body))
}

/** The objects of a batch as views on its bytes, or undefined when a byte of it is wrong or missing. */
export function decodeBatch(hasher: Hasher, bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const end = bytes.length - HASH_BYTES
  if (end < MAGIC.length + 4 || !MAGIC.every((byte, i) => byte === bytes[i])) return undefined
  if (!equalBytes(hasher.sha256(bytes.subarray(0, end)), bytes.subarray(end))) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, end)
  const objects: Uint8Array[] = []
  let at = MAGIC.length + 4
  for (let left = view.getUint32(MAGIC.length); left > 0; left--) {
    const length = view.getUint32(at)
    objects.push(bytes.subarray(at + 4, at + 4 + length))
    at += 4 + length
  }
  return at === end ? objects : undefined
}
