/**
 * An hour of glucose in fixed slots: 12 to a chunk (one every five minutes), further chunks for denser streams.
 *
 *   chunk: format u8 = 1 ‖ used u8 ‖ chunks u16 ‖ 12 × slot                                        (448 bytes)
 *   slot:  flags u8 ‖ device u32 ‖ at f64 ‖ local f64 ‖ tick f64 ‖ value f64                        (37 bytes)
 *   flags: 1 present · 2 mmol/L · 4 low · 8 high · 16 scan · 32 smbg · 64 tick · 128 device
 *
 * Laws: what goes in comes out bit for bit (times and values stay IEEE 754 doubles, as the source wrote them);
 * an unused slot is zero bytes; one spelling per content. A salted slot fits one SHA-256 block (1 + 16 + 37 ≤ 55).
 */
import type { Glucose, HealthRecord } from '../series/index.ts'
import {
  EPOCH_1900_SECONDS,
  hourOf,
  IsletError,
  type LocalSeconds,
  quantity,
  type UnixSeconds,
  type UtcHour,
} from '../vocabulary/index.ts'
import type { DecodedPayload, PayloadCodec } from './payload.ts'

const GLUCOSE_SLOTS = 12
const SLOT_BYTES = 37
const HEADER = 4
const CHUNK_BYTES = HEADER + GLUCOSE_SLOTS * SLOT_BYTES
const FORMAT = 1

const PRESENT = 1
const MMOL = 2
const LOW = 4
const HIGH = 8
const SCAN = 16
const SMBG = 32
const TICK = 64
const DEVICE = 128

/** Every member that a slot has room for; the compiler refuses a new one that would be lost in silence. */
const MEMBERS: ReadonlySet<string> = new Set(
  Object.keys({
    type: true,
    at: true,
    local: true,
    tick: true,
    device: true,
    value: true,
    unit: true,
    text: true,
    method: true,
  } satisfies Record<keyof Required<Glucose>, true>),
)

export const glucoseCodec: PayloadCodec = {
  slots: GLUCOSE_SLOTS,
  slotBytes: SLOT_BYTES,
  encode(hour, records, atLeast) {
    const chunks = Math.max(1, atLeast, Math.ceil(records.length / GLUCOSE_SLOTS))
    if (chunks >= 2 ** 16) {
      throw new IsletError('HOUR_TOO_FULL', 'an hour holds at most 65,535 chunks', { hour, chunks })
    }
    return Array.from({ length: chunks }, (_, chunk) => {
      const first = chunk * GLUCOSE_SLOTS
      const used = Math.max(0, Math.min(GLUCOSE_SLOTS, records.length - first))
      const plaintext = new Uint8Array(CHUNK_BYTES)
      const view = new DataView(plaintext.buffer)
      view.setUint8(0, FORMAT)
      view.setUint8(1, used)
      view.setUint16(2, chunks)
      for (let slot = 0; slot < used; slot++) {
        writeSlot(view, HEADER + slot * SLOT_BYTES, hour, records[first + slot])
      }
      return plaintext
    })
  },
  decode(hour, plaintext): DecodedPayload | undefined {
    if (plaintext.length !== CHUNK_BYTES) return undefined
    const view = new DataView(plaintext.buffer, plaintext.byteOffset, CHUNK_BYTES)
    const used = view.getUint8(1)
    const chunks = view.getUint16(2)
    if (view.getUint8(0) !== FORMAT || used > GLUCOSE_SLOTS || chunks === 0) return undefined
    const records: HealthRecord[] = []
    for (let slot = 0; slot < used; slot++) {
      const record = readSlot(view, HEADER + slot * SLOT_BYTES, hour)
      if (record === undefined) return undefined
      records.push(record)
    }
    for (let at = HEADER + used * SLOT_BYTES; at < CHUNK_BYTES; at++) {
      if (plaintext[at] !== 0) return undefined
    }
    return { records, chunks }
  },
  slotsOf(plaintext) {
    if (plaintext.length !== CHUNK_BYTES) return undefined
    return Array.from({ length: GLUCOSE_SLOTS }, (_, slot) => {
      const at = HEADER + slot * SLOT_BYTES
      return plaintext.subarray(at, at + SLOT_BYTES)
    })
  },
  decodeSlot(hour, slot) {
    if (slot.length !== SLOT_BYTES) return undefined
    return readSlot(new DataView(slot.buffer, slot.byteOffset, SLOT_BYTES), 0, hour)
  },
}

