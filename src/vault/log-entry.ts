/**
 * One entry of the access log: what auditors may read in clear, and a sealed part for patient and institution.
 *
 *   byte    0      version, 1
 *   byte    1      action, index in LOG_ACTIONS
 *   bytes   2– 33  consent id, zero where an access rests on no consent
 *   bytes  34– 41  number of the ledger block the decision was taken at
 *   bytes  42– 49  instant, milliseconds since 1970
 *   bytes  50– 53  number of records that left
 *   bytes  54– 85  commitment: SHA-256(label ‖ salt ‖ bytes 0–53 ‖ padded sealed part)
 *   bytes  86– 97  nonce
 *   bytes  98–     AES-256-GCM of the padded sealed part (length ‖ canonical JSON ‖ zeros, 256·2^k bytes) and its tag
 *
 * Laws: salt and cipher key come from a log key per person; without it the sealed part is noise and the commitment
 * opens to nothing, which is how a person is erased from a log that forgets nothing (PROTOCOL 16). The sealed part
 * never leaves bytes 0–53: it is sealed with them as associated data. All integers big-endian.
 */
import {
  type Bytes,
  type ConsentId,
  canonicalJson,
  concat,
  consentId,
  equalBytes,
  fromHex,
  fromUtf8,
  IsletError,
  type Json,
  quantity,
  toHex,
  type UnixSeconds,
  uint32,
  uint64,
  utf8,
} from '../vocabulary/index.ts'
import { hkdf } from './hkdf.ts'
import { type Crypto, HASH_BYTES, type Hasher, KEY_BYTES, NONCE_BYTES, TAG_BYTES } from './suite.ts'

/** What was done; the index is stored: append, never reorder. */
export const LOG_ACTIONS = ['read', 'search', 'append', 'hand-over', 'refuse', 'erase'] as const
export type LogAction = (typeof LOG_ACTIONS)[number]

/** The part that auditors read. */
export interface AccessClear {
  readonly action: LogAction
  /** Undefined where the access rests on no consent. */
  readonly consent: ConsentId | undefined
  /** Ledger block at which the decision was taken. */
  readonly block: number
  readonly at: UnixSeconds
  /** Records that left, 0 to 2^32 − 1. */
  readonly count: number
}

/** What the custodian writes down before a byte leaves. */
export interface AccessRecord {
  readonly clear: AccessClear
  /** Reader, purpose, kinds, which objects: for patient and institution only. */
  readonly sealed: Json
}

/** An entry as it stands in the log. */
export interface LogEntry {
  readonly clear: AccessClear
  readonly commitment: Bytes
}

/** What shows one entry's sealed part to a third party, without the person's log key. */
export interface EntryOpening {
  readonly salt: Bytes
  readonly sealed: Json
}

const VERSION = 1
const CLEAR_BYTES = 54
const COMMITMENT_END = CLEAR_BYTES + HASH_BYTES
const HEADER_BYTES = COMMITMENT_END + NONCE_BYTES
const BUCKET = 256
/** Entries are length-prefixed with 16 bits in the tile format. */
export const LONGEST_ENTRY = 0xffff
const LABELS = {
  cipher: utf8('islet/v1/log-cipher'),
  salt: utf8('islet/v1/log-salt'),
  commitment: utf8('islet/v1/log-commitment\0'),
}

/** Seals a record under a person's log key of 32 bytes. Throws `LOG_ENTRY_TOO_LARGE`, `LOG_ENTRY_WRONG`, `LOG_KEY_WRONG`. */
export async function sealEntry(record: AccessRecord, key: Uint8Array, crypto: Crypto): Promise<Bytes> {
  const clear = encodeClear(record.clear)
  const nonce = crypto.cipher.random(NONCE_BYTES)
  const plaintext = padded(utf8(canonicalJson(record.sealed)))
  const commitment = commit(entrySalt(key, nonce, crypto.hasher), clear, plaintext, crypto.hasher)
  const job = { key: cipherKey(key, crypto.hasher), nonce, associated: concat(clear, commitment), plaintext }
  const [sealed] = await crypto.cipher.encrypt([job])
  if (sealed === undefined) throw new IsletError('LOG_ENTRY_WRONG', 'the entry could not be sealed')
  return concat(clear, commitment, nonce, sealed)
}

/** Reads what an entry says in clear. Throws `LOG_ENTRY_WRONG`. */
export function readEntry(entry: Uint8Array): LogEntry {
  const view = new DataView(entry.buffer, entry.byteOffset, entry.length)
  const sealedBytes = entry.length - HEADER_BYTES - TAG_BYTES
  if (sealedBytes < BUCKET || !Number.isInteger(Math.log2(sealedBytes / BUCKET)) || entry[0] !== VERSION) {
    throw wrong('an entry of the log has another length or version')
  }
  const action = LOG_ACTIONS[entry[1] ?? LOG_ACTIONS.length]
  const block = view.getBigUint64(34)
  const at = view.getBigUint64(42)
  const limit = BigInt(Number.MAX_SAFE_INTEGER)
  if (action === undefined || block > limit || at > limit)
    throw wrong('an entry of the log says the impossible')
  const consent = entry.subarray(2, 34)
  return {
    clear: {
      action,
      consent: consent.every((byte) => byte === 0) ? undefined : consentId(toHex(consent)),
      block: Number(block),
      at: quantity<UnixSeconds>(Number(at) / 1000),
      count: view.getUint32(50),
    },
    commitment: entry.slice(CLEAR_BYTES, COMMITMENT_END),
  }
}

