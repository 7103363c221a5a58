/**
 * What a custodian stores: one chunk of one hour, or a packed day.
 *
 *   hour object = "islt" ‖ 1 u8 ‖ context 49 ‖ chunk
 *   day object  = "islt" ‖ 2 u8 ‖ context 49 of its first chunk ‖ chunks per hour u16 ‖ chunk bytes u32
 *                 ‖ 24 × chunks per hour × (generation u32 ‖ revision u32 ‖ chunk)
 *
 * Laws: the context lets a custodian rebuild its index from the objects alone; readers never take it for true, a
 * moved chunk fails to open. A day object has one size per kind and density, because the writer seals empty hours too:
 * neither size nor number says when somebody measured. Packing changes no chunk, so proofs of chunks stay good.
 */
import {
  type Bytes,
  concat,
  equalBytes,
  HOUR_LIMIT,
  IsletError,
  quantity,
  type UtcHour,
  utf8,
} from '../vocabulary/index.ts'
import { CHUNK_OVERHEAD } from './chunk.ts'
import { type ChunkContext, CONTEXT_BYTES, decodeContext, encodeContext } from './chunk-context.ts'

/** A chunk and the place that its object claims for it. */
export interface StoredChunk {
  readonly context: ChunkContext
  readonly bytes: Uint8Array
}

const MAGIC = utf8('islt')
const HOUR_OBJECT = 1
const DAY_OBJECT = 2
const HEADER = MAGIC.length + 1 + CONTEXT_BYTES
const DAY_HEADER = HEADER + 6
const SLOT_HEADER = 8
export const HOURS_OF_DAY = 24

/** One chunk as an object of its own: what an append stores. */
export function hourObject(chunk: StoredChunk): Bytes {
  return concat(MAGIC, Uint8Array.of(HOUR_OBJECT), encodeContext(chunk.context), chunk.bytes)
}

/**
 * A closed day in one object: the current chunks of its 24 hours, the same number for each, all of one size.
 * Throws `DAY_NOT_PACKABLE` when an hour is missing, an hour has more chunks than another, or sizes differ.
 */
export function packDay(chunks: readonly StoredChunk[]): Bytes {
  const ordered = chunks.toSorted(
    (a, b) => a.context.hour - b.context.hour || a.context.overflow - b.context.overflow,
  )
  const first = ordered[0]
  const perHour = ordered.length / HOURS_OF_DAY
  if (first === undefined || !Number.isInteger(perHour) || perHour >= 2 ** 16) {
    throw notPackable('a day has the same number of chunks in each of 24 hours', chunks.length)
  }
  const day = first.context.hour
  ordered.forEach(({ context, bytes }, i) => {
    const expected = { hour: day + Math.floor(i / perHour), overflow: i % perHour }
    const same =
      context.hour === expected.hour &&
      context.overflow === expected.overflow &&
      context.kind === first.context.kind &&
      bytes.length === first.bytes.length &&
      (context.stream === first.context.stream || equalBytes(context.stream, first.context.stream))
    if (!same || day % HOURS_OF_DAY !== 0) {
      throw notPackable(
        'a day holds every hour of one UTC day and one stream, in chunks of one size',
        chunks.length,
      )
    }
  })
  const size = first.bytes.length
  const object = new Uint8Array(DAY_HEADER + ordered.length * (SLOT_HEADER + size))
  const view = new DataView(object.buffer)
  object.set(MAGIC)
  object[MAGIC.length] = DAY_OBJECT
  object.set(encodeContext(first.context), MAGIC.length + 1)
  view.setUint16(HEADER, perHour)
  view.setUint32(HEADER + 2, size)
  let at = DAY_HEADER
  for (const { context, bytes } of ordered) {
    view.setUint32(at, context.generation)
    view.setUint32(at + 4, context.revision)
    object.set(bytes, at + SLOT_HEADER)
    at += SLOT_HEADER + size
  }
  return object
}

/** The chunks of an hour or day object, as views on its bytes. Throws `OBJECT_MALFORMED`. */
export function chunksOf(object: Uint8Array): readonly StoredChunk[] {
  const context = decodeContext(object.subarray(MAGIC.length + 1))
  if (context === undefined || !MAGIC.every((byte, i) => byte === object[i])) throw malformed(object.length)
  switch (object[MAGIC.length]) {
    case HOUR_OBJECT:
      if (object.length < HEADER + CHUNK_OVERHEAD) throw malformed(object.length)
      return [{ context, bytes: object.subarray(HEADER) }]
    case DAY_OBJECT:
      return dayChunks(object, context)
    default:
      throw malformed(object.length)
  }
}

function dayChunks(object: Uint8Array, context: ChunkContext): readonly StoredChunk[] {
  if (object.length < DAY_HEADER) throw malformed(object.length)
  const view = new DataView(object.buffer, object.byteOffset, object.length)
  const perHour = view.getUint16(HEADER)
  const slot = SLOT_HEADER + view.getUint32(HEADER + 2)
  const count = perHour * HOURS_OF_DAY
  const sound =
    perHour > 0 &&
    slot >= SLOT_HEADER + CHUNK_OVERHEAD &&
    context.hour % HOURS_OF_DAY === 0 &&
    context.hour + HOURS_OF_DAY <= HOUR_LIMIT &&
    context.overflow === 0 &&
    object.length === DAY_HEADER + count * slot &&
    view.getUint32(DAY_HEADER) === context.generation &&
    view.getUint32(DAY_HEADER + 4) === context.revision
  if (!sound) throw malformed(object.length)
  return Array.from({ length: count }, (_, i) => {
    const at = DAY_HEADER + i * slot
    return {
      context: {
        ...context,
        hour: quantity<UtcHour>(context.hour + Math.floor(i / perHour)),
        overflow: i % perHour,
        generation: view.getUint32(at),
        revision: view.getUint32(at + 4),
      },
      bytes: object.subarray(at + SLOT_HEADER, at + slot),
    }
  })
}

function notPackable(message: string, chunks: number): IsletError {
  return new IsletError('DAY_NOT_PACKABLE', message, { chunks })
}

function malformed(length: number): IsletError {
  return new IsletError('OBJECT_MALFORMED', 'these bytes are no object of the vault', { length })
}