function writeSlot(view: DataView, at: number, hour: UtcHour, record: HealthRecord | undefined): void {
  if (record?.type !== 'glucose') throw notSealable('the record is no glucose reading', hour)
  const { tick, device, text, method } = record
  for (const name in record) {
    if (!MEMBERS.has(name)) throw notSealable('the record has a member that a slot cannot hold', hour)
  }
  const numbers = [record.at, record.local, record.value, tick ?? 0]
  if (!numbers.every(Number.isFinite)) throw notSealable('a number of the record is not finite', hour)
  if (device !== undefined && !(Number.isInteger(device) && device >= 0 && device < 2 ** 32)) {
    throw notSealable('the device number is no 32-bit counter', hour)
  }
  if (hourOf(record.at) !== hour) {
    throw new IsletError('RECORD_OUTSIDE_HOUR', 'a record belongs to the hour of its instant', { hour })
  }
  const flags =
    PRESENT |
    (record.unit === 'mmol/L' ? MMOL : 0) |
    (text === 'low' ? LOW : text === 'high' ? HIGH : 0) |
    (method === 'scan' ? SCAN : method === 'smbg' ? SMBG : 0) |
    (tick === undefined ? 0 : TICK) |
    (device === undefined ? 0 : DEVICE)
  view.setUint8(at, flags)
  view.setUint32(at + 1, device ?? 0)
  view.setFloat64(at + 5, record.at)
  view.setFloat64(at + 13, record.local)
  view.setFloat64(at + 21, tick ?? 0)
  view.setFloat64(at + 29, record.value)
}

function readSlot(view: DataView, at: number, hour: UtcHour): Glucose | undefined {
  const flags = view.getUint8(at)
  const instant = view.getFloat64(at + 5)
  const local = view.getFloat64(at + 13)
  const tick = view.getFloat64(at + 21)
  const value = view.getFloat64(at + 29)
  const device = view.getUint32(at + 1)
  const sound =
    (flags & PRESENT) !== 0 &&
    (flags & (LOW | HIGH)) !== (LOW | HIGH) &&
    (flags & (SCAN | SMBG)) !== (SCAN | SMBG) &&
    ((flags & TICK) !== 0 ? Number.isFinite(tick) : Object.is(tick, 0)) &&
    ((flags & DEVICE) !== 0 || device === 0) &&
    Number.isFinite(local) &&
    Number.isFinite(value) &&
    Number.isFinite(instant) &&
    Math.floor((instant + EPOCH_1900_SECONDS) / 3600) === hour
  if (!sound) return undefined
  const reading: { -readonly [Member in keyof Glucose]: Glucose[Member] } = {
    type: 'glucose',
    at: quantity<UnixSeconds>(slim(instant)),
    local: quantity<LocalSeconds>(slim(local)),
    value: slim(value),
    unit: (flags & MMOL) !== 0 ? 'mmol/L' : 'mg/dL',
    method: (flags & SCAN) !== 0 ? 'scan' : (flags & SMBG) !== 0 ? 'smbg' : 'cgm',
  }
  if ((flags & LOW) !== 0) reading.text = 'low'
  if ((flags & HIGH) !== 0) reading.text = 'high'
  if ((flags & TICK) !== 0) reading.tick = slim(tick)
  if ((flags & DEVICE) !== 0) reading.device = device
  return reading
}

/** The same number in the form that takes no memory of its own where there is one (in V8 a whole one of 32 bits). */
function slim(value: number): number {
  const whole = value | 0
  return Object.is(whole, value) ? whole : value
}

function notSealable(message: string, hour: UtcHour): IsletError {
  return new IsletError('RECORD_NOT_SEALABLE', message, { hour })
}
