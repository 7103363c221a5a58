/**
 * Which entries of the access log concern which patient: a projection, rebuilt from the log at every start.
 *
 * Law: a patient can fetch every entry about them with its proof; the log alone says which those are (DESIGN law 1).
 */
import { type Crypto, openEntry, readEntry } from '../vault/index.ts'
import type { ConsentId, PatientId } from '../vocabulary/index.ts'
import type { AccessBook, AccessRecord } from './house.ts'
import { type Patient, secretsOf } from './patient-book.ts'

export interface AccessIndex {
  /** Appends to the log, durably, and remembers whom it concerns. */
  append(patient: Patient, record: AccessRecord): Promise<number>
  /** Places of a patient's entries, ascending. */
  of(id: PatientId): readonly number[]
  forget(id: PatientId): void
}

/** Entries read at once while rebuilding. */
const STRIDE = 4_096

export async function openAccessIndex(
  log: AccessBook,
  crypto: Crypto,
  patients: readonly Patient[],
  patientOf: (consent: ConsentId) => PatientId | undefined,
): Promise<AccessIndex> {
  const places = new Map<PatientId, number[]>()
  const add = (id: PatientId, index: number): void => {
    const known = places.get(id)
    if (known === undefined) places.set(id, [index])
    else known.push(index)
  }
  /** Entries without a consent are the patient's own: whose, only the log key tells. */
  const ownerOf = async (entry: Uint8Array): Promise<PatientId | undefined> => {
    for (const patient of patients) {
      const reading = await openEntry(entry, secretsOf(patient).logKey, crypto)
      if (reading.code === 'OPENED') return patient.id
    }
    return undefined
  }
  for (let from = 0; from < log.size; from += STRIDE) {
    const entries = await log.entries(from, Math.min(from + STRIDE, log.size))
    for (const [i, entry] of entries.entries()) {
      const { consent } = readEntry(entry).clear
      const id = consent === undefined ? await ownerOf(entry) : patientOf(consent)
      if (id !== undefined) add(id, from + i)
    }
  }
  return {
    append: async (patient, record) => {
      const { index } = await log.append(record, secretsOf(patient).logKey)
      add(patient.id, index)
      return index
    },
    of: (id) => [...(places.get(id) ?? [])].sort((a, b) => a - b),
    forget: (id) => {
      places.delete(id)
    },
  }
}
