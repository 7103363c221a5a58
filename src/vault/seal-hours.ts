/**
 * Sealing hours of records, in bulk.
 *
 * Laws: every hour named is sealed, an empty one as well, into chunks of the same size; every chunk has a fresh random
 * nonce; an append or a correction is a new revision with the hour's whole content, and the earlier one stays.
 */
import type { HealthRecord } from '../series/index.ts'
import { type Bytes, IsletError, type UtcHour } from '../vocabulary/index.ts'
import { associatedData, joinChunk, leafData } from './chunk.ts'
import { type ChunkContext, encodeContext, type StreamCommitment } from './chunk-context.ts'
import type { Cover } from './cover.ts'
import { type HourKeys, keysOfHours } from './hour-keys.ts'
import { codecOf, type PayloadCodec } from './payload.ts'
import { readingRoots } from './reading-root.ts'
import { type Crypto, NONCE_BYTES } from './suite.ts'

/** The content of one hour from this revision on. */
export interface HourToSeal {
  readonly hour: UtcHour
  /** Higher than every earlier revision of the hour, over all generations. */
  readonly revision: number
  /** All records of the hour, of the cover's kind; may be empty. */
  readonly records: readonly HealthRecord[]
}

export interface SealedChunk {
  readonly context: ChunkContext
  readonly bytes: Bytes
  /** Data of the chunk's leaf in the custodian's tree. */
  readonly leaf: Bytes
}

export interface SealOptions {
  /** Chunks of every hour at least, so that a dense stream looks alike in every hour. Default 1. */
  readonly chunksPerHour?: number
}

/** Jobs are handed to the cipher in slices, so that memory stays flat over decades of data. */
const SLICE = 1024

/**
 * Seals hours under a cover that holds them; chunks come in the order of the hours given.
 * Throws `HOUR_NOT_COVERED`, `RECORD_NOT_SEALABLE`, `RECORD_OUTSIDE_HOUR`, `HOUR_TOO_FULL`, `CONTEXT_MALFORMED`.
 */
export async function sealHours(
  crypto: Crypto,
  cover: Cover,
  stream: StreamCommitment,
  hours: readonly HourToSeal[],
  options: SealOptions = {},
): Promise<readonly SealedChunk[]> {
  const sealed: SealedChunk[] = []
  for (let at = 0; at < hours.length; at += SLICE) {
    const some = hours.slice(at, at + SLICE)
    const held = keysOfHours(
      crypto.hasher,
      cover,
      some.map(({ hour }) => hour),
    )
    const drafts = some.flatMap((hour) => {
      const keys = held.get(hour.hour)
      if (keys === undefined) {
        throw new IsletError('HOUR_NOT_COVERED', 'the keys at hand do not reach this hour', {
          hour: hour.hour,
        })
      }
      return draftsOf(cover, stream, hour, keys, options.chunksPerHour ?? 1)
    })
    for (const chunk of await sealDrafts(crypto, codecOf(cover.kind), drafts)) sealed.push(chunk)
  }
  return sealed
}

interface Draft {
  readonly context: ChunkContext
  /** The context as bytes. */
  readonly place: Uint8Array
  readonly keys: HourKeys
  readonly saltKey: Bytes
  readonly plaintext: Uint8Array
}

function draftsOf(
  cover: Cover,
  stream: StreamCommitment,
  { hour, revision, records }: HourToSeal,
  keys: HourKeys,
  atLeast: number,
): readonly Draft[] {
  const { kind, generation } = cover
  return codecOf(kind)
    .encode(hour, records, atLeast)
    .map((plaintext, overflow) => {
      const context = { stream, kind, generation, hour, revision, overflow }
      return { context, place: encodeContext(context), keys, saltKey: keys.saltKey, plaintext }
    })
}

async function sealDrafts(
  { hasher, cipher }: Crypto,
  codec: PayloadCodec,
  drafts: readonly Draft[],
): Promise<readonly SealedChunk[]> {
  const nonces = cipher.random(drafts.length * NONCE_BYTES)
  const roots = readingRoots(hasher, codec, drafts)
  const jobs = drafts.map(({ place, keys, plaintext }, i) => ({
    key: keys.key,
    nonce: nonces.subarray(i * NONCE_BYTES, (i + 1) * NONCE_BYTES),
    associated: associatedData(place, keys.commitment, roots[i] ?? new Uint8Array(0)),
    plaintext,
  }))
  const ciphertexts = await cipher.encrypt(jobs)
  return drafts.map(({ context, keys }, i) => {
    const root = roots[i]
    const nonce = jobs[i]?.nonce
    const sealed = ciphertexts[i]
    if (root === undefined || nonce === undefined || sealed === undefined) {
      throw new IsletError('CIPHER_BROKEN', 'the cipher gave back fewer results than jobs')
    }
    const bytes = joinChunk({ commitment: keys.commitment, root, nonce, sealed })
    return { context, bytes, leaf: leafData(hasher.sha256(bytes), root) }
  })
}
