/**
 * The tail of the log: entries not yet in a full bundle, each made durable before its append returns.
 *
 *   record = entry length (16 bits) ‖ bytes of this file known durable when the record was written (32 bits)
 *            ‖ entry ‖ first 8 bytes of SHA-256 over all that stands before, big-endian
 *
 * Laws: a torn end (power cut, kill) is cut off, since nothing in it was acknowledged; damage to anything
 * acknowledged is never mistaken for it: some later record says that those bytes were durable.
 */
import { type Bytes, concat, equalBytes, IsletError, uint32 } from '../vocabulary/index.ts'
import type { TreeHasher } from './merkle-hash.ts'

const HEAD_BYTES = 6
const CHECK_BYTES = 8

/** What a tail holds, and how many of its bytes are sound. */
export interface TailContent {
  readonly entries: readonly Bytes[]
  readonly soundBytes: number
}

/** One record, written when the first `durableBytes` of the file were durable. */
export function encodeTailRecord(entry: Uint8Array, durableBytes: number, hasher: TreeHasher): Bytes {
  const body = concat(Uint8Array.of(entry.length >> 8, entry.length & 0xff), uint32(durableBytes), entry)
  return concat(body, hasher.sha256(body).subarray(0, CHECK_BYTES))
}

/** Reads a tail and finds its sound part. Throws `LOG_DAMAGED` when acknowledged bytes are not sound. */
export function readTail(bytes: Uint8Array, hasher: TreeHasher): TailContent {
  const entries: Bytes[] = []
  let at = 0
  for (let record = recordAt(bytes, at, hasher); record !== undefined; record = recordAt(bytes, at, hasher)) {
    entries.push(record.entry)
    at = record.end
  }
  for (let probe = at + 1; probe < bytes.length; probe++) {
    const later = recordAt(bytes, probe, hasher)
    if (later !== undefined && later.durableBytes > at && later.durableBytes <= probe) {
      throw new IsletError(
        'LOG_DAMAGED',
        'the access log is damaged in a part that was acknowledged',
        { offset: at },
        { remedy: 'restore the log from a backup; do not start with this directory' },
      )
    }
  }
  return { entries, soundBytes: at }
}

function recordAt(
  bytes: Uint8Array,
  at: number,
  hasher: TreeHasher,
): { readonly entry: Bytes; readonly durableBytes: number; readonly end: number } | undefined {
  if (at + HEAD_BYTES + CHECK_BYTES > bytes.length) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const bodyEnd = at + HEAD_BYTES + view.getUint16(at)
  const end = bodyEnd + CHECK_BYTES
  if (end > bytes.length) return undefined
  const check = hasher.sha256(bytes.subarray(at, bodyEnd)).subarray(0, CHECK_BYTES)
  if (!equalBytes(check, bytes.subarray(bodyEnd, end))) return undefined
  return { entry: bytes.slice(at + HEAD_BYTES, bodyEnd), durableBytes: view.getUint32(at + 2), end }
}
