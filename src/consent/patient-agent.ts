/**
 * The patient's own agent: it holds R, and with it every key; it grants, narrows, stops, corrects, and looks who looked.
 *
 * Laws: a consent signs with a key made for it alone (PROTOCOL 7, 9); before a revoke is sent the covers of the new
 * generation are sealed for the writers and readers that remain (PROTOCOL 14); a revoke waits for nothing and goes to the
 * custodian and to several relayers (PROTOCOL 5); what was begun is finished after a crash.
 */

import Type from 'typebox'
import { Base64UrlField, ConsentIdField, Hash32Field, RandomIdField } from '../api/index.ts'
import {
  type DelegateRight,
  type Delegation,
  delegate,
  endDelegation,
  enrolPatient,
  hpkeKeyHash,
} from '../identity/index.ts'
import type { HealthRecord } from '../series/index.ts'
import { cidOf, hpkeKeyPair, hpkeOpen } from '../vault/index.ts'
import {
  type ConsentId,
  fromBase64Url,
  fromUtf8,
  type Hash32,
  type InstitutionId,
  IsletError,
  isIsletError,
  KINDS,
  type Kind,
  patientId,
  quantity,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { type SignedRequest, SignedRequestSchema } from './access-request.ts'
import { type Appender, appender, type Delivered } from './appender.ts'
import { patientCovers } from './cover-sealing.ts'
import { LOG_KEY_INFO } from './custodian.ts'
import { DelegationSchema } from './delegations.ts'
import { type Judged, judgeDeposit } from './deposit.ts'
import { asJson, Count, manyOf, parseDocument, parseText, record, requireSigned, sign } from './document.ts'
import { type Granting, granting, STOP_INFO } from './granting.ts'
import { checkHandOver, HandOverSchema } from './hand-over.ts'
import { orderBase } from './holder.ts'
import type { Correction } from './hour-contents.ts'
import { type Access, fetchAccesses } from './my-accesses.ts'
import type { Choice } from './narrow.ts'
import { type ReaderKeyOrder, ReaderKeyOrderSchema } from './orders.ts'
import { checkRequest, type PatientPorts } from './patient-ports.ts'
import { type GrantState, generationIn, openPatientMemory, type PatientMemory } from './patient-state.ts'
import { type AnalysisNotice, AnalysisNoticeSchema } from './provenance.ts'
import { isGenuineRevoke, RevokeSchema } from './revoke-register.ts'
import { putJson } from './shelf.ts'
import { openState, sealState } from './state-backup.ts'
import { sendWithin } from './within.ts'
import { DEPOSIT_INFO } from './writer-agent.ts'

/** A request that waits for an answer. */
export interface PendingRequest {
  readonly id: string
  readonly request: SignedRequest
}

/** Whatever waits for an institution throws `PEER_SILENT` when no answer comes in time; deliveries of readings take theirs. */
export interface PatientAgent {
  readonly memory: PatientMemory
  /** Chooses a custodian and enrols there. */
  enrol(custodian: InstitutionId): Promise<void>
  /** A fresh mailbox at the custodian, to be given to one institution. */
  openMailbox(label: string): Promise<string>
  /** Fetches requests, and takes in what writers left in the inbox. */
  collect(): Promise<{
    readonly requests: readonly PendingRequest[]
    readonly takenIn: number
    /** What others left and was refused: records outside a writer's grant, malformed documents. */
    readonly refused: number
    /** Analyses that used this patient's data, newest last. */
    readonly results: readonly AnalysisNotice[]
  }>
  /** Answers a request with a grant, narrowed or as asked. Throws as `checkRequest` and `narrow`. */
  grant(request: SignedRequest, choice?: Choice, options?: GrantOptions): Promise<GrantState>
  /** Declines a request: it is taken out of the mailbox. */
  decline(id: string): Promise<void>
  /** Stops a grant. Resolves when a member has it on the ledger, or says that it is still on its way. */
  revoke(id: ConsentId): Promise<'on-ledger' | 'on-its-way'>
  /** Extends the covers of writers, re-seals after a rotation or suspension, sends what is still to be sent. */
  settle(): Promise<void>
  /** The patient's own records, delivered to the custodian. */
  add(records: readonly HealthRecord[], options?: { readonly fill?: boolean }): Promise<Delivered>
  correct(correction: Correction): Promise<Delivered>
  /** Names a carer or guardian, from now until an instant. Tells the custodian. */
  delegate(delegate: Hash32, rights: readonly DelegateRight[], until: UnixSeconds): Promise<Delegation>
  /** Ends a delegation: the custodian refuses the delegate at once. */
  dismiss(id: string): Promise<void>
  /** Who looked, every entry proven. Throws `ACCESS_LOG_BROKEN`. */
  accesses(): Promise<readonly Access[]>
  /** Stores this agent's state, sealed, at the custodian. Done after every grant, stop and mailbox by itself. */
  backUp(): Promise<void>
  /** Stops every grant, has custodian and readers erase what they hold, and empties this agent. */
  erase(): Promise<void>
  /** Seals nothing any more under the present generation of these kinds. */
  renewKeys(kinds: readonly Kind[]): Promise<void>
}

export interface GrantOptions {
  /** Hours ahead of now that the covers reach, extended by `settle`: for writers. */
  readonly hoursAhead?: number
  /** Id of the waiting request, to be taken out of the mailbox. */
  readonly requestId?: string
}

const CollectedSchema = record({
  requests: manyOf(record({ id: RandomIdField, request: SignedRequestSchema }), 100_000),
  deposits: manyOf(record({ id: RandomIdField, deposit: Type.String() }), 100_000),
  grants: manyOf(record({ id: RandomIdField, grant: Type.String() }), 100_000),
  keys: manyOf(record({ id: RandomIdField, order: ReaderKeyOrderSchema }), 100_000),
  results: manyOf(record({ id: RandomIdField, notice: AnalysisNoticeSchema }), 100_000),
})
const GuardiansGrantSchema = record({
  handOver: HandOverSchema,
  stop: Type.Union([Base64UrlField, Type.Null()]),
})
const EnrolledSchema = record({ logKey: Base64UrlField })
const DepositSchema = record({ consentId: ConsentIdField, signer: Hash32Field, sealed: Base64UrlField })

const generationMembers = Object.fromEntries(KINDS.map((kind) => [kind, Count])) as Record<Kind, typeof Count>
const StateAnswerSchema = record({
  state: Type.Union([record({ sequence: Count, sealed: Base64UrlField }), Type.Null()]),
  /** Generations that the custodian was told of. */
  generations: Type.Partial(Type.Object(generationMembers)),
})
/** What says that something left by others is not what it must be, now and ever. */
const MALFORMED = [
  'DOCUMENT_REFUSED',
  'NOT_BASE64URL',
  'SIGNATURE_REFUSED',
  'HAND_OVER_REFUSED',
  'ENVELOPE_REFUSED',
  'OPENING_REFUSED',
] as const
/** Consent keys skipped after a restore. */
const INDEX_STRIDE = 65_536

/**
 * Brings an agent back from R alone: fetches its sealed state from the custodian and opens it.
 * Throws `NO_STATE_STORED`, `STATE_DOES_NOT_OPEN`.
 */
export async function restorePatientAgent(
  ports: PatientPorts,
  custodian: InstitutionId,
): Promise<PatientAgent> {
  const order = sign('islet.state/1', orderBase(ports, custodian), ports.keys.identity)
  const reply = await sendWithin(ports)(custodian, 'state', { order: asJson(order) })
  const { state, generations: known } = parseDocument(StateAnswerSchema, reply, 'stored state')
  if (state === null) throw new IsletError('NO_STATE_STORED', 'the custodian holds no state of this patient')
  const opened = await openState(ports.crypto, ports.keys, fromBase64Url(state.sealed))
  // Consents made after that state was sealed are not in it: their keys are never used again.
  const nextConsent = (Math.floor(opened.nextConsent / INDEX_STRIDE) + 1) * INDEX_STRIDE
  const generations = KINDS.map((kind, i) => Math.max(opened.generations[i] ?? 0, known[kind] ?? 0))
  await putJson(ports.shelf, 'state', { ...opened, nextConsent, generations })
  return openPatientAgent(ports)
}

/** Opens a patient's agent over their own shelf. */
export async function openPatientAgent(ports: PatientPorts): Promise<PatientAgent> {
  const { keys, crypto } = ports
  const send = sendWithin(ports)
  const memory = await openPatientMemory(ports.shelf)
  const inbox = hpkeKeyPair(keys.inboxSeed)
  const covers = patientCovers(crypto.hasher, keys)
  const grants: Granting = granting(ports, memory, {
    covers,
    patientKey: keys.identityKey,
    stream: toBase64Url(keys.streamCommitment),
    inboxKey: toBase64Url(inbox.publicKey),
    authority: undefined,
  })
  let ownAppender: Appender | undefined

  const custodian = (): InstitutionId => {
    const chosen = memory.now.custodian
    if (chosen === null)
      throw new IsletError('NO_CUSTODIAN', 'no custodian is chosen yet', {}, { remedy: 'Enrol first.' })
    return chosen
  }

  const own = (): Appender => {
    ownAppender ??= appender(
      { ...ports, signer: keys.identity },
      {
        custodian: custodian(),
        consentId: undefined,
        purpose: 'PATRQT',
        stream: keys.streamCommitment,
        sealWith: (kind) => {
          const cover = covers(kind, generationIn(memory.now, kind))
          if (cover === undefined) throw new IsletError('KIND_NOT_GRANTED', 'no key for this kind')
          return cover
        },
        openWith: covers,
        announce: () => grants.settle(),
      },
    )
    return ownAppender
  }

  const backUp = async (): Promise<void> => {
    const sealed = await sealState(crypto, keys, memory.now)
    const store = { sequence: memory.now.sequence, object: cidOf(crypto.hasher, sealed) }
    const order = sign('islet.state/1', { ...orderBase(ports, custodian()), store }, keys.identity)
    await send(custodian(), 'state', { order: asJson(order), sealed: toBase64Url(sealed) })
  }
  /** A backup that does not get through is made up for at the next one: nothing waits for it. */
  const backedUp = async <T>(result: T): Promise<T> => {
    await backUp().catch(() => undefined)
    return result
  }

  const collectOrder = (done: readonly string[]) =>
    sign('islet.collect/1', { ...orderBase(ports, custodian()), done }, keys.identity)

  /** Opens what a writer left and judges it; what somebody left who may not write counts as refused. */
  const opened = async (text: string): Promise<Judged> => {
    const { consentId, signer, sealed } = parseText(DepositSchema, text, 'deposit')
    const grant = memory.now.grants.find((known) => known.handOver.consentId === consentId)
    const { opening } = grant?.handOver ?? {}
    const member = opening === undefined ? undefined : await ports.chain.member(opening.reader)
    const mayWrite = opening?.actions.includes('write') === true && member?.messageKey === signer
    if (!mayWrite || grant?.status === 'ended') return { records: [], refused: 1 }
    const result = await hpkeOpen(inbox.privateKey, DEPOSIT_INFO, fromBase64Url(sealed))
    return result.code === 'OPENED' ? judgeDeposit(result.plaintext, opening) : { records: [], refused: 1 }
  }

  /** Does something with what others left: whether it was sound. What is malformed keeps nothing else from being heard. */
  const heard = async (work: Promise<unknown>): Promise<boolean> => {
    try {
      await work
      return true
    } catch (error) {
      if (isIsletError(error, ...MALFORMED)) return false
      throw error
    }
  }

  /** Remembers what a guardian granted, with the revoke that they left. */
  const learnOf = async (text: string): Promise<void> => {
    const { handOver, stop: sealed } = parseText(GuardiansGrantSchema, text, 'guardian’s grant')
    if (memory.now.byGuardian.some((known) => known.handOver.consentId === handOver.consentId)) return
    checkHandOver(handOver, ports.chain.domain, { hasher: crypto.hasher, ed: ports.ed })
    const opened =
      sealed === null ? undefined : await hpkeOpen(inbox.privateKey, STOP_INFO, fromBase64Url(sealed))
    const revoke =
      opened?.code === 'OPENED'
        ? parseText(RevokeSchema, fromUtf8(opened.plaintext), 'guardian’s revoke')
        : undefined
    const genuine =
      revoke?.consentId === handOver.consentId && isGenuineRevoke(ports.chain.domain, revoke) ? revoke : null
    await memory.change((state) => ({
      ...state,
      byGuardian: [...state.byGuardian, { handOver, stop: genuine, ended: false }],
    }))
  }

  /** Seals to a reader's new key, once `Membership` names it and the institution itself asked. */
  const rekey = async (order: ReaderKeyOrder): Promise<void> => {
    const { consentId, hpkeKey } = order.body
    const grant = memory.now.grants.find((known) => known.handOver.consentId === consentId)
    if (grant === undefined || grant.handOver.subject.type === 'delegate') return
    const member = await ports.chain.member(grant.handOver.opening.reader)
    requireSigned(order, ports.ed, 'new key', member?.messageKey)
    if (member?.active !== true || member.hpkeKeyHash !== hpkeKeyHash(hpkeKey, crypto.hasher)) return
    await grants.rekey(consentId, hpkeKey)
  }

  return {
    memory,
    delegate: async (to, rights, until) => {
      const id = toHex(crypto.cipher.random(16)).slice(2)
      const from = quantity<UnixSeconds>(Math.floor(ports.clock()))
      const delegation = delegate({ id, delegate: to, rights, from, until }, keys)
      const checked = parseDocument(DelegationSchema, delegation, 'delegation')
      await memory.change((state) => ({
        ...state,
        delegations: [...state.delegations, { delegation: checked, ended: false }],
      }))
      await send(custodian(), 'delegation', { delegation: asJson(delegation) })
      return backedUp(delegation)
    },
    dismiss: async (id) => {
      const known = memory.now.delegations.find(({ delegation }) => delegation.body.id === id)
      if (known === undefined) throw new IsletError('DELEGATION_MISSING', 'no such delegation was made here')
      const end = endDelegation(
        known.delegation,
        quantity<UnixSeconds>(Math.floor(ports.clock())),
        keys.identity,
      )
      await memory.change((state) => ({
        ...state,
        delegations: state.delegations.map((one) => (one === known ? { ...one, ended: true } : one)),
      }))
      await send(custodian(), 'delegation', { end: asJson(end) })
      await backedUp(undefined)
    },
    enrol: async (chosen) => {
      const enrolment = enrolPatient(keys, {
        patient: patientId(toHex(crypto.cipher.random(16)).slice(2)),
        custodian: chosen,
        sequence: 0,
        at: ports.clock(),
      })
      const reply = await send(chosen, 'patient-enrolment', { enrolment: asJson(enrolment) })
      const { logKey } = parseDocument(EnrolledSchema, reply, 'answer to an enrolment')
      const opened = await hpkeOpen(inbox.privateKey, LOG_KEY_INFO, fromBase64Url(logKey))
      if (opened.code !== 'OPENED') throw new IsletError('ANSWER_REFUSED', 'the log key does not open')
      const key = toBase64Url(opened.plaintext)
      await memory.change((state) => ({ ...state, custodian: chosen, logKey: key }))
    },
    openMailbox: async (label) => {
      const token = toHex(crypto.cipher.random(16)).slice(2)
      await memory.change((state) => ({ ...state, mailboxes: [...state.mailboxes, { token, label }] }))
      const order = sign('islet.mailbox/1', { ...orderBase(ports, custodian()), token }, keys.identity)
      await send(custodian(), 'mailbox', { order: asJson(order) })
      return backedUp(token)
    },
    collect: async () => {
      const reply = await send(custodian(), 'inbox', { order: asJson(collectOrder([])) })
      const collected = parseDocument(CollectedSchema, reply, 'what waited')
      let takenIn = 0
      let refused = 0
      for (const { grant } of collected.grants) if (!(await heard(learnOf(grant)))) refused++
      for (const { order } of collected.keys) if (!(await heard(rekey(order)))) refused++
      for (const { deposit } of collected.deposits) {
        let judged: Judged = { records: [], refused: 1 }
        await heard(
          opened(deposit).then((result) => {
            judged = result
          }),
        )
        refused += judged.refused
        if (judged.records.length > 0) takenIn += (await own().add(judged.records)).added
      }
      if (refused > 0) {
        await memory.change((state) => ({ ...state, refused: (state.refused ?? 0) + refused }))
      }
      const done = [...collected.deposits, ...collected.grants, ...collected.keys].map(({ id }) => id)
      if (done.length > 0) await send(custodian(), 'inbox', { order: asJson(collectOrder(done)) })
      const results = collected.results.map(({ notice }) => notice)
      return { requests: collected.requests, takenIn, refused, results }
    },
    grant: async (request, choice = {}, options = {}) => {
      await checkRequest(ports, request)
      const grant = await grants.grant(request.body, choice, options.hoursAhead ?? 0, custodian())
      if (options.requestId !== undefined) {
        await send(custodian(), 'inbox', { order: asJson(collectOrder([options.requestId])) })
      }
      return backedUp(grant)
    },
    decline: async (id) => {
      await send(custodian(), 'inbox', { order: asJson(collectOrder([id])) })
    },
    revoke: async (id) => backedUp(await grants.revoke(id)),
    settle: async () => {
      await grants.settle()
      await backedUp(undefined)
    },
    accesses: async () => {
      const { logKey, seenLog } = memory.now
      if (logKey === null)
        throw new IsletError('NO_CUSTODIAN', 'no custodian is chosen yet', {}, { remedy: 'Enrol first.' })
      const asker = { ...ports, send, signer: keys.identity }
      const { accesses, seen } = await fetchAccesses(asker, custodian(), fromBase64Url(logKey), seenLog)
      await memory.change((state) => ({ ...state, seenLog: seen }))
      return accesses
    },
    backUp,
    erase: async () => {
      for (const grant of memory.now.grants) {
        if (grant.status !== 'ended') await grants.revoke(grant.handOver.consentId)
      }
      const readers = new Set(memory.now.grants.map((grant) => grant.handOver.opening.reader))
      for (const to of [...readers, custodian()]) {
        const order = sign('islet.erase/1', orderBase(ports, to), keys.identity)
        await send(to, 'erase', { order: asJson(order) })
      }
      await ports.shelf.delete('state')
    },
    add: (records, options = {}) => own().add(records, options),
    correct: (correction) => own().correct(correction),
    renewKeys: (kinds) => grants.renew(kinds),
  }
}