export type EntryReading =
  | { readonly code: 'OPENED'; readonly sealed: Json; readonly opening: EntryOpening }
  /** Another person's, or erased: without the key nobody can tell. */
  | { readonly code: 'SEALED' }
  /** The sealed part opens but is not what was committed to: the log's writer lied. */
  | { readonly code: 'COMMITMENT_BROKEN' }

/** Opens an entry with a person's log key. Throws `LOG_ENTRY_WRONG`, `LOG_KEY_WRONG`. */
export async function openEntry(entry: Uint8Array, key: Uint8Array, crypto: Crypto): Promise<EntryReading> {
  const { commitment } = readEntry(entry)
  const nonce = entry.subarray(COMMITMENT_END, HEADER_BYTES)
  const [plaintext] = await crypto.cipher.decrypt([
    {
      key: cipherKey(key, crypto.hasher),
      nonce,
      associated: entry.subarray(0, COMMITMENT_END),
      sealed: entry.subarray(HEADER_BYTES),
    },
  ])
  if (plaintext === undefined) return { code: 'SEALED' }
  const salt = entrySalt(key, nonce, crypto.hasher)
  const sealed = unpadded(plaintext)
  const holds = equalBytes(commit(salt, entry.subarray(0, CLEAR_BYTES), plaintext, crypto.hasher), commitment)
  if (!holds || sealed === undefined) return { code: 'COMMITMENT_BROKEN' }
  return { code: 'OPENED', sealed, opening: { salt, sealed } }
}

/** Whether an opening is what the entry commits to; needs no key. */
export function verifyOpening(entry: Uint8Array, opening: EntryOpening, hasher: Hasher): boolean {
  const { commitment } = readEntry(entry)
  const plaintext = padded(utf8(canonicalJson(opening.sealed)))
  return equalBytes(commit(opening.salt, entry.subarray(0, CLEAR_BYTES), plaintext, hasher), commitment)
}

function encodeClear(clear: AccessClear): Bytes {
  const milliseconds = Math.round(clear.at * 1000)
  const sound = [clear.block, milliseconds, clear.count].every((n) => Number.isSafeInteger(n) && n >= 0)
  if (!sound || clear.count > 0xffff_ffff) throw wrong('block, instant and count are whole and not negative')
  const consent = new Uint8Array(HASH_BYTES)
  if (clear.consent !== undefined) consent.set(fromHex(clear.consent))
  const head = Uint8Array.of(VERSION, LOG_ACTIONS.indexOf(clear.action))
  return concat(head, consent, uint64(clear.block), uint64(milliseconds), uint32(clear.count))
}

function padded(json: Bytes): Bytes {
  let length = BUCKET
  while (length < json.length + 4) length *= 2
  if (HEADER_BYTES + length + TAG_BYTES > LONGEST_ENTRY) {
    throw new IsletError(
      'LOG_ENTRY_TOO_LARGE',
      'the sealed part of a log entry is too long',
      { bytes: json.length },
      { remedy: 'name ranges of hours or a digest instead of every object' },
    )
  }
  return concat(uint32(json.length), json, new Uint8Array(length - json.length - 4))
}

function unpadded(plaintext: Uint8Array): Json | undefined {
  const length = new DataView(plaintext.buffer, plaintext.byteOffset, 4).getUint32(0)
  if (length > plaintext.length - 4) return undefined
  try {
    const parsed: Json = JSON.parse(fromUtf8(plaintext.subarray(4, 4 + length)))
    return parsed
  } catch {
    return undefined
  }
}

function cipherKey(key: Uint8Array, hasher: Hasher): Bytes {
  if (key.length !== KEY_BYTES) {
    throw new IsletError('LOG_KEY_WRONG', 'a log key has 32 bytes', { length: key.length })
  }
  return hkdf(hasher, key, { info: LABELS.cipher, length: KEY_BYTES })
}

function entrySalt(key: Uint8Array, nonce: Uint8Array, hasher: Hasher): Bytes {
  return hkdf(hasher, key, { info: concat(LABELS.salt, nonce), length: HASH_BYTES })
}

function commit(salt: Uint8Array, clear: Uint8Array, plaintext: Uint8Array, hasher: Hasher): Bytes {
  return hasher.sha256(concat(LABELS.commitment, salt, clear, plaintext))
}

function wrong(message: string): IsletError {
  return new IsletError('LOG_ENTRY_WRONG', message)
}
