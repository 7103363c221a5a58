/**
 * The custodian: the institution a patient chose to keep their ciphertext, their handle and their openings.
 *
 * Laws: it checks the ledger and appends to the access log *before* a byte leaves to anyone, its own staff included
 * (PROTOCOL 1); openings are judged here and never sent on (PROTOCOL 4). It holds no key to anything it keeps.
 * Every order is signed by whom it must be signed by, whatever brought it.
 */
import {
  authorityOf,
  type Delegation,
  type DelegationRevocation,
  type PatientEnrolment,
} from '../identity/index.ts'
import { cidOf, hpkeSeal } from '../vault/index.ts'
import {
  concat,
  fromBase64Url,
  type Hash32,
  IsletError,
  type Json,
  type PatientId,
  toBase64Url,
  utf8,
} from '../vocabulary/index.ts'
import type { AccessIndex } from './access-index.ts'
import { type SignedRequest, SignedRequestSchema } from './access-request.ts'
import type { AccessesAnswer } from './answers.ts'
import type { ConsentBook } from './consent-book.ts'
import { type DelegationBook, notAllowed } from './delegations.ts'
import { asJson, parseText, requireSigned, type Signed } from './document.ts'
import type { Gatekeeper } from './gatekeeper.ts'
import type { HandOver } from './hand-over.ts'
import type { InstitutionPorts } from './house.ts'
import type {
  AccessesOrder,
  CollectOrder,
  DepositOrder,
  EnvelopeOrder,
  EraseOrder,
  GenerationOrder,
  MailboxOrder,
  OrderGate,
  StateOrder,
} from './orders.ts'
import { type ReaderKeyOrder, ReaderKeyOrderSchema } from './orders.ts'
import { type Patient, type PatientBook, secretsOf, TRAYS } from './patient-book.ts'
import { type AnalysisNotice, AnalysisNoticeSchema } from './provenance.ts'
import { refusal } from './refusal.ts'
import type { SignedEnvelope } from './signed-envelope.ts'

/** `info` under which the custodian seals the log key to the patient's inbox. */
export const LOG_KEY_INFO = utf8('islet/v1/patient-log-key')
const PAGE_ENTRIES = 1_000

export interface Books {
  readonly patients: PatientBook
  readonly consents: ConsentBook
  readonly accesses: AccessIndex
  readonly delegations: DelegationBook
  readonly gate: OrderGate
  readonly judge: Gatekeeper
  /** Destroys a patient's things; what a crash breaks off is finished at the next start. */
  readonly erase: (id: PatientId) => Promise<unknown>
}

export interface Custodian {
  /** Enrols a person; gives their log key, sealed to their inbox. */
  enrol(enrolment: PatientEnrolment): Promise<{ readonly logKey: string }>
  openMailbox(order: MailboxOrder): Promise<void>
  /** Leaves an access request in the mailbox it is for. Throws `MAILBOX_UNKNOWN`, `SIGNATURE_REFUSED`. */
  request(token: string, request: SignedRequest): Promise<void>
  /** Leaves word for the patient that a reader has a new HPKE key. */
  rekey(order: ReaderKeyOrder): Promise<void>
  collect(order: CollectOrder): Promise<{
    readonly requests: readonly Json[]
    readonly deposits: readonly Json[]
    readonly results: readonly Json[]
    readonly grants: readonly Json[]
    readonly keys: readonly Json[]
  }>
  /** Takes the hand-over of a grant of an enrolled patient; `stop` is a guardian's revoke, sealed to the patient. */
  accept(handOver: HandOver, stop: string | undefined): Promise<void>
  /** Takes the patient's word for a delegate, or its end. */
  delegate(delegation: Delegation | undefined, end: DelegationRevocation | undefined): Promise<void>
  /** Grants that name a delegate. */
  grantsFor(order: EnvelopeOrder): readonly HandOver[]
  /** Raises generations and keeps re-sealed envelopes; gives the hand-overs whose readers must get them. */
  reseal(
    order: GenerationOrder | undefined,
    envelopes: readonly SignedEnvelope[],
  ): Promise<readonly (readonly [HandOver, SignedEnvelope])[]>
  /** Leaves a writer's sealed records for the patient. Throws the codes of an access. */
  deposit(order: DepositOrder, sealed: string): Promise<void>
  /** Leaves word of an analysis for the patient whose consent it used. */
  notify(notice: AnalysisNotice): Promise<void>
  envelope(order: EnvelopeOrder): Promise<SignedEnvelope | undefined>
  accesses(order: AccessesOrder): Promise<AccessesAnswer>
  state(
    order: StateOrder,
    sealed: string | undefined,
  ): Promise<{
    readonly state: { readonly sequence: number; readonly sealed: string } | null
    readonly generations: Patient['generations']
  }>
  /** Erases a patient, if they are one here. */
  erase(order: EraseOrder): Promise<void>
}

