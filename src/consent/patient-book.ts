/**
 * The patients of a custodian: enrolled keys, random handle, key generations, and what waits for them.
 *
 * Laws: a handle is random and never on the ledger; the leaf-salt key and the log key of a patient are each in one place
 * so that erasing means destroying them; generations only rise (PROTOCOL 8, 14, 16).
 */
import Type from 'typebox'
import {
  Base64UrlField,
  Hash32Field,
  InstantField,
  InstitutionIdField,
  KindField,
  PatientIdField,
  RandomIdField,
} from '../api/index.ts'
import { checkPatientEnrolment, type Ed25519, type PatientEnrolment } from '../identity/index.ts'
import type { Crypto } from '../vault/index.ts'
import {
  fromBase64Url,
  fromHex,
  type Hash32,
  type InstitutionId,
  IsletError,
  type Kind,
  type PatientId,
  toBase64Url,
  toHex,
} from '../vocabulary/index.ts'
import { Count, type Document, Generation, parseText, record, signedSchema } from './document.ts'
import { getText, putJson, type Shelf } from './shelf.ts'

export const EnrolmentSchema = signedSchema(
  'islet.patient-enrolment/1',
  record({
    patient: PatientIdField,
    identityKey: Hash32Field,
    inboxKey: Base64UrlField,
    streamCommitment: Hash32Field,
    custodian: InstitutionIdField,
    sequence: Count,
    at: InstantField,
  }),
)

const PatientSchema = record({
  id: PatientIdField,
  enrolment: EnrolmentSchema,
  identityKey: Hash32Field,
  /** X-Wing public key of the patient's inbox. */
  inboxKey: Base64UrlField,
  /** Name of the patient's streams inside sealed objects. */
  stream: Base64UrlField,
  /** Destroyable: salts of the patient's Merkle leaves. */
  saltKey: Base64UrlField,
  /** Destroyable: seals the patient's part of the access log. */
  logKey: Base64UrlField,
  generations: Type.Record(KindField, Generation),
  mailboxes: Type.Array(RandomIdField),
})
export type Patient = Document<typeof PatientSchema>

const StateSchema = record({ sequence: Count, sealed: Base64UrlField })
export type StoredState = Document<typeof StateSchema>

/** A text that waits for the patient, with a random id. */
export interface Waiting {
  readonly id: string
  readonly text: string
}

export interface PatientBook {
  byKey(identityKey: Hash32): Patient | undefined
  byId(id: PatientId): Patient | undefined
  byMailbox(token: string): Patient | undefined
  all(): readonly Patient[]
  /**
   * Enrols a patient, or takes a later enrolment of theirs; the same one again changes nothing.
   * Throws `ENROLMENT_FORGED`, `ENROLMENT_ELSEWHERE`, `ENROLMENT_KEY_WRONG`, `ENROLMENT_STALE`, `PATIENT_ID_TAKEN`.
   */
  enrol(enrolment: PatientEnrolment): Promise<Patient>
  openMailbox(id: PatientId, token: string): Promise<void>
  /** Raises generations; gives the patient as they now are. A lower number changes nothing. */
  raise(id: PatientId, generations: Readonly<Partial<Record<Kind, number>>>): Promise<Patient>
  leave(id: PatientId, tray: Tray, text: string): Promise<string>
  waiting(id: PatientId, tray: Tray): Promise<readonly Waiting[]>
  taken(id: PatientId, tray: Tray, ids: readonly string[]): Promise<void>
  /** Keeps the sealed state of the patient's agent; an older sequence never replaces a newer. */
  keepState(id: PatientId, state: StoredState): Promise<void>
  state(id: PatientId): Promise<StoredState | undefined>
  /** Destroys everything known of a patient. */
  erase(id: PatientId): Promise<void>
}

/** What waits: access requests, deposits of writers, notices of analyses, what guardians granted, new keys of readers. */
export type Tray = (typeof TRAYS)[number]
export const TRAYS = ['requests', 'deposits', 'results', 'grants', 'keys'] as const
const MOST_WAITING = 1_000
const MOST_MAILBOXES = 1_000

