/**
 * Taking in sealed objects: from a writer under a consent, or from the patient.
 *
 * Laws: an object is taken once, at the next revision of its hour, under the newest key generation (PROTOCOL 13, 14);
 * it is stored, logged and has its leaf before it is acknowledged; what is refused leaves nothing behind.
 */

import Type from 'typebox'
import { CidField, Hash32Field, KindField, PatientIdField } from '../api/index.ts'
import {
  chunkLeafData,
  chunksOf,
  cidOf,
  erasureEntry,
  HASH_BYTES,
  type Hasher,
  leafSalts,
  type StoredChunk,
  saltedLeafHashes,
} from '../vault/index.ts'
import {
  type Cid,
  concat,
  equalBytes,
  fromBase64Url,
  type HourWindow,
  IsletError,
  type Json,
  type Kind,
  type PatientId,
  quantity,
  type UnixSeconds,
  type UtcHour,
} from '../vocabulary/index.ts'
import type { AccessIndex } from './access-index.ts'
import { unpackBundle } from './bundle.ts'
import { Count, Generation, Hour, manyOf, parseDocument, record } from './document.ts'
import { type Gatekeeper, later } from './gatekeeper.ts'
import type { InstitutionPorts } from './house.ts'
import type { ObjectIndex } from './object-index.ts'
import type { AppendOrder } from './orders.ts'
import { generationOf, type Patient, type PatientBook, secretsOf } from './patient-book.ts'
import { refusal } from './refusal.ts'
import { serially } from './serially.ts'
import { type FirstPlace, type SlotBook, slotName } from './slot-book.ts'

const ErasureEntry = Type.String({ pattern: '^[0-9a-f]{64}$' })

/** What the slot book keeps beside the leaves of one append. */
const NoteSchema = record({
  patient: PatientIdField,
  chunks: manyOf(
    record({
      kind: KindField,
      generation: Generation,
      hour: Hour,
      revision: Count,
      overflow: Count,
      cid: CidField,
      part: Count,
    }),
    1_000_000,
  ),
})
/** What is left of a note after its patient was erased: the entry of the erasure list that accounts for the leaves. */
const ErasedSchema = record({ erased: ErasureEntry })
/** A leaf of another kind: a recorded result. */
const ResultSchema = record({ analysis: Hash32Field })
const AnyNote = Type.Union([NoteSchema, ErasedSchema, ResultSchema])

/** Objects named in one log entry; an entry has 32 kB. */
const OBJECTS_PER_ENTRY = 400

export interface Custody {
  /** Takes in the objects of an admitted order. Throws access codes, `GENERATION_OLD`, `REVISION_TAKEN`, `OBJECT_REFUSED`. */
  append(order: AppendOrder, bundle: string): Promise<{ readonly slot: number; readonly chunks: number }>
  /** Destroys a patient's objects and what names them. */
  erase(patient: PatientId): Promise<number>
}

