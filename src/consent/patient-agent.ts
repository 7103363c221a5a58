/**
 * The patient's own agent: it holds R, and with it every key; it grants, narrows, stops, corrects, and looks who looked.
 *
 * Laws: a consent signs with a key made for it alone (PROTOCOL 7, 9); before a revoke is sent the covers of the new
 * generation are sealed for the writers and readers that remain (PROTOCOL 14); a revoke waits for nothing and goes to the
 * custodian and to several relayers (PROTOCOL 5); what was begun is finished after a crash.
 */

import Type from 'typebox'
import { Base64UrlField } from '../api/index.ts'
import {
  type DelegateRight,
  type Delegation,
  delegate,
  endDelegation,
  enrolPatient,
} from '../identity/index.ts'
import type { HealthRecord } from '../series/index.ts'
import { cidOf, hpkeKeyPair, hpkeOpen } from '../vault/index.ts'
import {
  type ConsentId,
  fromBase64Url,
  type Hash32,
  type HourWindow,
  type InstitutionId,
  IsletError,
  KINDS,
  type Kind,
  patientId,
  quantity,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { SignedRequest } from './access-request.ts'
import { type Appender, appender, type Delivered } from './appender.ts'
import { type Collected, collectWaiting } from './collecting.ts'
import { patientCovers } from './cover-sealing.ts'
import { LOG_KEY_INFO } from './custodian.ts'
import { DelegationSchema } from './delegations.ts'
import { asJson, Count, parseDocument, record, sign } from './document.ts'
import { type Granting, granting } from './granting.ts'
import { orderBase, type Reading } from './holder.ts'
import type { Correction } from './hour-contents.ts'
import { type Access, fetchAccesses } from './my-accesses.ts'
import type { Choice } from './narrow.ts'
import { readOwn } from './own-reading.ts'
import { checkRequest, type PatientPorts } from './patient-ports.ts'
import {
  type GrantState,
  generationIn,
  openPatientMemory,
  type PatientMemory,
  type PatientState,
} from './patient-state.ts'
import { putJson } from './shelf.ts'
import { openState, sealState } from './state-backup.ts'
import { checkPassTerms, choiceOnPass, type PassTerms, passText } from './visit-pass.ts'
import { sendWithin } from './within.ts'

/** Whatever waits for an institution throws `PEER_SILENT` when no answer comes in time; deliveries of readings take theirs. */
export interface PatientAgent {
  readonly memory: PatientMemory
  /** Chooses a custodian and enrols there. */
  enrol(custodian: InstitutionId): Promise<void>
  /** A fresh mailbox at the custodian, to be given to one institution. */
  openMailbox(label: string): Promise<string>
  /** A visit pass, as text to be shown. Throws `PASS_TERMS_REFUSED`. */
  openPass(terms: PassTerms): Promise<string>
  /** Lets in the one reader of a visit pass: answers their request within its terms. Throws `PASS_UNKNOWN`, and as `choiceOnPass`. */
  letIn(pending: Collected['requests'][number]): Promise<GrantState>
  /** Fetches requests, and takes in what writers left in the inbox. */
  collect(): Promise<Collected>
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
  /** The patient's own records of a window, verified and opened here. Throws the custodian's code. */
  read(kinds: readonly Kind[], window: HourWindow): Promise<Reading>
  /** Names a carer or guardian, from now until an instant. Tells the custodian. */
  delegate(delegate: Hash32, rights: readonly DelegateRight[], until: UnixSeconds): Promise<Delegation>
  /** Ends a delegation: the custodian refuses the delegate at once. */
  dismiss(id: string): Promise<void>
  /** Who looked, every entry proven. Throws `ACCESS_LOG_BROKEN`. */
  accesses(): Promise<readonly Access[]>
  /** Stores this agent's state, sealed, at the custodian. Done after every grant, stop and mailbox by itself. */
  backUp(): Promise<void>
  /**
   * Stops every grant, has readers and custodian erase what they hold, and empties this agent; gives who confirmed. Where
   * somebody did not, throws `ERASURE_NOT_CONFIRMED` with whom, after all were asked; calling it again asks them again.
   */
  erase(): Promise<readonly InstitutionId[]>
  /** Seals nothing any more under the present generation of these kinds. */
  renewKeys(kinds: readonly Kind[]): Promise<void>
}

export interface GrantOptions {
  /** Hours ahead of now that the covers reach, extended by `settle`: for writers. */
  readonly hoursAhead?: number
  /** Id of the waiting request, to be taken out of the mailbox. */
  readonly requestId?: string
}

const EnrolledSchema = record({ logKey: Base64UrlField })

const generationMembers = Object.fromEntries(KINDS.map((kind) => [kind, Count])) as Record<Kind, typeof Count>
const StateAnswerSchema = record({
  state: Type.Union([record({ sequence: Count, sealed: Base64UrlField }), Type.Null()]),
  /** Generations that the custodian was told of. */
  generations: Type.Partial(Type.Object(generationMembers)),
})
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
  // Newer than what it was made from, so that the custodian takes it: the next to come back skips these keys too.
  const sequence = opened.sequence + 1
  await putJson(ports.shelf, 'state', { ...opened, sequence, nextConsent, generations })
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

  const openMailbox = async (labelled: Omit<PatientState['mailboxes'][number], 'token'>): Promise<string> => {
    const token = toHex(crypto.cipher.random(16)).slice(2)
    await memory.change((state) => ({ ...state, mailboxes: [...state.mailboxes, { token, ...labelled }] }))
    const order = sign('islet.mailbox/1', { ...orderBase(ports, custodian()), token }, keys.identity)
    await send(custodian(), 'mailbox', { order: asJson(order) })
    return token
  }

  /** Grants on a request that was checked. */
  const grantOn = async (
    request: SignedRequest,
    choice: Choice,
    options: GrantOptions,
  ): Promise<GrantState> => {
    const { hoursAhead = 0, requestId } = options
    const grant = await grants.grant(request.body, choice, hoursAhead, custodian(), requestId)
    await answered()
    return backedUp(grant)
  }

  /** Has the requests dropped whose grants are out; told until the custodian did. */
  const answered = async (): Promise<void> => {
    const done = memory.now.grants.flatMap(({ status, answers }) =>
      answers === undefined || status === 'signed' ? [] : [answers],
    )
    if (done.length === 0) return
    await send(custodian(), 'inbox', { order: asJson(collectOrder(done)) })
    await memory.change((state) => ({
      ...state,
      grants: state.grants.map(({ answers, ...grant }) =>
        answers === undefined || done.includes(answers) ? grant : { ...grant, answers },
      ),
    }))
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
    openMailbox: async (label) => backedUp(await openMailbox({ label })),
    openPass: async (terms) => {
      checkPassTerms(terms, ports.clock())
      const { kinds, days, until } = terms
      const mailbox = await openMailbox({ label: 'visit pass', pass: { kinds, days, until } })
      return backedUp(passText({ custodian: custodian(), mailbox, until }))
    },
    letIn: async ({ id, request }) => {
      const pass = memory.now.mailboxes.find(({ token }) => token === request.body.pass)?.pass
      if (pass === undefined)
        throw new IsletError(
          'PASS_UNKNOWN',
          'this request is on no visit pass of yours, or on one that let somebody in',
          {},
          { remedy: 'show a new pass' },
        )
      await checkRequest(ports, request)
      const choice = choiceOnPass(request.body, pass, quantity<UnixSeconds>(Math.floor(ports.clock())))
      // Spent before it is used: a crash may waste a pass, and never lets in a second reader.
      await memory.change((state) => ({
        ...state,
        mailboxes: state.mailboxes.map(({ token, label, ...rest }) =>
          token === request.body.pass ? { token, label } : { token, label, ...rest },
        ),
      }))
      return grantOn(request, choice, { requestId: id })
    },
    collect: () =>
      collectWaiting(ports, {
        memory,
        inboxKey: inbox.privateKey,
        send,
        custodian,
        own,
        grants,
        collectOrder,
      }),
    grant: async (request, choice = {}, options = {}) => {
      await checkRequest(ports, request)
      return grantOn(request, choice, options)
    },
    decline: async (id) => {
      await send(custodian(), 'inbox', { order: asJson(collectOrder([id])) })
    },
    revoke: async (id) => backedUp(await grants.revoke(id)),
    settle: async () => {
      await grants.settle()
      await answered()
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
      const home = custodian()
      readers.delete(home)
      const everybody = [...readers, home]
      const asked = everybody.map((institution) => {
        const order = sign('islet.erase/1', orderBase(ports, institution), keys.identity)
        return send(institution, 'erase', { order: asJson(order) })
      })
      const answers = await Promise.allSettled(asked)
      const waiting = everybody.filter((_, place) => answers[place]?.status === 'rejected')
      if (waiting.length > 0) throw notConfirmed(everybody.length, waiting)
      await ports.shelf.delete('state')
      return everybody
    },
    read: (kinds, window) =>
      readOwn(
        { ...ports, send, signer: keys.identity },
        { custodian: custodian(), stream: keys.streamCommitment, covers },
        kinds,
        window,
      ),
    add: (records, options = {}) => own().add(records, options),
    correct: (correction) => own().correct(correction),
    renewKeys: (kinds) => grants.renew(kinds),
  }
}

function notConfirmed(asked: number, waiting: readonly InstitutionId[]): IsletError {
  return new IsletError(
    'ERASURE_NOT_CONFIRMED',
    'some institutions have not confirmed the erasure',
    { confirmed: asked - waiting.length, asked, waiting: waiting.join(' ') },
    { remedy: 'Ask again when they are reachable; those who confirmed have erased.' },
  )
}
