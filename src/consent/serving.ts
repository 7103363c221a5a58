/**
 * Giving out: reads and searches, each judged, logged, and only then answered.
 *
 * Laws: the log entry is durable before a byte leaves (PROTOCOL 1, I4); a search logs which records it returned; a reader
 * who still holds an unchanged answer is judged and logged like one who fetches it, and spared the bytes alone; what is
 * damaged here is given as no bytes, which open nowhere, told in the log and spoils nothing else; a revoke that arrives while the answer is made stops it; counts and pages never tell of what was not granted (I8).
 */
import { chunksOf, HASH_BYTES, type Hasher, leafSalts } from '../vault/index.ts'
import {
  type Cid,
  type ConsentId,
  concat,
  type Hash32,
  hash32,
  isIsletError,
  type Json,
  KINDS,
  toBase64Url,
  toHex,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import type { AccessIndex } from './access-index.ts'
import type { ReadAnswer, SearchAnswer, ServedChunk } from './answers.ts'
import { packBundle } from './bundle.ts'
import { asJson } from './document.ts'
import { type Emergency, type GlassTrouble, glassTrouble } from './emergency.ts'
import { type Gatekeeper, later } from './gatekeeper.ts'
import type { HandOver } from './hand-over.ts'
import { type HourRuns, hourRuns } from './hour-runs.ts'
import type { InstitutionPorts } from './house.ts'
import type { IndexedChunk, ObjectIndex } from './object-index.ts'
import type { ReadOrder, SearchOrder } from './orders.ts'
import { type Patient, type PatientBook, secretsOf } from './patient-book.ts'
import { refusal } from './refusal.ts'
import type { RevokeRegister } from './revoke-register.ts'
import { bySlot, type SlotBook, slotName } from './slot-book.ts'

/** Chunks and bytes of one page. */
const PAGE_CHUNKS = 4_000
const PAGE_BYTES = 4 * 1024 * 1024

export interface Serving {
  /** Answers an admitted read. Throws access codes. */
  read(order: ReadOrder): Promise<ReadAnswer>
  search(order: SearchOrder): Promise<SearchAnswer>
}

interface Allowed {
  readonly patient: Patient
  readonly grant: HandOver | undefined
  readonly at: UnixSeconds
  readonly block: number
}

export function serving(
  ports: Pick<InstitutionPorts, 'crypto' | 'ed' | 'store' | 'clock' | 'chain'>,
  books: {
    readonly patients: PatientBook
    readonly slots: SlotBook
    readonly index: ObjectIndex
    readonly gate: Gatekeeper
    readonly accesses: AccessIndex
    readonly revokes: Pick<RevokeRegister, 'has'>
  },
): Serving {
  const { crypto, store } = ports
  const { patients, slots, index, gate, revokes, accesses } = books

  const pass = async (order: ReadOrder | SearchOrder): Promise<Allowed> => {
    const { consentId, actor, action, purpose, kinds, window } = order.body
    if (consentId === undefined) {
      const patient = patients.byKey(order.signer)
      if (patient === undefined) throw refusal('CONSENT_UNKNOWN')
      const head = await ports.chain.head()
      return { patient, grant: undefined, at: later(ports.clock(), head.timestamp), block: head.number }
    }
    const asked = kinds.map((kind) => ({ kind, window }))
    const passage = await gate.judge({ consentId, signer: order.signer, actor, action, purpose, asked })
    const { grant, at, block } = passage
    const patient = grant === undefined ? undefined : patients.byKey(grant.opening.patientKey)
    if (patient === undefined) throw refusal('CONSENT_UNKNOWN')
    const { glass } = order.body
    const { emergency, opening } = passage.grant ?? {}
    const trouble: GlassTrouble | undefined =
      passage.code !== 'ALLOWED' || emergency === undefined || opening === undefined
        ? undefined
        : await glassTrouble({ consentId, reader: opening.reader, emergency }, glass, at, {
            ...ports,
            hasher: crypto.hasher,
          })
    const code = trouble ?? passage.code
    if (code !== 'ALLOWED') {
      const clear = { action: 'refuse', consent: consentId, block, at, count: 0 } as const
      await accesses.append(patient, { clear, sealed: { ...sealedPart(order, grant), code } })
      throw refusal(code)
    }
    return { patient, grant, at, block }
  }

  /** What is told of chunks that are found again unchanged; each read is judged and logged all the same. */
  const told = new WeakMap<readonly IndexedChunk[], { readonly mark: Hash32; readonly runs: HourRuns }>()
  const tellingOf = (found: readonly IndexedChunk[]) => {
    const known = told.get(found) ?? { mark: markOf(crypto.hasher, found), runs: hourRuns(found) }
    told.set(found, known)
    return known
  }

  /** Nothing leaves once a revoke was seen, even if it came while the answer was made. */
  const stillAllowed = (consentId: ConsentId | undefined): void => {
    if (consentId !== undefined && revokes.has(consentId)) throw refusal('CONSENT_REVOKED')
  }

  return {
    read: async (order) => {
      const { patient, grant, at, block } = await pass(order)
      const { kinds, window, history, have, after = 0, known } = order.body
      const found = index.find(patient.id, kinds, window, history)
      const { mark, runs } = tellingOf(found)
      const newer = grant !== undefined && grant.envelope.notice.sequence > have
      const isHeld = known === mark && after === 0 && !newer
      const page = isHeld ? NOTHING : await load(store, found, after)
      // Held bytes are used again under this very decision: the log tells of them as of bytes that leave.
      const given = isHeld ? found : page.chunks.filter((_, i) => page.bytes[i] !== NO_BYTES)
      const damaged = isHeld ? 0 : page.chunks.length - given.length
      const records: Json = (isHeld ? runs : hourRuns(given)).map(({ kind, first, end }) => ({
        kind,
        first,
        end,
      }))
      const sealed = {
        ...sealedPart(order, grant),
        records: limited(records, given.length),
        ...(damaged === 0 ? {} : { damaged }),
      }
      const clear = {
        action: 'read',
        consent: order.body.consentId,
        block,
        at,
        count: given.length,
      } as const
      await accesses.append(patient, { clear, sealed })
      const salts = new Uint8Array(page.chunks.length * HASH_BYTES)
      const paths: Uint8Array[] = []
      const anchors: ReadAnswer['slots'][number][] = []
      for (const [slot, places] of bySlot(page.chunks)) {
        const indexes = places.map(({ index: leaf }) => leaf)
        const drawn = leafSalts(secretsOf(patient).saltKey, slotName(slot), indexes, crypto.hasher)
        places.forEach(({ at: chunk }, i) => {
          salts.set(drawn.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES), chunk * HASH_BYTES)
        })
        const proof = await slots.proofs(slot, indexes)
        if (proof === undefined) continue
        paths.push(proof.paths)
        anchors.push({ slot, root: proof.root, count: proof.count, block: proof.block })
      }
      stillAllowed(order.body.consentId)
      return {
        at,
        block,
        mark,
        chunks: page.chunks.map(served),
        objects: packBundle(page.bytes),
        salts: toBase64Url(salts),
        paths: packBundle(paths),
        slots: anchors,
        envelope: newer ? grant.envelope : null,
        next: page.next,
      }
    },
    search: async (order) => {
      const { patient, grant, at, block } = await pass(order)
      const { kinds, window } = order.body
      const found = index.find(patient.id, kinds, window, false)
      const runs = hourRuns(found)
      const records: Json = runs.map(({ kind, first, end }) => ({ kind, first, end }))
      const sealed = { ...sealedPart(order, grant), records: limited(records, found.length) }
      const clear = {
        action: 'search',
        consent: order.body.consentId,
        block,
        at,
        count: found.length,
      } as const
      await accesses.append(patient, { clear, sealed })
      stillAllowed(order.body.consentId)
      return { at, block, found: runs }
    },
  }
}