export function custodian(ports: InstitutionPorts, books: Books): Custodian {
  const { crypto, chain } = ports
  const { patients, consents, accesses, gate } = books

  /** The enrolled patient who signed an order. */
  const patientOf = (
    order: Signed<{ readonly custodian: typeof ports.own; readonly created: number; readonly nonce: string }>,
  ): Patient => {
    const patient = patients.byKey(order.signer)
    if (patient === undefined)
      throw new IsletError('PATIENT_UNKNOWN', 'no patient of this custodian signed this')
    return patient
  }

  /** Refuses unless the signer is the message key of the institution, and it is an active member. */
  const fromMember = async (id: HandOver['custodian'], key: Hash32): Promise<void> => {
    const member = await chain.member(id)
    if (member?.messageKey !== key) throw refusal('READER_MISMATCH')
    if (!member.active) throw refusal('READER_SUSPENDED')
  }

  return {
    enrol: async (enrolment) => {
      const patient = await patients.enrol(enrolment)
      const { logKey } = secretsOf(patient)
      return { logKey: toBase64Url(await hpkeSeal(fromBase64Url(patient.inboxKey), LOG_KEY_INFO, logKey)) }
    },
    openMailbox: async (order) => {
      gate.admit(order)
      await patients.openMailbox(patientOf(order).id, order.body.token)
    },
    request: async (token, request) => {
      requireSigned(request, ports.ed, 'access request')
      await fromMember(request.body.reader, request.signer)
      const patient = patients.byMailbox(token)
      if (patient === undefined) throw new IsletError('MAILBOX_UNKNOWN', 'there is no such mailbox here')
      await patients.leave(patient.id, 'requests', JSON.stringify(request))
    },
    rekey: async (order) => {
      gate.admit(order)
      const grant = consents.get(order.body.consentId)
      const patient = grant === undefined ? undefined : patients.byKey(grant.opening.patientKey)
      if (grant === undefined || patient === undefined) throw refusal('CONSENT_UNKNOWN')
      await fromMember(grant.opening.reader, order.signer)
      await patients.leave(patient.id, 'keys', JSON.stringify(order))
    },
    collect: async (order) => {
      gate.admit(order)
      const { id } = patientOf(order)
      for (const tray of TRAYS) await patients.taken(id, tray, order.body.done)
      const requests = (await patients.waiting(id, 'requests')).map(({ id: name, text }) => ({
        id: name,
        request: asJson(parseText(SignedRequestSchema, text, 'waiting request')),
      }))
      const deposits = (await patients.waiting(id, 'deposits')).map(({ id: name, text }) => ({
        id: name,
        deposit: text,
      }))
      const results = (await patients.waiting(id, 'results')).map(({ id: name, text }) => ({
        id: name,
        notice: asJson(parseText(AnalysisNoticeSchema, text, 'waiting notice')),
      }))
      const grants = (await patients.waiting(id, 'grants')).map(({ id: name, text }) => ({
        id: name,
        grant: text,
      }))
      const keys = (await patients.waiting(id, 'keys')).map(({ id: name, text }) => ({
        id: name,
        order: asJson(parseText(ReaderKeyOrderSchema, text, 'waiting key')),
      }))
      return { requests, deposits, results, grants, keys }
    },
    delegate: async (delegation, end) => {
      for (const document of [delegation, end]) {
        if (document === undefined) continue
        const key = document.body.patient
        const patient = patients.byKey(key)
        if (patient === undefined)
          throw new IsletError('PATIENT_UNKNOWN', 'the delegation is of no patient here')
        if (document === delegation) await books.delegations.add(patient.id, key, document)
        else if (document === end) await books.delegations.end(patient.id, key, document)
      }
    },
    grantsFor: (order) => {
      gate.admit(order)
      return consents
        .all()
        .filter(({ subject }) => subject.type === 'delegate' && subject.key === order.signer)
    },
    accept: async (handOver, stop) => {
      if (handOver.custodian !== ports.own) {
        throw new IsletError('ORDER_ELSEWHERE', 'the grant names another custodian')
      }
      const patient = patients.byKey(handOver.opening.patientKey)
      if (patient === undefined || patient.stream !== handOver.ownership.body.stream) {
        throw new IsletError('PATIENT_UNKNOWN', 'the grant is of no patient of this custodian')
      }
      const byGuardian = handOver.authority !== undefined
      if (byGuardian) {
        const record = books.delegations.of(patient.id, patient.identityKey)
        const authority = authorityOf(handOver.ownership.signer, 'grant', ports.clock(), record, ports.ed)
        if (!authority.allowed) throw notAllowed(authority.code)
      }
      const isNew = consents.get(handOver.consentId) === undefined
      await consents.accept(handOver)
      if (byGuardian && isNew) {
        await patients.leave(patient.id, 'grants', JSON.stringify({ handOver, stop: stop ?? null }))
      }
    },
    reseal: async (order, envelopes) => {
      if (order !== undefined) {
        gate.admit(order)
        await patients.raise(patientOf(order).id, order.body.generations)
      }
      const kept: (readonly [HandOver, SignedEnvelope])[] = []
      for (const envelope of envelopes) {
        const outcome = await consents.reseal(envelope)
        const grant = consents.get(envelope.notice.consentId)
        if (outcome === 'kept' && grant !== undefined) kept.push([grant, envelope])
      }
      return kept
    },
    deposit: async (order, sealed) => {
      gate.admit(order)
      const { consentId } = order.body
      const { opening } = consents.get(consentId) ?? {}
      // What is inside is sealed; whether anything may be written now is judged like an append, over all that was granted.
      const [purpose] = opening?.purposes ?? []
      if (opening === undefined || purpose === undefined) throw refusal('CONSENT_UNKNOWN')
      const { code } = await books.judge.judge({
        consentId,
        signer: order.signer,
        actor: { type: 'institution' },
        action: 'write',
        purpose,
        asked: opening.kinds.map((kind) => ({ kind, window: opening.window })),
      })
      if (code !== 'ALLOWED') throw refusal(code)
      const patient = patients.byKey(opening.patientKey)
      if (patient === undefined) throw refusal('CONSENT_UNKNOWN')
      if (cidOf(crypto.hasher, fromBase64Url(sealed)) !== order.body.object) {
        throw new IsletError('OBJECT_REFUSED', 'the sealed bytes are not the ones that the order names')
      }
      const deposit = JSON.stringify({ consentId, signer: order.signer, sealed })
      await patients.leave(patient.id, 'deposits', deposit)
    },
    notify: async (notice) => {
      const grant = consents.get(notice.body.consentId)
      const patient = grant === undefined ? undefined : patients.byKey(grant.opening.patientKey)
      if (grant === undefined || patient === undefined) throw refusal('CONSENT_UNKNOWN')
      requireSigned(notice, ports.ed, 'notice of an analysis')
      await fromMember(grant.opening.reader, notice.signer)
      await patients.leave(patient.id, 'results', JSON.stringify(notice))
    },
    envelope: async (order) => {
      gate.admit(order)
      const { consentId } = order.body
      const grant = consentId === undefined ? undefined : consents.get(consentId)
      if (grant === undefined) throw refusal('CONSENT_UNKNOWN')
      if (grant.subject.type === 'delegate') {
        if (order.signer !== grant.subject.key) throw refusal('READER_MISMATCH')
      } else {
        await fromMember(grant.opening.reader, order.signer)
      }
      return grant.envelope.notice.sequence > order.body.have ? grant.envelope : undefined
    },
    accesses: async (order) => {
      gate.admit(order)
      const { id } = patientOf(order)
      const { note, size } = await ports.log.checkpoint()
      const { after, seen, anchored = 0 } = order.body
      const mine = accesses.of(id).filter((index) => index < size && index >= after)
      const page = mine.slice(0, PAGE_ENTRIES)
      const entries = await Promise.all(
        page.map(async (index) => {
          const [entry] = await ports.log.entries(index, index + 1)
          const path = await ports.log.inclusion(index, size)
          return { index, entry: toBase64Url(entry ?? new Uint8Array(0)), path: toBase64Url(concat(...path)) }
        }),
      )
      const since = async (first: number): Promise<string> =>
        toBase64Url(concat(...(first > 0 && first <= size ? await ports.log.consistency(first, size) : [])))
      return {
        entries,
        checkpoint: note,
        size,
        consistency: await since(seen),
        anchored: await since(anchored),
        next: mine.length > page.length ? (page.at(-1) ?? 0) + 1 : null,
      }
    },
    state: async (order, sealed) => {
      gate.admit(order)
      const { id, generations } = patientOf(order)
      const { store } = order.body
      if (store === undefined) return { state: (await patients.state(id)) ?? null, generations }
      if (sealed === undefined || cidOf(crypto.hasher, fromBase64Url(sealed)) !== store.object) {
        throw new IsletError('OBJECT_REFUSED', 'the sealed state is not the one that the order names')
      }
      const state = { sequence: store.sequence, sealed }
      await patients.keepState(id, state)
      return { state: null, generations }
    },
    erase: async (order) => {
      const patient = patientOf(order)
      const head = await chain.head()
      const clear = {
        action: 'erase',
        consent: undefined,
        block: head.number,
        at: ports.clock(),
        count: 0,
      } as const
      await accesses.append(patient, { clear, sealed: {} })
      await books.erase(patient.id)
    },
  }
}
