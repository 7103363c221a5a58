/**
 * Sealing hours of records, in bulk.
 *
 * Laws: every hour named is sealed, an empty one as well, into chunks of the same size; every chunk has a fresh random
 * nonce; an append or a correction is a new revision with the hour's whole content, and the earlier one stays.
 */
import type { HealthRecord } from '../series/index.ts'
import { type Bytes, IsletError, type UtcHour } from '../vocabulary/index.ts'
import { associatedData, joinChunk, leafData } from './chunk.ts'
import type { ChunkContext, StreamCommitment } from './chunk-context.ts'
import type { Cover } from './cover.ts'
import { type HourKeys, hourKeys } from './hour-keys.ts'
import { leafDeriver } from './key-tree.ts'
import { codecOf } from './payload.ts'
import { readingLeaves, readingRoot, readingSalts } from './reading-root.ts'
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
  const derive = leafDeriver(crypto.hasher, cover)
  const sealed: SealedChunk[] = []
  for (let at = 0; at < hours.length; at += SLICE) {
    const drafts = hours.slice(at, at + SLICE).flatMap((hour) => {
      const leaf = derive(hour.hour)
      if (leaf === undefined) {
        throw new IsletError('HOUR_NOT_COVERED', 'the keys at hand do not reach this hour', {
          hour: hour.hour,
        })
      }
      return draftsOf(cover, stream, hour, hourKeys(crypto.hasher, leaf), options.chunksPerHour ?? 1)
    })
    for (const chunk of await sealDrafts(crypto, drafts)) sealed.push(chunk)
  }
  return sealed
}

interface Draft {
  readonly context: ChunkContext
  readonly keys: HourKeys
  readonly plaintext: Uint8Array
  readonly slots: readonly Uint8Array[]
}

function draftsOf(
  cover: Cover,
  stream: StreamCommitment,
  { hour, revision, records }: HourToSeal,
  keys: HourKeys,
  atLeast: number,
): readonly Draft[] {
  const codec = codecOf(cover.kind)
  return codec.encode(hour, records, atLeast).map((plaintext, overflow) => ({
    context: { stream, kind: cover.kind, generation: cover.generation, hour, revision, overflow },
    keys,
    plaintext,
    slots: codec.slotsOf(plaintext) ?? [],
  }))
}

async function sealDrafts(
  { hasher, cipher }: Crypto,
  drafts: readonly Draft[],
): Promise<readonly SealedChunk[]> {
  const nonces = cipher.random(drafts.length * NONCE_BYTES)
  const roots = drafts.map(({ context, keys, slots }) => {
    const salts = readingSalts(hasher, keys, context, slots.length)
    return readingRoot(hasher, context, readingLeaves(hasher, salts, slots))
  })
  const jobs = drafts.map(({ context, keys, plaintext }, i) => ({
    key: keys.key,
    nonce: nonces.subarray(i * NONCE_BYTES, (i + 1) * NONCE_BYTES),
    associated: associatedData(context, keys.commitment, roots[i] ?? new Uint8Array(0)),
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