const NOTHING: Page = { chunks: [], bytes: [], next: null }
const MARK = utf8('islet/v1/read-mark\0')

/** Which sealed bytes are found, in their order: the numbers of each chunk, then the object of each. */
function markOf(hasher: Hasher, found: readonly IndexedChunk[]): Hash32 {
  const numbers = new DataView(new ArrayBuffer(found.length * 24))
  const objects: (Cid | number)[] = []
  let run = 0
  found.forEach(({ kind, generation, hour, revision, overflow, cid, part }, i) => {
    const words = [KINDS.indexOf(kind), generation, hour, revision, overflow, part]
    for (const [k, word] of words.entries()) numbers.setUint32(24 * i + 4 * k, word)
    run += 1
    if (found[i + 1]?.cid === cid) return
    objects.push(cid, run)
    run = 0
  })
  const text = utf8(objects.join(' '))
  return hash32(toHex(hasher.sha256(concat(MARK, new Uint8Array(numbers.buffer), text))))
}

/** Where a chunk belongs and where its leaf stands; where its object lies is the custodian's affair. */
function served({ kind, generation, hour, revision, overflow, slot, index }: IndexedChunk): ServedChunk {
  return { kind, generation, hour, revision, overflow, slot, index }
}

/** Who, what for and which, for patient and institution. */
function sealedPart(
  order: ReadOrder | SearchOrder,
  grant: HandOver | undefined,
): { readonly [key: string]: Json } {
  const { actor, action, purpose, kinds, window, glass } = order.body
  const { emergency } = grant ?? {}
  return {
    reader: grant?.opening.reader ?? null,
    readerName: grant?.readerName ?? null,
    actor: asJson(actor),
    action,
    purpose,
    kinds,
    first: window.first,
    end: window.end,
    ...(emergency === undefined ? {} : { emergency: brokenGlass(emergency, glass) }),
  }
}

