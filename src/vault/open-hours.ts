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
import type { ChunkContext, StreamCommitment } from './chunk-context.ts'
import type { Cover } from './cover.ts'
import { type HourKeys, hourKeys } from './hour-keys.ts'
import { leafDeriver } from './key-tree.ts'
import { codecOf } from './payload.ts'
import { readingLeaves, readingRoot, readingSalts } from './reading-root.ts'
import { type Crypto, SUITE } from './suite.ts'

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
  const derive = leafDeriver(crypto.hasher, cover)
  const opened: OpenedChunk[] = []
  let lastHour: UtcHour | undefined
  let keys: HourKeys | undefined
  for (let at = 0; at < chunks.length; at += SLICE) {
    const attempts = chunks.slice(at, at + SLICE).map(({ hour, revision, overflow, bytes }) => {
      const { kind, generation } = cover
      if (hour !== lastHour) {
        const leaf = derive(hour)
        keys = leaf === undefined ? undefined : hourKeys(crypto.hasher, leaf)
        lastHour = hour
      }
      return attempt({ stream, kind, generation, hour, revision, overflow }, keys, bytes)
    })
    for (const chunk of await openAttempts(crypto, attempts)) opened.push(chunk)
  }
  return opened
}

interface Ready {
  readonly code: 'READY'
  readonly context: ChunkContext
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
  return { code: 'READY', context, keys, parts, bytes }
}

async function openAttempts(
  crypto: Crypto,
  attempts: readonly (Ready | UnopenedHourChunk)[],
): Promise<readonly OpenedChunk[]> {
  const ready = attempts.filter((one) => one.code === 'READY')
  const plaintexts = await crypto.cipher.decrypt(
    ready.map(({ context, keys, parts }) => ({
      key: keys.key,
      nonce: parts.nonce,
      associated: associatedData(context, keys.commitment, parts.root),
      sealed: parts.sealed,
    })),
  )
  let next = 0
  return attempts.map((one) => {
    if (one.code !== 'READY') return one
    const plaintext = plaintexts[next]
    next++
    return verify(crypto, one, plaintext)
  })
}

function verify(
  { hasher }: Crypto,
  { context, keys, parts, bytes }: Ready,
  plaintext: Uint8Array | undefined,
): OpenedChunk {
  if (plaintext === undefined) return { code: 'CHUNK_TAMPERED', context }
  const codec = codecOf(context.kind)
  const payload = codec.decode(context.hour, plaintext)
  const slots = codec.slotsOf(plaintext)
  if (payload === undefined || slots === undefined || context.overflow >= payload.chunks) {
    return { code: 'PAYLOAD_MALFORMED', context }
  }
  const salts = readingSalts(hasher, keys, context, slots.length)
  const root = readingRoot(hasher, context, readingLeaves(hasher, salts, slots))
  if (!equalBytes(root, parts.root)) return { code: 'READING_ROOT_WRONG', context }
  const { records, chunks } = payload
  return { code: 'OPENED', context, records, chunks, leaf: leafData(hasher.sha256(bytes), parts.root) }
}
