/**
 * Opening sealed hours, in bulk: every chunk is opened and verified, or refused with a code of its own.
 *
 * Laws: context comes from the caller, keys from the cover, and the chunk is believed in nothing: suite, key
 * commitment (in constant time), tag, payload spelling and reading root must all agree. A chunk that fails spoils no
 * other one.
 */
import type { HealthRecord } from '../series/index.ts'
import { type Bytes, equalBytes, type UtcHour } from '../vocabulary/index.ts'
import { associatedData, type ChunkParts, leafData, splitChunk } from './chunk.ts'
import { type ChunkContext, encodeContext, type StreamCommitment } from './chunk-context.ts'
import type { Cover } from './cover.ts'
import { type HourKeys, keysOfHours } from './hour-keys.ts'
import { codecOf, type DecodedPayload, type PayloadCodec } from './payload.ts'
import { readingRoots } from './reading-root.ts'
import { type Crypto, type Hasher, SUITE } from './suite.ts'

/** A chunk and where the reader asked for it. */
export interface ChunkToOpen {
  readonly hour: UtcHour
  readonly revision: number
  readonly overflow: number
  readonly bytes: Uint8Array
}

/**
 * `HOUR_NOT_COVERED`: no key for the hour · `SUITE_UNKNOWN`: sealed by another version · `CHUNK_MALFORMED`: no chunk ·
 * `KEY_MISMATCH`: sealed under another key (hour, generation, patient) · `CHUNK_TAMPERED`: bytes or context differ from
 * what was sealed · `PAYLOAD_MALFORMED`: sealed by someone who broke the format · `READING_ROOT_WRONG`: sealed with a
 * root that is not the readings' own.
 */
export type OpenFailure =
  | 'HOUR_NOT_COVERED'
  | 'SUITE_UNKNOWN'
  | 'CHUNK_MALFORMED'
  | 'KEY_MISMATCH'
  | 'CHUNK_TAMPERED'
  | 'PAYLOAD_MALFORMED'
  | 'READING_ROOT_WRONG'

export interface OpenedHourChunk {
  readonly code: 'OPENED'
  readonly context: ChunkContext
  readonly records: readonly HealthRecord[]
  /** How many chunks the revision has. */
  readonly chunks: number
  /** Data of the chunk's leaf in the custodian's tree, from the bytes that were opened. */
  readonly leaf: Bytes
}

export interface UnopenedHourChunk {
  readonly code: OpenFailure
  readonly context: ChunkContext
}

export type OpenedChunk = OpenedHourChunk | UnopenedHourChunk

const SLICE = 1024

/** Opens chunks of one stream, one result per chunk in order. Throws `CONTEXT_MALFORMED` for impossible positions. */
export async function openHours(
  crypto: Crypto,
  cover: Cover,
  stream: StreamCommitment,
  chunks: readonly ChunkToOpen[],
): Promise<readonly OpenedChunk[]> {
  const { kind, generation } = cover
  const opened: OpenedChunk[] = []
  for (let at = 0; at < chunks.length; at += SLICE) {
    const some = chunks.slice(at, at + SLICE)
    const held = keysOfHours(
      crypto.hasher,
      cover,
      some.map(({ hour }) => hour),
    )
    const attempts = some.map(({ hour, revision, overflow, bytes }) =>
      attempt({ stream, kind, generation, hour, revision, overflow }, held.get(hour), bytes),
    )
    for (const chunk of await openAttempts(crypto, codecOf(kind), attempts)) opened.push(chunk)
  }
  return opened
}

/** A chunk that may be opened: it names the key that the cover gives for its hour. */
interface Ready {
  readonly code: 'READY'
  readonly context: ChunkContext
  /** The context as bytes. */
  readonly place: Uint8Array
  readonly keys: HourKeys
  readonly parts: ChunkParts
  readonly bytes: Uint8Array
}

function attempt(
  context: ChunkContext,
  keys: HourKeys | undefined,
  bytes: Uint8Array,
): Ready | UnopenedHourChunk {
  if (keys === undefined) return { code: 'HOUR_NOT_COVERED', context }
  const parts = splitChunk(bytes)
  if (parts === undefined) return { code: 'CHUNK_MALFORMED', context }
  if (parts.suite !== SUITE) return { code: 'SUITE_UNKNOWN', context }
  if (!equalBytes(parts.commitment, keys.commitment)) return { code: 'KEY_MISMATCH', context }
  return { code: 'READY', context, place: encodeContext(context), keys, parts, bytes }
}

/** A chunk whose tag held and whose payload reads; its reading root is still to be compared. */
interface Read extends Omit<Ready, 'code'> {
  readonly code: 'READ'
  readonly saltKey: Bytes
  readonly plaintext: Uint8Array
  readonly payload: DecodedPayload
}

async function openAttempts(
  { hasher, cipher }: Crypto,
  codec: PayloadCodec,
  attempts: readonly (Ready | UnopenedHourChunk)[],
): Promise<readonly OpenedChunk[]> {
  const ready = attempts.filter((one) => one.code === 'READY')
  const plaintexts = await cipher.decrypt(
    ready.map(({ place, keys, parts }) => ({
      key: keys.key,
      nonce: parts.nonce,
      associated: associatedData(place, keys.commitment, parts.root),
      sealed: parts.sealed,
    })),
  )
  let next = 0
  const results = attempts.map((one) => (one.code === 'READY' ? read(codec, one, plaintexts[next++]) : one))
  const payloads = results.filter((one) => one.code === 'READ')
  const roots = readingRoots(hasher, codec, payloads)
  next = 0
  return results.map((one) => (one.code === 'READ' ? verify(hasher, one, roots[next++]) : one))
}

function read(
  codec: PayloadCodec,
  ready: Ready,
  plaintext: Uint8Array | undefined,
): Read | UnopenedHourChunk {
  const { context } = ready
  if (plaintext === undefined) return { code: 'CHUNK_TAMPERED', context }
  const payload = codec.decode(context.hour, plaintext)
  if (payload === undefined || context.overflow >= payload.chunks) {
    return { code: 'PAYLOAD_MALFORMED', context }
  }
  return { ...ready, code: 'READ', saltKey: ready.keys.saltKey, plaintext, payload }
}

function verify(
  hasher: Hasher,
  { context, parts, bytes, payload }: Read,
  root: Uint8Array | undefined,
): OpenedChunk {
  if (root === undefined || !equalBytes(root, parts.root)) return { code: 'READING_ROOT_WRONG', context }
  const { records, chunks } = payload
  return { code: 'OPENED', context, records, chunks, leaf: leafData(hasher.sha256(bytes), parts.root) }
}
