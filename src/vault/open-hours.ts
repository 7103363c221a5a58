/**
 * Opening sealed hours, in bulk: every chunk is opened and verified, or refused with a code of its own.
 *
 * Laws: context comes from the caller, keys from the cover, and the chunk is believed in nothing: suite, key
 * commitment (in constant time), tag, payload spelling and reading root must all agree. A chunk that fails spoils no
 * other one.
 */
import type { HealthRecord } from '../series/index.ts'
import { type Bytes, equalBytes, type UtcHour } from '../vocabulary/index.ts'
import {
  ASSOCIATED_BYTES,
  type ChunkParts,
  ASSOCIATED_CONTEXT_AT as CONTEXT_AT,
  fillAssociated,
  LEAF_DATA_BYTES,
  leafData,
  splitChunk,
} from './chunk.ts'
import { type ChunkContext, CONTEXT_BYTES, type StreamCommitment, writeContext } from './chunk-context.ts'
import type { Cover } from './cover.ts'
import { sha256Each } from './hash-rows.ts'
import { type HourKeys, keysOfHours } from './hour-keys.ts'
import { codecOf, type DecodedPayload, type PayloadCodec } from './payload.ts'
import { type RootWanted, readingRoots } from './reading-root.ts'
import { type Crypto, type DecryptJob, HASH_BYTES, SUITE } from './suite.ts'

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
  const opened: OpenedChunk[] = []
  for (let at = 0; at < chunks.length; at += SLICE) {
    const some = chunks.slice(at, at + SLICE)
    for (const chunk of await openSlice(crypto, cover, stream, some)) opened.push(chunk)
  }
  return opened
}

/** A chunk that may be opened: it names the key that the cover gives for its hour. */
interface Ready {
  /** Which of the chunks asked for. */
  readonly at: number
  readonly context: ChunkContext
  readonly saltKey: Bytes
  readonly root: Uint8Array
  readonly job: DecryptJob
}

/** A chunk whose tag held and whose payload reads; its reading root is still to be compared. */
interface Read extends RootWanted {
  readonly at: number
  readonly root: Uint8Array
  readonly payload: DecodedPayload
}

async function openSlice(
  { hasher, cipher }: Crypto,
  cover: Cover,
  stream: StreamCommitment,
  chunks: readonly ChunkToOpen[],
): Promise<readonly OpenedChunk[]> {
  const { kind, generation } = cover
  const hours = chunks.map(({ hour }) => hour)
  const held = keysOfHours(hasher, cover, hours)
  // One buffer for all, here and below: a small one for each chunk costs more than what is done with it.
  const associated = new Uint8Array(chunks.length * ASSOCIATED_BYTES)
  const results: OpenedChunk[] = []
  const ready: Ready[] = []
  for (const [at, { hour, revision, overflow, bytes }] of chunks.entries()) {
    const context = { stream, kind, generation, hour, revision, overflow }
    const keys = held.get(hour)
    const parts = splitChunk(bytes)
    const code = refusalOf(parts, keys)
    results.push({ code: code ?? 'CHUNK_TAMPERED', context })
    if (code !== undefined || keys === undefined || parts === undefined) continue
    const space = associated.subarray(at * ASSOCIATED_BYTES, (at + 1) * ASSOCIATED_BYTES)
    writeContext(context, space, CONTEXT_AT)
    fillAssociated(space, keys.commitment, parts.root)
    const job = { key: keys.key, nonce: parts.nonce, associated: space, sealed: parts.sealed }
    ready.push({ at, context, saltKey: keys.saltKey, root: parts.root, job })
  }
  const plaintexts = await cipher.decrypt(ready.map(({ job }) => job))
  const codec = codecOf(kind)
  const read: Read[] = []
  ready.forEach((one, i) => {
    const plaintext = plaintexts[i]
    if (plaintext === undefined) return
    const its = readPayload(codec, one, plaintext)
    if (its === undefined) results[one.at] = { code: 'PAYLOAD_MALFORMED', context: one.context }
    else read.push(its)
  })
  const digests = sha256Each(
    hasher,
    read.map(({ at }) => chunks[at]?.bytes ?? new Uint8Array(0)),
  )
  const verified = verify(readingRoots(hasher, codec, read), read, digests)
  read.forEach(({ at }, i) => {
    const result = verified[i]
    if (result !== undefined) results[at] = result
  })
  return results
}

/** Why a chunk is not even tried. */
function refusalOf(parts: ChunkParts | undefined, keys: HourKeys | undefined): OpenFailure | undefined {
  if (keys === undefined) return 'HOUR_NOT_COVERED'
  if (parts === undefined) return 'CHUNK_MALFORMED'
  if (parts.suite !== SUITE) return 'SUITE_UNKNOWN'
  return equalBytes(parts.commitment, keys.commitment) ? undefined : 'KEY_MISMATCH'
}

/** The records of a plaintext, or undefined when they are not in the spelling of the codec. */
function readPayload(codec: PayloadCodec, ready: Ready, plaintext: Uint8Array): Read | undefined {
  const { at, context, saltKey, root, job } = ready
  const payload = codec.decode(context.hour, plaintext)
  if (payload === undefined || context.overflow >= payload.chunks) return undefined
  const place = job.associated.subarray(CONTEXT_AT, CONTEXT_AT + CONTEXT_BYTES)
  return { at, context, place, saltKey, root, plaintext, payload }
}

function verify(
  roots: readonly Uint8Array[],
  read: readonly Read[],
  digests: Uint8Array,
): readonly OpenedChunk[] {
  const leaves = new Uint8Array(read.length * LEAF_DATA_BYTES)
  return read.map(({ context, root, payload }, i) => {
    const own = roots[i]
    if (own === undefined || !equalBytes(own, root)) return { code: 'READING_ROOT_WRONG', context }
    const digest = digests.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES)
    const space = leaves.subarray(i * LEAF_DATA_BYTES, (i + 1) * LEAF_DATA_BYTES)
    const { records, chunks } = payload
    return { code: 'OPENED', context, records, chunks, leaf: leafData(digest, root, space) }
  })
}