export async function openPatientBook(
  shelf: Shelf,
  ports: { readonly own: InstitutionId; readonly crypto: Crypto; readonly ed: Ed25519 },
): Promise<PatientBook> {
  const { own, crypto, ed } = ports
  const patients = new Map<PatientId, Patient>()
  const keys = new Map<Hash32, PatientId>()
  const mailboxes = new Map<string, PatientId>()
  const remember = (patient: Patient): void => {
    patients.set(patient.id, patient)
    keys.set(patient.identityKey, patient.id)
    for (const token of patient.mailboxes) mailboxes.set(token, patient.id)
  }
  for (const name of await shelf.list('patients/')) {
    remember(parseText(PatientSchema, (await getText(shelf, name)) ?? '', 'stored patient'))
  }
  const need = (id: PatientId): Patient => {
    const patient = patients.get(id)
    if (patient === undefined) throw new IsletError('PATIENT_UNKNOWN', 'no patient of this custodian')
    return patient
  }
  const keep = async (patient: Patient): Promise<void> => {
    await putJson(shelf, `patients/${patient.id}`, patient)
    remember(patient)
  }
  const known = (id: PatientId | undefined): Patient | undefined =>
    id === undefined ? undefined : patients.get(id)
  const random = (length: number): string => toHex(crypto.cipher.random(length)).slice(2)
  const trayOf = (id: PatientId, tray: Tray): string => `${tray}/${id}/`

  return {
    byKey: (key) => known(keys.get(key)),
    byId: (id) => patients.get(id),
    byMailbox: (token) => known(mailboxes.get(token)),
    all: () => [...patients.values()],
    enrol: async (enrolment) => {
      const { body } = enrolment
      const before = known(keys.get(body.identityKey))
      const verdict = checkPatientEnrolment(enrolment, own, before?.enrolment, ed)
      if (!verdict.ok) throw new IsletError(verdict.code, 'the enrolment cannot be taken here')
      if (before?.enrolment.signature === enrolment.signature) return before
      if (before === undefined ? patients.has(body.patient) : before.id !== body.patient) {
        throw new IsletError('PATIENT_ID_TAKEN', 'the handle belongs to somebody else')
      }
      const patient: Patient = {
        id: body.patient,
        enrolment,
        identityKey: body.identityKey,
        inboxKey: body.inboxKey,
        stream: toBase64Url(fromHex(body.streamCommitment)),
        saltKey: before?.saltKey ?? toBase64Url(crypto.cipher.random(32)),
        logKey: before?.logKey ?? toBase64Url(crypto.cipher.random(32)),
        generations: before?.generations ?? {},
        mailboxes: before?.mailboxes ?? [],
      }
      await keep(patient)
      return patient
    },
    openMailbox: async (id, token) => {
      const patient = need(id)
      const owner = mailboxes.get(token)
      if (owner !== undefined && owner !== id) {
        throw new IsletError('MAILBOX_TAKEN', 'another mailbox has this token')
      }
      if (owner === id) return
      if (patient.mailboxes.length >= MOST_MAILBOXES) {
        throw new IsletError('TOO_MANY_MAILBOXES', 'a patient has a limited number of mailboxes', {
          limit: MOST_MAILBOXES,
        })
      }
      await keep({ ...patient, mailboxes: [...patient.mailboxes, token] })
    },
    raise: async (id, generations) => {
      const patient = need(id)
      const raised: Partial<Record<Kind, number>> = { ...patient.generations }
      for (const [kind, generation] of entriesOf(generations)) {
        raised[kind] = Math.max(raised[kind] ?? 0, generation)
      }
      const after: Patient = { ...patient, generations: raised as Patient['generations'] }
      await keep(after)
      return after
    },
    leave: async (id, tray, text) => {
      need(id)
      if ((await shelf.list(trayOf(id, tray))).length >= MOST_WAITING) {
        throw new IsletError('MAILBOX_FULL', 'too much waits for this patient already', {
          limit: MOST_WAITING,
        })
      }
      const name = random(16)
      await putJson(shelf, trayOf(id, tray) + name, { text })
      return name
    },
    waiting: async (id, tray) => {
      const names = await shelf.list(trayOf(id, tray))
      const texts = await Promise.all(names.map((name) => getText(shelf, name)))
      return names.flatMap((name, i) => {
        const text = texts[i]
        if (text === undefined) return []
        return [
          {
            id: name.slice(trayOf(id, tray).length),
            text: parseText(WaitingSchema, text, 'waiting text').text,
          },
        ]
      })
    },
    taken: async (id, tray, ids) => {
      for (const one of ids) await shelf.delete(trayOf(id, tray) + one)
    },
    keepState: async (id, state) => {
      need(id)
      const text = await getText(shelf, `states/${id}`)
      const before = text === undefined ? undefined : parseText(StateSchema, text, 'stored state')
      if (before !== undefined && before.sequence >= state.sequence) {
        throw new IsletError('STATE_OUTDATED', 'a newer state is stored already', {
          sequence: before.sequence,
        })
      }
      await putJson(shelf, `states/${id}`, state)
    },
    state: async (id) => {
      const text = await getText(shelf, `states/${id}`)
      return text === undefined ? undefined : parseText(StateSchema, text, 'stored state')
    },
    erase: async (id) => {
      const patient = patients.get(id)
      await shelf.delete(`patients/${id}`)
      await shelf.delete(`states/${id}`)
      for (const tray of TRAYS) {
        for (const name of await shelf.list(trayOf(id, tray))) await shelf.delete(name)
      }
      patients.delete(id)
      if (patient === undefined) return
      keys.delete(patient.identityKey)
      for (const token of patient.mailboxes) mailboxes.delete(token)
    },
  }
}

const WaitingSchema = record({ text: Type.String() })

/** Secret bytes of a patient at their custodian. */
export function secretsOf(patient: Patient): { readonly saltKey: Uint8Array; readonly logKey: Uint8Array } {
  return { saltKey: fromBase64Url(patient.saltKey), logKey: fromBase64Url(patient.logKey) }
}

/** The generation a kind is at. */
export function generationOf(patient: Patient, kind: Kind): number {
  return (patient.generations as Readonly<Partial<Record<Kind, number>>>)[kind] ?? 0
}

function entriesOf(
  generations: Readonly<Partial<Record<Kind, number>>>,
): readonly (readonly [Kind, number])[] {
  return Object.entries(generations) as readonly (readonly [Kind, number])[]
}