/** Rebuilds the index from the slot book's notes and opens custody over it. */
export async function openCustody(
  ports: Pick<InstitutionPorts, 'crypto' | 'store' | 'clock' | 'chain'>,
  books: {
    readonly patients: PatientBook
    readonly slots: SlotBook
    readonly index: ObjectIndex
    readonly gate: Gatekeeper
    readonly accesses: AccessIndex
  },
): Promise<Custody> {
  const { crypto, store } = ports
  const { patients, slots, index } = books
  for (const batch of await slots.batches()) {
    const note = parseDocument(AnyNote, batch.note, 'slot note')
    if (!('chunks' in note)) continue
    index.add(
      note.patient,
      note.chunks.map((chunk, i) => ({ ...chunk, slot: batch.slot, index: batch.first + i })),
    )
  }
  const one = serially()

  const permitted = async (
    order: AppendOrder,
    chunks: readonly StoredChunk[],
  ): Promise<{ readonly patient: Patient; readonly at: UnixSeconds; readonly block: number }> => {
    const { consentId } = order.body
    if (consentId === undefined) {
      const patient = patients.byKey(order.signer)
      if (patient === undefined) throw refusal('CONSENT_UNKNOWN')
      const head = await ports.chain.head()
      return { patient, at: later(ports.clock(), head.timestamp), block: head.number }
    }
    const passage = await books.gate.judge({
      consentId,
      signer: order.signer,
      actor: { type: 'institution' },
      action: 'write',
      purpose: order.body.purpose,
      asked: windowsOf(chunks),
    })
    if (passage.code !== 'ALLOWED') throw refusal(passage.code)
    const patient = patients.byKey(passage.grant.opening.patientKey)
    if (patient === undefined) throw refusal('CONSENT_UNKNOWN')
    return { patient, at: passage.at, block: passage.block }
  }

  /** Logs, places and indexes some objects of an append; the log entry names their place, so that it can be rebuilt. */
  const placePart = async (
    patient: Patient,
    order: AppendOrder,
    decided: { readonly at: UnixSeconds; readonly block: number },
    chunks: readonly (readonly StoredChunk[])[],
    names: readonly Cid[],
  ): Promise<number> => {
    const flat = chunks.flat()
    const noted = notesOf(chunks, names)
    const leavesAt = leavesOf(crypto.hasher, secretsOf(patient).saltKey, flat)
    const { slot, first } = await slots.place(
      leavesAt,
      { patient: patient.id, chunks: noted },
      async (place) => {
        const sealed: Json = { writer: order.signer, ...place, objects: names }
        const consent = order.body.consentId
        const clear = { action: 'append', consent, ...decided, count: flat.length } as const
        await books.accesses.append(patient, { clear, sealed })
      },
    )
    index.add(
      patient.id,
      noted.map((chunk, i) => ({ ...chunk, slot, index: first + i })),
    )
    return slot
  }

  return {
    append: async (order, bundle) => {
      const objects = unpackBundle(bundle)
      const names = objects.map((object) => cidOf(crypto.hasher, object))
      if (!sameNames(names, order.body.objects)) {
        throw refused('the objects are not the ones that the order names')
      }
      const chunks = objects.map((object) => readChunks(object))
      const flat = chunks.flat()
      const { patient, at, block } = await permitted(order, flat)
      checkChunks(flat, patient)
      return one(async () => {
        const placed = knownPlaces(index, names)
        if (placed !== undefined) return placed
        checkRevisions(flat, patient, index)
        await store.putMany(objects)
        let slot: number | undefined
        for (let from = 0; from < chunks.length; from += OBJECTS_PER_ENTRY) {
          const part = chunks.slice(from, from + OBJECTS_PER_ENTRY)
          const partNames = names.slice(from, from + OBJECTS_PER_ENTRY)
          const placedIn = await placePart(patient, order, { at, block }, part, partNames)
          slot ??= placedIn
        }
        return { slot: slot ?? 0, chunks: flat.length }
      })
    },
    erase: (patient) =>
      one(async () => {
        const names = new Set(index.all(patient).map((chunk) => chunk.cid))
        for (const name of names) await store.delete(name)
        const erased = erasureEntry(patient, crypto.hasher)
        for (const batch of await slots.batches()) {
          const note = parseDocument(AnyNote, batch.note, 'slot note')
          if ('chunks' in note && note.patient === patient) await slots.rewrite(batch, { erased })
        }
        index.forget(patient)
        return names.size
      }),
  }
}

/** What is noted of the chunks of some objects. */
export function notesOf(chunks: readonly (readonly StoredChunk[])[], names: readonly Cid[]) {
  return names.flatMap((name, i) =>
    (chunks[i] ?? []).map(({ context }, part) => ({
      kind: context.kind,
      generation: context.generation,
      hour: context.hour,
      revision: context.revision,
      overflow: context.overflow,
      cid: name,
      part,
    })),
  )
}

