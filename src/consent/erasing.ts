/**
 * What a custodian destroys of an erased patient: objects, openings and envelopes, salts and log key.
 *
 * Law: an erasure that a crash broke off is finished at the next start, and a restored backup has the list of the erased
 * applied before anything is served (PROTOCOL 16). Handles are the patients' random ones.
 */
import type { Destroyer, ErasureList } from '../vault/index.ts'
import { patientId, utf8 } from '../vocabulary/index.ts'
import type { AccessIndex } from './access-index.ts'
import type { ConsentBook } from './consent-book.ts'
import type { Custody } from './custody.ts'
import type { DelegationBook } from './delegations.ts'
import type { ObjectIndex } from './object-index.ts'
import type { PatientBook } from './patient-book.ts'
import { getText, type Shelf } from './shelf.ts'

export interface ErasableBooks {
  readonly patients: PatientBook
  readonly consents: ConsentBook
  readonly accesses: AccessIndex
  readonly custody: Custody
  readonly index: ObjectIndex
  readonly delegations: DelegationBook
}

/** What names the rest goes last: a patient's openings before the document that holds their keys and salts. */
export function destroyers(books: ErasableBooks): readonly Destroyer[] {
  const { patients, consents, accesses, custody, index, delegations } = books
  return [
    {
      thing: 'object-pins',
      handles: async () => index.patients(),
      destroy: (handle) => custody.erase(patientId(handle)),
    },
    {
      // Openings and envelopes, then the one document with identity key, leaf-salt key and log key.
      thing: 'log-keys',
      handles: async () => patients.all().map(({ id }) => id),
      destroy: async (handle) => {
        const patient = patients.byId(patientId(handle))
        if (patient === undefined) return 0
        const grants = consents.all().filter((grant) => grant.opening.patientKey === patient.identityKey)
        for (const grant of grants) await consents.forget(grant.consentId)
        accesses.forget(patient.id)
        await delegations.forget(patient.id)
        await patients.erase(patient.id)
        return grants.length + 1
      },
    },
  ]
}

/** A list of the erased on a shelf; a node gives one that lies outside its backups instead. */
export function shelfErasureList(shelf: Shelf): ErasureList {
  const read = async (): Promise<ReadonlySet<string>> =>
    new Set(((await getText(shelf, 'erased')) ?? '').split('\n').filter((line) => line !== ''))
  return {
    read,
    add: async (entries) => {
      const all = new Set([...(await read()), ...entries])
      await shelf.put('erased', utf8([...all].map((line) => `${line}\n`).join('')))
    },
  }
}
