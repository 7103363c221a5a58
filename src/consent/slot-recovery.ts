/**
 * Slots that a shelf lost, rebuilt from the access log, the objects and the ledger (DESIGN law 1).
 *
 * Law: the log entry of an append names its objects and their place; what is rebuilt equals what was there. Entries of the
 * erased stay closed; objects that are gone are left out.
 */
import Type from 'typebox'
import { CidField } from '../api/index.ts'
import { chunksOf, HASH_BYTES, openEntry, readEntry, type StoredChunk } from '../vault/index.ts'
import { concat, type InstitutionId, type Json, toBase64Url } from '../vocabulary/index.ts'
import type { ChainReader } from './chain.ts'
import { leavesOf, notesOf } from './custody.ts'
import { Count, manyOf, parseDocument } from './document.ts'
import type { InstitutionPorts } from './house.ts'
import { type Patient, secretsOf } from './patient-book.ts'
import { putJson, type Shelf } from './shelf.ts'
import { batchName, closedName, type FirstPlace } from './slot-book.ts'

/** A batch as it is brought back from the access log and the objects. */
export interface LostBatch {
  readonly slot: number
  readonly first: number
  readonly leaves: readonly Uint8Array[]
  readonly note: Json
}

const AppendedSchema = Type.Object({ slot: Count, first: Count, objects: manyOf(CidField, 100_000) })

/**
 * What the slots lost, rebuilt from the access log and the objects alone (DESIGN law 1). Entries of the erased stay
 * closed, and objects that are gone are left out.
 */
export async function lostBatches(
  ports: Pick<InstitutionPorts, 'crypto' | 'store' | 'log'>,
  patients: readonly Patient[],
  placesOf: (patient: Patient) => readonly number[],
  isThere: (at: FirstPlace) => boolean,
): Promise<readonly LostBatch[]> {
  const { hasher } = ports.crypto
  const batches: LostBatch[] = []
  for (const patient of patients) {
    const { saltKey, logKey } = secretsOf(patient)
    for (const place of placesOf(patient)) {
      const [entry] = await ports.log.entries(place, place + 1)
      if (entry === undefined || readEntry(entry).clear.action !== 'append') continue
      const opened = await openEntry(entry, logKey, ports.crypto)
      if (opened.code !== 'OPENED') continue
      const { slot, first, objects } = parseDocument(AppendedSchema, opened.sealed, 'log entry of an append')
      if (isThere({ slot, first })) continue
      const chunks: (readonly StoredChunk[])[] = []
      for (const name of objects) {
        if (!(await ports.store.has(name))) break
        chunks.push(chunksOf(await ports.store.get(name)))
      }
      if (chunks.length < objects.length) continue
      const leaves = leavesOf(hasher, saltKey, chunks.flat())({ slot, first })
      batches.push({ slot, first, leaves, note: { patient: patient.id, chunks: notesOf(chunks, objects) } })
    }
  }
  return batches
}

/** Tells which batches are on the shelf. */
export async function batchesThere(shelf: Shelf): Promise<(at: FirstPlace) => boolean> {
  const names = new Set([...(await shelf.list('closed/')), ...(await shelf.list('batches/'))])
  return ({ slot, first }) => names.has(closedName(slot)) || names.has(batchName(slot, first))
}

/**
 * Brings back batches that the shelf lost, before the book is opened: those of anchored slots as closed slots, those of the
 * open one as batches. Leaves of the erased cannot be made again: without the shelf, the paths of their slots' other leaves
 * lead to no root any more, and readers see that.
 */
export async function restoreBatches(
  ports: {
    readonly own: InstitutionId
    readonly shelf: Shelf
    readonly chain: Pick<ChainReader, 'anchorAt'>
  },
  lost: readonly LostBatch[],
): Promise<void> {
  const slots = new Map<number, LostBatch[]>()
  for (const batch of lost) slots.set(batch.slot, [...(slots.get(batch.slot) ?? []), batch])
  for (const [slot, unsorted] of slots) {
    const batches = unsorted.toSorted((a, b) => a.first - b.first)
    const anchor = await ports.chain.anchorAt(ports.own, 'objects', slot)
    if (anchor === undefined) {
      for (const { first, leaves, note } of batches) {
        await putJson(ports.shelf, batchName(slot, first), { leaves: toBase64Url(concat(...leaves)), note })
      }
      continue
    }
    const leaves: Uint8Array[] = []
    for (const { first, leaves: own } of batches) {
      while (leaves.length < first) leaves.push(new Uint8Array(HASH_BYTES))
      leaves.push(...own)
    }
    await putJson(ports.shelf, closedName(slot), {
      leaves: toBase64Url(concat(...leaves)),
      ...anchor,
      batches: batches.map(({ first, leaves: own, note }) => ({ first, count: own.length, note })),
    })
  }
}
