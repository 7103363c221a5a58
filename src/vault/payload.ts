/**
 * What lies inside a chunk before it is sealed: a fixed number of slots, some used, all present.
 *
 * Law: the bytes of a chunk say nothing about how many records it holds. Glucose has one size; other kinds have one
 * size too, except that a single record too long for it gets a chunk of its own in a bucket of 256·2^k.
 */
import type { HealthRecord } from '../series/index.ts'
import type { Kind, UtcHour } from '../vocabulary/index.ts'
import { glucoseCodec } from './glucose-codec.ts'
import { jsonCodec } from './json-codec.ts'

export interface DecodedPayload {
  readonly records: readonly HealthRecord[]
  /** How many chunks the revision has, so that a chunk held back is noticed. */
  readonly chunks: number
}

export interface PayloadCodec {
  /** Slots of every chunk: each is one leaf under the reading root. */
  readonly slots: number
  /** Bytes of a slot where all have as many: then they stand joined at the end of the plaintext. */
  readonly slotBytes?: number
  /**
   * Records of one hour → plaintexts of its chunks, at least `atLeast` of them and never none.
   * Throws `RECORD_NOT_SEALABLE`, `RECORD_OUTSIDE_HOUR`, `HOUR_TOO_FULL`.
   */
  encode(hour: UtcHour, records: readonly HealthRecord[], atLeast: number): readonly Uint8Array[]
  /** Plaintext → records, or undefined when the bytes are not in the one spelling of this codec. */
  decode(hour: UtcHour, plaintext: Uint8Array): DecodedPayload | undefined
  /** The bytes of every slot in order; undefined as above. */
  slotsOf(plaintext: Uint8Array): readonly Uint8Array[] | undefined
  /** One shown slot → its record, or undefined for an empty or malformed one. */
  decodeSlot(hour: UtcHour, slot: Uint8Array): HealthRecord | undefined
}

/** The codec of a kind. */
export function codecOf(kind: Kind): PayloadCodec {
  return kind === 'glucose' ? glucoseCodec : jsonCodec(kind)
}
