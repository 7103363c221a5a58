/**
 * What a chunk is a chunk of. Sealer and opener build these bytes themselves; nobody reads them out of the chunk.
 *
 *   suite u16 ‖ stream commitment 32 ‖ kind u8 ‖ generation u32 ‖ hour u32 ‖ revision u32 ‖ overflow u16   (49 bytes)
 *
 * Law: every field is in the associated data and in the reading root, so a chunk moved to another patient, kind,
 * generation, hour, revision or place fails to open.
 */
import {
  type Bytes,
  HOUR_LIMIT,
  IsletError,
  KINDS,
  type Kind,
  quantity,
  type UtcHour,
} from '../vocabulary/index.ts'
import { SUITE } from './suite.ts'

/** 32 random bytes per patient, drawn once; no identifier and derived from none. */
export type StreamCommitment = Bytes

export interface ChunkContext {
  readonly stream: StreamCommitment
  readonly kind: Kind
  /** Key generation: goes up at every revoke that touches the kind. */
  readonly generation: number
  readonly hour: UtcHour
  /** 0 for the first append of the hour; grows over all generations and never restarts. */
  readonly revision: number
  /** Which of the revision's chunks, from 0. */
  readonly overflow: number
}

export const STREAM_COMMITMENT_BYTES = 32
export const CONTEXT_BYTES = 49
const KIND_AT = 34

/** The 49 bytes of a context. Throws `CONTEXT_MALFORMED` for a field out of its range. */
export function encodeContext(context: ChunkContext): Bytes {
  const bytes = new Uint8Array(CONTEXT_BYTES)
  writeContext(context, bytes, 0)
  return bytes
}

/** Writes the 49 bytes of a context at `at`. Throws as `encodeContext`. */
export function writeContext(context: ChunkContext, bytes: Uint8Array, at: number): void {
  const { stream, generation, hour, revision, overflow } = context
  const kind = KINDS.indexOf(context.kind)
  const sound =
    stream.length === STREAM_COMMITMENT_BYTES &&
    kind >= 0 &&
    isUint(generation, 2 ** 32) &&
    isUint(hour, HOUR_LIMIT) &&
    isUint(revision, 2 ** 32) &&
    isUint(overflow, 2 ** 16)
  if (!sound) {
    throw new IsletError(
      'CONTEXT_MALFORMED',
      'a chunk is named by stream, kind, generation, hour, revision',
      {
        streamBytes: stream.length,
        generation,
        hour,
        revision,
        overflow,
      },
    )
  }
  bytes[at] = SUITE >> 8
  bytes[at + 1] = SUITE
  bytes.set(stream, at + 2)
  const rest = at + KIND_AT
  bytes[rest] = kind
  writeUint32(bytes, rest + 1, generation)
  writeUint32(bytes, rest + 5, hour)
  writeUint32(bytes, rest + 9, revision)
  bytes[rest + 13] = overflow >>> 8
  bytes[rest + 14] = overflow
}

/** Byte by byte: a view for four numbers of every chunk of a year costs more than they do. */
function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/** Reads a context written beside a chunk, or undefined. It tells where to look, never what to trust. */
export function decodeContext(bytes: Uint8Array): ChunkContext | undefined {
  if (bytes.length < CONTEXT_BYTES) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, CONTEXT_BYTES)
  const kind = KINDS[view.getUint8(KIND_AT)]
  const hour = view.getUint32(KIND_AT + 5)
  if (view.getUint16(0) !== SUITE || kind === undefined || hour >= HOUR_LIMIT) return undefined
  return {
    stream: new Uint8Array(bytes.slice(2, 2 + STREAM_COMMITMENT_BYTES)),
    kind,
    generation: view.getUint32(KIND_AT + 1),
    hour: quantity<UtcHour>(hour),
    revision: view.getUint32(KIND_AT + 9),
    overflow: view.getUint16(KIND_AT + 13),
  }
}

function isUint(value: number, limit: number): boolean {
  return Number.isInteger(value) && value >= 0 && value < limit
}
