/**
 * What a patient's agent remembers: which consents it made, at which generation each kind is, and what is still to be sent.
 *
 * Laws: it is written down before anything is done that depends on it, so that no consent key is ever used for two
 * consents and nothing that was begun is forgotten; it holds no secret key, for all of them come from R.
 */
import Type from 'typebox'
import {
  Base64UrlField,
  ConsentIdField,
  Hash32Field,
  InstitutionIdField,
  KindField,
  RandomIdField,
} from '../api/index.ts'
import { IsletError, type Json, KINDS, type Kind } from '../vocabulary/index.ts'
import { DelegationSchema } from './delegations.ts'
import { Count, type Document, listOf, parseText, record, Seconds } from './document.ts'
import { HandOverSchema } from './hand-over.ts'
import { SignedReceiptSchema } from './receipt.ts'
import { GrantRelaySchema } from './relay.ts'
import { RevokeSchema } from './revoke-register.ts'
import { serially } from './serially.ts'
import { getText, putJson, type Shelf } from './shelf.ts'

const GrantStateSchema = record({
  /** Number of the consent key. */
  index: Count,
  handOver: HandOverSchema,
  intent: GrantRelaySchema,
  /** HPKE public key of the reader. */
  readerKey: Base64UrlField,
  /** Hours ahead of now that a writer's covers reach; 0 = the whole window at once. */
  hoursAhead: Count,
  /** `signed`: not yet known to be on the ledger. */
  status: Type.Union([Type.Literal('signed'), Type.Literal('active'), Type.Literal('ended')]),
  receipts: Type.Array(SignedReceiptSchema),
  /** Id of the waiting request that it answers, until the custodian was told that it is answered. */
  answers: Type.Optional(RandomIdField),
})
export type GrantState = Document<typeof GrantStateSchema>

const PassTermsSchema = record({ kinds: listOf(KindField, 7), days: Count, until: Seconds })

/** Something to send; tried again until it was taken. */
const OutgoingSchema = record({
  /** Re-sealed covers go before the revoke that made them needed. */
  urgency: Type.Union([Type.Literal('reseal'), Type.Literal('revoke'), Type.Literal('other')]),
  to: InstitutionIdField,
  type: Type.String(),
  body: Type.Unsafe<{ readonly [key: string]: Json }>({ type: 'object' }),
  /** Generations to announce with it: the order is dated and signed when it is sent. */
  generations: Type.Union([Type.Record(KindField, Count), Type.Null()]),
})
export type Outgoing = Document<typeof OutgoingSchema>

export const PatientStateSchema = record({
  schema: Type.Literal('islet.patient-state/1'),
  /** Rises with every change; the custodian's copy never goes back. */
  sequence: Count,
  custodian: Type.Union([InstitutionIdField, Type.Null()]),
  nextConsent: Count,
  /** Key generation of each kind, in the order of KINDS. */
  generations: Type.Array(Count, { minItems: KINDS.length, maxItems: KINDS.length }),
  mailboxes: Type.Array(
    record({
      token: RandomIdField,
      label: Type.String({ maxLength: 200 }),
      /** Terms of the visit pass that the mailbox was opened for, until one reader was let in on it. */
      pass: Type.Optional(PassTermsSchema),
    }),
  ),
  grants: Type.Array(GrantStateSchema),
  /** What guardians granted for this patient, each with the revoke they left. */
  byGuardian: Type.Array(
    record({
      handOver: HandOverSchema,
      stop: Type.Union([RevokeSchema, Type.Null()]),
      ended: Type.Boolean(),
    }),
  ),
  delegations: Type.Array(record({ delegation: DelegationSchema, ended: Type.Boolean() })),
  outbox: Type.Array(OutgoingSchema),
  /** Consents whose reader was suspended: they get no cover of a later generation. */
  leftOut: Type.Array(ConsentIdField),
  /** How much of what others left was refused so far. */
  refused: Type.Optional(Count),
  /** Sealed parts of the access log open with it. */
  logKey: Type.Union([Base64UrlField, Type.Null()]),
  /** Newest checkpoint of the custodian's log that was seen. */
  seenLog: Type.Union([record({ size: Count, root: Hash32Field, at: Seconds }), Type.Null()]),
})
export type PatientState = Document<typeof PatientStateSchema>

export const NEW_STATE: PatientState = {
  schema: 'islet.patient-state/1',
  sequence: 0,
  custodian: null,
  nextConsent: 0,
  generations: KINDS.map(() => 0),
  mailboxes: [],
  grants: [],
  byGuardian: [],
  delegations: [],
  outbox: [],
  leftOut: [],
  logKey: null,
  seenLog: null,
}

/** The state, changed one step at a time and durable before the step returns. */
export interface PatientMemory {
  readonly now: PatientState
  change(step: (state: PatientState) => PatientState): Promise<PatientState>
}

export async function openPatientMemory(shelf: Shelf): Promise<PatientMemory> {
  const text = await getText(shelf, 'state')
  let now = text === undefined ? NEW_STATE : parseText(PatientStateSchema, text, 'state of the patient agent')
  const one = serially()
  return {
    get now() {
      return now
    },
    change: (step) =>
      one(async () => {
        const next = { ...step(now), sequence: now.sequence + 1 }
        await putJson(shelf, 'state', next)
        now = next
        return next
      }),
  }
}

/** The generation a kind is at. */
export function generationIn(state: PatientState, kind: Kind): number {
  const generation = state.generations[KINDS.indexOf(kind)]
  if (generation === undefined) throw new IsletError('STATE_DAMAGED', 'a kind has no generation')
  return generation
}

/** The state with some kinds one generation further. */
export function withNewGeneration(state: PatientState, kinds: readonly Kind[]): PatientState {
  const generations = state.generations.map((generation, i) => {
    const kind = KINDS[i]
    return kind !== undefined && kinds.includes(kind) ? generation + 1 : generation
  })
  return { ...state, generations }
}

/** The state with one grant replaced, found by its consent id. */
export function withGrant(state: PatientState, grant: GrantState): PatientState {
  const id = grant.handOver.consentId
  return {
    ...state,
    grants: state.grants.map((known) => (known.handOver.consentId === id ? grant : known)),
  }
}