/** Who broke the glass and why, who let them: as they signed it. */
function brokenGlass({ second, secondName }: Emergency, glass: ReadOrder['body']['glass']): Json {
  if (glass === undefined) return { second, secondName }
  const { call, release } = glass
  return { second, secondName, call: asJson(call), release: asJson(release) }
}

/** A log entry has a limit: many scattered hours are told by their number. */
function limited(records: Json, count: number): Json {
  return JSON.stringify(records).length <= 16_000 ? records : count
}

interface Page {
  readonly chunks: readonly IndexedChunk[]
  readonly bytes: readonly Uint8Array[]
  readonly next: number | null
}

/** What stands for a chunk that cannot be given. */
const NO_BYTES = new Uint8Array(0)

/** The chunks of an object; none where it is gone or is not what its name says. Throws what a store throws that is away. */
async function partsOf(store: InstitutionPorts['store'], cid: Cid): Promise<ReturnType<typeof chunksOf>> {
  try {
    return chunksOf(await store.get(cid))
  } catch (error) {
    if (isIsletError(error, ...DAMAGE)) return []
    throw error
  }
}

const DAMAGE = ['OBJECT_TAMPERED', 'OBJECT_MISSING', 'OBJECT_MALFORMED', 'OUTER_LAYER_BROKEN'] as const

/** One page of chunks with their bytes; an hour is never cut. */
async function load(
  store: InstitutionPorts['store'],
  found: readonly IndexedChunk[],
  after: number,
): Promise<Page> {
  const chunks: IndexedChunk[] = []
  const bytes: Uint8Array[] = []
  const open = new Map<Cid, ReturnType<typeof chunksOf>>()
  let size = 0
  let at = after
  for (; at < found.length; at++) {
    const chunk = found[at]
    if (chunk === undefined) break
    const full = chunks.length >= PAGE_CHUNKS || size >= PAGE_BYTES
    if (full && chunks.at(-1)?.hour !== chunk.hour) break
    let parts = open.get(chunk.cid)
    if (parts === undefined) {
      parts = await partsOf(store, chunk.cid)
      if (parts.length !== 1) open.set(chunk.cid, parts)
    }
    const part = parts[chunk.part]?.bytes ?? NO_BYTES
    chunks.push(chunk)
    bytes.push(part)
    size += part.length
  }
  return { chunks, bytes, next: at < found.length ? at : null }
}
