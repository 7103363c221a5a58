/**
 * What waits for the patient at the custodian: requests, deposits of writers, grants of guardians, new keys of readers, results.
 *
 * Laws: whatever others left is judged before any of it becomes the patient's; what is malformed is counted, and keeps
 * nothing else from being heard; what was heard is told to the custodian, which then drops it.
 */
import Type from 'typebox'
import { Base64UrlField, ConsentIdField, Hash32Field, RandomIdField } from '../api/index.ts'
import { hpkeKeyHash } from '../identity/index.ts'
import { hpkeOpen } from '../vault/index.ts'
import { fromBase64Url, fromUtf8, type InstitutionId, isIsletError } from '../vocabulary/index.ts'
import { type SignedRequest, SignedRequestSchema } from './access-request.ts'
import type { Appender } from './appender.ts'
import { type Judged, judgeDeposit } from './deposit.ts'
import { asJson, manyOf, parseDocument, parseText, record, requireSigned, type Signed } from './document.ts'
import { type Granting, STOP_INFO } from './granting.ts'
import { checkHandOver, HandOverSchema } from './hand-over.ts'
import type { Send } from './house.ts'
import { type ReaderKeyOrder, ReaderKeyOrderSchema } from './orders.ts'
import type { PatientPorts } from './patient-ports.ts'
import type { PatientMemory } from './patient-state.ts'
import { type AnalysisNotice, AnalysisNoticeSchema } from './provenance.ts'
import { isGenuineRevoke, RevokeSchema } from './revoke-register.ts'
import { DEPOSIT_INFO } from './writer-agent.ts'

/** A request that waits for an answer. */
interface PendingRequest {
  readonly id: string
  readonly request: SignedRequest
}

/** What waited, and what became of it. */
export interface Collected {
  readonly requests: readonly PendingRequest[]
  readonly takenIn: number
  /** What others left and was refused: records outside a writer's grant, malformed documents. */
  readonly refused: number
  /** Analyses that used this patient's data, newest last. */
  readonly results: readonly AnalysisNotice[]
}

interface Collecting {
  readonly memory: PatientMemory
  /** Private HPKE key of the patient's inbox. */
  readonly inboxKey: Uint8Array
  readonly send: Send
  readonly custodian: () => InstitutionId
  /** What takes the patient's own records in. */
  readonly own: () => Appender
  readonly grants: Pick<Granting, 'rekey'>
  /** The signed order to hand over what waits, and to drop what is named. */
  readonly collectOrder: (done: readonly string[]) => Signed<object>
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
const DepositSchema = record({ consentId: ConsentIdField, signer: Hash32Field, sealed: Base64UrlField })

/** What says that something left by others is not what it must be, now and ever. */
const MALFORMED = [
  'DOCUMENT_REFUSED',
  'NOT_BASE64URL',
  'SIGNATURE_REFUSED',
  'HAND_OVER_REFUSED',
  'ENVELOPE_REFUSED',
  'OPENING_REFUSED',
] as const

/** Fetches what waits and deals with each of it. Throws what the custodian refuses, `PEER_SILENT`. */
export async function collectWaiting(ports: PatientPorts, parts: Collecting): Promise<Collected> {
  const { crypto } = ports
  const { memory, inboxKey, send, custodian, own, grants, collectOrder } = parts

  /** Opens what a writer left and judges it; what somebody left who may not write counts as refused. */
  const opened = async (text: string): Promise<Judged> => {
    const { consentId, signer, sealed } = parseText(DepositSchema, text, 'deposit')
    const grant = memory.now.grants.find((known) => known.handOver.consentId === consentId)
    const { opening } = grant?.handOver ?? {}
    const member = opening === undefined ? undefined : await ports.chain.member(opening.reader)
    const mayWrite = opening?.actions.includes('write') === true && member?.messageKey === signer
    if (!mayWrite || grant?.status === 'ended') return { records: [], refused: 1 }
    const result = await hpkeOpen(inboxKey, DEPOSIT_INFO, fromBase64Url(sealed))
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
    const opened = sealed === null ? undefined : await hpkeOpen(inboxKey, STOP_INFO, fromBase64Url(sealed))
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
    // Sealed to a key of its own: with other halves it would be another grant.
    if (grant.handOver.emergency !== undefined) return
    const member = await ports.chain.member(grant.handOver.opening.reader)
    requireSigned(order, ports.ed, 'new key', member?.messageKey)
    if (member?.active !== true || member.hpkeKeyHash !== hpkeKeyHash(hpkeKey, crypto.hasher)) return
    await grants.rekey(consentId, hpkeKey)
  }

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
  // What was answered without a way to say so is not asked again.
  const requests = collected.requests.filter(({ id }) =>
    memory.now.grants.every(({ answers }) => answers !== id),
  )
  return { requests, takenIn, refused, results }
}
