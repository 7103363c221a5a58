/**
 * Somebody who may hold keys to a patient's data: asks a custodian, verifies what comes, opens it locally.
 *
 * Laws: nothing is believed because the custodian says so: the leaf is computed from the bytes received, its path leads
 * to the root on the ledger, and the chunk opens only under its own place (kind, generation, hour, revision).
 * What is not anchored yet is said to be so; what is damaged spoils nothing else and is told (`damage.ts`).
 */
import type { Ed25519, Signer } from '../identity/index.ts'
import type { HealthRecord } from '../series/index.ts'
import { type Crypto, chunkLeafData } from '../vault/index.ts'
import { type ChunkToOpen, type Cover, type OpenedChunk, openHours } from '../vault/keys.door.ts'
import {
  type Hash32,
  type HourWindow,
  type InstitutionId,
  IsletError,
  type Kind,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { type AnchorStanding, anchorsOf, notThisAnswer, standingsOf } from './anchor-standing.ts'
import { type ReadAnswer, ReadAnswerSchema, type ServedChunk } from './answers.ts'
import { unpackBundle } from './bundle.ts'
import type { ChainReader } from './chain.ts'
import { damagedHours, isDamaged } from './damage.ts'
import { asJson, parseDocument, sign } from './document.ts'
import type { HourRuns } from './hour-runs.ts'
import type { Send } from './house.ts'
import type { ReadOrder } from './orders.ts'
import type { SignedEnvelope } from './signed-envelope.ts'

/** What a holder of keys works with. */
export interface HolderPorts {
  readonly signer: Signer
  readonly ed: Ed25519
  readonly crypto: Crypto
  readonly chain: ChainReader
  readonly send: Send
  readonly clock: () => UnixSeconds
}

/** One chunk as received, opened and verified. */
export interface ReadChunk {
  readonly place: ServedChunk
  readonly bytes: Uint8Array
  readonly anchor: AnchorStanding
  /** `OPENED`, or why it did not open. */
  readonly code: OpenedChunk['code'] | 'NO_KEY'
  readonly records: readonly HealthRecord[]
}

export interface Reading {
  /** Records of the newest revisions, by kind and in order of time; nothing of what is damaged. */
  readonly records: readonly HealthRecord[]
  /** Hours whose records are missing here, or some of them: not what was recorded. */
  readonly damaged: HourRuns
  readonly chunks: readonly ReadChunk[]
  /** Instant and ledger block at which the custodian decided. */
  readonly at: UnixSeconds
  readonly block: number
  /** A newer envelope of the consent, when there is one. */
  readonly envelope: SignedEnvelope | undefined
  /** What to ask with the next time, to be spared bytes that did not change; undefined where they changed or are damaged. */
  readonly held: HeldAnswer | undefined
}

/** An answer that a reader still holds. */
export interface HeldAnswer {
  readonly mark: Hash32
  /** Chunks of it. */
  readonly count: number
}

export type ReadBody = Omit<ReadOrder['body'], 'custodian' | 'created' | 'nonce' | 'after'>

/** A signed, dated, single-use order for an institution. */
export function orderBase(
  ports: Pick<HolderPorts, 'crypto' | 'clock'>,
  custodian: InstitutionId,
): { readonly custodian: InstitutionId; readonly created: UnixSeconds; readonly nonce: string } {
  return {
    custodian,
    created: Math.floor(ports.clock()) as UnixSeconds,
    nonce: toHex(ports.crypto.cipher.random(16)).slice(2),
  }
}

/** Fetches every page of a read. Throws the custodian's code. */
export async function fetchPages(
  ports: HolderPorts,
  custodian: InstitutionId,
  body: ReadBody,
): Promise<readonly ReadAnswer[]> {
  const pages: ReadAnswer[] = []
  let after: number | null = 0
  while (after !== null) {
    const order = sign('islet.read/1', { ...orderBase(ports, custodian), ...body, after }, ports.signer)
    const reply = await ports.send(custodian, 'read', { order: asJson(order) })
    const page = parseDocument(ReadAnswerSchema, reply, 'answer to a read')
    if (page.next !== null && page.next <= after) {
      throw new IsletError('ANSWER_REFUSED', 'the pages of the answer do not go on')
    }
    pages.push(page)
    after = page.next
  }
  return pages
}

/** Verifies and opens what came, with the covers at hand. Throws `ANSWER_REFUSED` when it is no answer to the question. */
export async function openPages(
  ports: HolderPorts,
  asked: { readonly custodian: InstitutionId; readonly kinds: readonly Kind[]; readonly window: HourWindow },
  stream: Uint8Array,
  coverOf: (kind: Kind, generation: number) => Cover | undefined,
  pages: readonly ReadAnswer[],
): Promise<Reading> {
  const places = pages.flatMap((page) => page.chunks)
  const bytes = pages.flatMap((page) => unpackBundle(page.objects))
  const last = pages.at(-1)
  const within = places.every(
    ({ kind, hour }) => asked.kinds.includes(kind) && hour >= asked.window.first && hour < asked.window.end,
  )
  if (last === undefined || !within || bytes.length !== places.length) throw notThisAnswer()
  const anchors = await anchorsOf(ports.chain, asked.custodian, places)
  const opened = await openAll(ports.crypto, stream, coverOf, places, bytes)
  const leaves = places.map((_, i) => {
    const result = opened[i]
    // What was opened has its leaf data from the very bytes received.
    return result?.code === 'OPENED'
      ? result.leaf
      : chunkLeafData(ports.crypto.hasher, bytes[i] ?? new Uint8Array(0))
  })
  let first = 0
  const standings = pages.flatMap((page) => {
    const own = leaves.slice(first, first + page.chunks.length)
    first += page.chunks.length
    return standingsOf(ports.crypto.hasher, page, own, anchors)
  })
  const chunks = places.map((place, i): ReadChunk => {
    const result = opened[i]
    return {
      place,
      bytes: bytes[i] ?? new Uint8Array(0),
      anchor: standings[i] ?? { code: 'NOT_UNDER_ROOT', slot: place.slot },
      code: result?.code ?? 'NO_KEY',
      records: result?.code === 'OPENED' ? result.records : [],
    }
  })
  const damaged = damagedHours(chunks)
  return {
    records: recordsOf(newest(chunks)),
    damaged,
    chunks,
    at: last.at,
    block: last.block,
    envelope: pages.find((page) => page.envelope !== null)?.envelope ?? undefined,
    // What was mended since is asked for anew.
    held: damaged.length === 0 ? heldOf(pages, chunks.length) : undefined,
  }
}

function heldOf(pages: readonly ReadAnswer[], count: number): HeldAnswer | undefined {
  const mark = pages[0]?.mark
  return mark === undefined || pages.some((page) => page.mark !== mark) ? undefined : { mark, count }
}

/** Whether what came says that the answer of a mark still stands. */
export function isUnchanged(pages: readonly ReadAnswer[], known: Hash32): boolean {
  const [only, second] = pages
  return second === undefined && only?.mark === known && only.chunks.length === 0 && only.envelope === null
}

/** Chunks of the newest revision of each hour. */
export function newest(chunks: readonly ReadChunk[]): readonly ReadChunk[] {
  const last = new Map<Kind, Map<number, number>>()
  for (const { place } of chunks) {
    const hours = last.get(place.kind) ?? new Map<number, number>()
    last.set(place.kind, hours)
    hours.set(place.hour, Math.max(hours.get(place.hour) ?? 0, place.revision))
  }
  return chunks.filter(({ place }) => last.get(place.kind)?.get(place.hour) === place.revision)
}

function recordsOf(chunks: readonly ReadChunk[]): readonly HealthRecord[] {
  const records: HealthRecord[] = []
  for (const chunk of chunks) if (!isDamaged(chunk)) for (const record of chunk.records) records.push(record)
  return records
}

/** Opens chunk by chunk under the cover of its kind and generation; undefined where no cover is held. */
async function openAll(
  crypto: Crypto,
  stream: Uint8Array,
  coverOf: (kind: Kind, generation: number) => Cover | undefined,
  places: readonly ServedChunk[],
  bytes: readonly Uint8Array[],
): Promise<readonly (OpenedChunk | undefined)[]> {
  const groups = new Map<
    string,
    { readonly cover: Cover; readonly at: number[]; readonly chunks: ChunkToOpen[] }
  >()
  places.forEach((place, i) => {
    const name = `${place.kind} ${place.generation}`
    let group = groups.get(name)
    if (group === undefined) {
      const cover = coverOf(place.kind, place.generation)
      if (cover === undefined) return
      group = { cover, at: [], chunks: [] }
      groups.set(name, group)
    }
    group.at.push(i)
    const { hour, revision, overflow } = place
    group.chunks.push({ hour, revision, overflow, bytes: bytes[i] ?? new Uint8Array(0) })
  })
  const opened: (OpenedChunk | undefined)[] = places.map(() => undefined)
  for (const { cover, at, chunks } of groups.values()) {
    const results = await openHours(crypto, cover, new Uint8Array(stream), chunks)
    at.forEach((place, i) => {
      opened[place] = results[i]
    })
  }
  return opened
}