/** Salted leaf hashes of chunks in order, once the place of the first is known. */
export function leavesOf(hasher: Hasher, saltKey: Uint8Array, chunks: readonly StoredChunk[]) {
  const data = chunks.map(({ bytes }) => {
    const one = chunkLeafData(hasher, bytes)
    if (one === undefined) throw refused('an object holds no chunk')
    return one
  })
  return ({ slot, first }: FirstPlace): readonly Uint8Array[] => {
    const indexes = chunks.map((_, i) => first + i)
    const salts = leafSalts(saltKey, slotName(slot), indexes, hasher)
    const hashes = saltedLeafHashes(salts, concat(...data), hasher)
    return chunks.map((_, i) => hashes.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES))
  }
}

function readChunks(object: Uint8Array): readonly StoredChunk[] {
  const chunks = chunksOf(object)
  if (chunks.length === 0) throw refused('an object holds no chunk')
  return chunks
}

function checkChunks(chunks: readonly StoredChunk[], patient: Patient): void {
  const stream = fromBase64Url(patient.stream)
  for (const { context } of chunks) {
    if (!equalBytes(context.stream, stream)) throw refused('an object belongs to another patient')
    const newest = generationOf(patient, context.kind)
    if (context.generation !== newest) {
      const code = context.generation < newest ? 'GENERATION_OLD' : 'GENERATION_UNKNOWN'
      throw new IsletError(
        code,
        'the object is sealed under another key generation',
        { kind: context.kind, sealed: context.generation, newest },
        { remedy: 'Seal with the newest cover, or leave it in the patient’s inbox.' },
      )
    }
  }
}

/** Every revision comes next after the newest one, whole: chunks 0 … n−1. */
function checkRevisions(chunks: readonly StoredChunk[], patient: Patient, index: ObjectIndex): void {
  const overflows = new Map<string, { readonly revision: number; next: number }>()
  for (const { context } of chunks) {
    const { kind, hour, revision, overflow } = context
    const name = `${kind} ${hour}`
    const hourSoFar = overflows.get(name) ?? { revision: index.nextRevision(patient.id, kind, hour), next: 0 }
    overflows.set(name, hourSoFar)
    if (revision !== hourSoFar.revision || overflow !== hourSoFar.next) {
      throw new IsletError(
        'REVISION_TAKEN',
        'the hour has another newest revision',
        { kind, hour, next_revision: index.nextRevision(patient.id, kind, hour) },
        { remedy: 'Read the newest revision of the hour, add to it and seal it again.' },
      )
    }
    hourSoFar.next += 1
  }
}

/** Where the same objects stand already: an append that is sent again is done once. */
function knownPlaces(
  index: ObjectIndex,
  names: readonly Cid[],
): { readonly slot: number; readonly chunks: number } | undefined {
  const there = names.map((name) => index.placed(name))
  const first = there[0]?.[0]
  if (first === undefined || there.some((chunks) => chunks.length === 0)) return undefined
  return { slot: first.slot, chunks: there.reduce((sum, chunks) => sum + chunks.length, 0) }
}

function windowsOf(
  chunks: readonly StoredChunk[],
): readonly { readonly kind: Kind; readonly window: HourWindow }[] {
  const windows = new Map<Kind, { first: UtcHour; end: UtcHour }>()
  for (const { context } of chunks) {
    const window = windows.get(context.kind) ?? { first: context.hour, end: context.hour }
    window.first = context.hour < window.first ? context.hour : window.first
    window.end = context.hour >= window.end ? quantity<UtcHour>(context.hour + 1) : window.end
    windows.set(context.kind, window)
  }
  return [...windows].map(([kind, window]) => ({ kind, window }))
}

function sameNames(a: readonly Cid[], b: readonly Cid[]): boolean {
  return a.length === b.length && a.every((name, i) => name === b[i])
}

function refused(message: string): IsletError {
  return new IsletError('OBJECT_REFUSED', message)
}
