/**
 * Granting, re-sealing and stopping: how consents are made and ended by whoever holds the keys for it.
 *
 * Laws: written down before it is signed, so that a consent key is never used twice; the covers of a new generation are
 * sealed before the revoke that made them needed is sent, and the revoke never waits for anybody (PROTOCOL 5, 14);
 * relayers are drawn across the members, and each learns a commitment and a day only (PROTOCOL 8).
 */
import type { Delegation } from '../identity/index.ts'
import { hpkeSeal } from '../vault/index.ts'
import {
  type ConsentId,
  fromBase64Url,
  type Hash32,
  type HourWindow,
  hourOf,
  type InstitutionId,
  IsletError,
  isIsletError,
  type Json,
  KINDS,
  type Kind,
  quantity,
  toBase64Url,
  type UnixSeconds,
  type UtcHour,
  utf8,
} from '../vocabulary/index.ts'
import { type AccessRequest, subjectHash } from './access-request.ts'
import type { SignedGrant } from './chain.ts'
import { type CoverSource, coversFor, sealCovers, signCovers } from './cover-sealing.ts'
import { requireGuardian } from './delegations.ts'
import { asJson, parseDocument, sign } from './document.ts'
import { type HandOver, signOwnership, termsOf } from './hand-over.ts'
import { orderBase } from './holder.ts'
import { intentDigest, signDigest } from './intents.ts'
import { type Agreement, type Choice, narrow } from './narrow.ts'
import { commitmentOf, consentIdOf, DELEGATION, expiryDayOf, type Opening } from './opening.ts'
import type { PatientPorts } from './patient-ports.ts'
import {
  type GrantState,
  generationIn,
  type Outgoing,
  type PatientMemory,
  type PatientState,
  withGrant,
  withNewGeneration,
} from './patient-state.ts'
import { receiptOf, type SignedReceipt } from './receipt.ts'
import { GrantRelayAnswerSchema, grantRelay } from './relay.ts'
import { type RevokeDocument, revokeDocument } from './revoke-register.ts'
import { LANGUAGE, revokeSentence } from './sentence.ts'
import { serially } from './serially.ts'
import type { SignedEnvelope } from './signed-envelope.ts'
import { NOTICE, termsHash } from './terms.ts'

/** For whom, and with which keys, consents are made. */
export interface Mandate {
  readonly covers: CoverSource
  /** Identity key of the patient. */
  readonly patientKey: Hash32
  /** Name of the patient's streams, and key of their inbox, base64url. */
  readonly stream: string
  readonly inboxKey: string
  /** The patient's word for a guardian who grants; undefined for the patient. */
  readonly authority: Delegation | undefined
  /** Newest generation of a kind as far as the guardian's own covers go; the patient's own count when left out. */
  readonly newest?: (kind: Kind) => number
}

export interface Granting {
  grant(
    request: AccessRequest,
    choice: Choice,
    hoursAhead: number,
    custodian: InstitutionId,
  ): Promise<GrantState>
  revoke(id: ConsentId): Promise<'on-ledger' | 'on-its-way'>
  /** Takes some kinds to a new generation and re-seals to all but the consents named. */
  renew(kinds: readonly Kind[], without: readonly ConsentId[]): Promise<void>
  settle(): Promise<void>
}

/** `info` under which a guardian seals a revoke to the patient. */
export const STOP_INFO = utf8('islet/v1/guardians-stop')
/** Seconds that a grant may wait for the ledger. */
const GRANT_DEADLINE = 600
/** A revoke holds for ever: its will does not grow old. */
const REVOKE_DEADLINE = 2n ** 63n - 1n
/** Members tried at once with a revoke. */
const REVOKE_RELAYERS = 3
const HOUR_SECONDS = 3600

export function granting(ports: PatientPorts, memory: PatientMemory, mandate: Mandate): Granting {
  const { keys, crypto, chain, send } = ports
  const { hasher } = crypto

  /** Active members in random order. */
  const relayers = async (): Promise<readonly InstitutionId[]> => {
    const active = (await chain.members()).filter((member) => member.active).map((member) => member.id)
    const order = active.map((id) => ({ id, at: new DataView(crypto.cipher.random(4).buffer).getUint32(0) }))
    return order.sort((a, b) => a.at - b.at).map(({ id }) => id)
  }

  const newestOf =
    (state: PatientState) =>
    (kind: Kind): number =>
      mandate.newest?.(kind) ?? generationIn(state, kind)

  /** The hours whose keys a reader gets now: all of the window, or for a writer those up to some hours ahead. */
  const coverWindow = (window: HourWindow, hoursAhead: number): HourWindow => {
    if (hoursAhead === 0) return window
    const reach = hourOf(quantity<UnixSeconds>(ports.clock() + hoursAhead * HOUR_SECONDS)) + 1
    return {
      first: window.first,
      end: quantity<UtcHour>(Math.max(window.first + 1, Math.min(window.end, reach))),
    }
  }

  /** The next envelope of a grant, for the generations of a state. */
  const seal = async (state: PatientState, grant: GrantState): Promise<SignedEnvelope> => {
    const { opening, signer, consentId } = grant.handOver
    const sequence = grant.handOver.envelope.notice.sequence + 1
    const covers = coversFor(
      hasher,
      mandate.covers,
      opening.kinds,
      newestOf(state),
      coverWindow(opening.window, grant.hoursAhead),
    )
    const { chainId } = chain.domain
    const envelope = await sealCovers(hasher, fromBase64Url(grant.readerKey), chainId, signer, covers)
    const key = keys.consent(grant.index)
    return signCovers({ consentId, signer, sequence, chainId, covers }, envelope, key.privateKey)
  }

  const receipt = (handOver: HandOver, event: 'granted' | 'revoked'): SignedReceipt => {
    const at = now()
    const { consentId, signer, opening, readerName, subject, custodian, given } = handOver
    const sentence = event === 'granted' ? handOver.terms.sentence : revokeSentence(readerName)
    const guardian = mandate.authority === undefined ? {} : { guardian: keys.identityKey }
    const body = receiptOf({
      event,
      at,
      given,
      consentId,
      signer,
      opening,
      sentence,
      readerName,
      subject,
      custodian,
      ...guardian,
    })
    return { ...sign('islet.receipt/1', body, keys.identity), type: 'islet.receipt/1' }
  }

  const now = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(ports.clock()))

  /** Sends what waits, re-sealed covers first; gives what could not be sent. */
  const flush = async (): Promise<readonly Outgoing[]> => {
    const failed: Outgoing[] = []
    for (const urgency of ['reseal', 'revoke', 'other'] as const) {
      const items = memory.now.outbox.filter((item) => item.urgency === urgency)
      await Promise.all(
        items.map(async (item) => {
          try {
            await send(item.to, item.type, dated(item))
            await memory.change((state) => ({
              ...state,
              outbox: state.outbox.filter((other) => other !== item),
            }))
          } catch (error) {
            if (isIsletError(error, ...FINAL)) {
              await memory.change((state) => ({
                ...state,
                outbox: state.outbox.filter((other) => other !== item),
              }))
            }
            failed.push(item)
          }
        }),
      )
    }
    return failed
  }

  /**
   * Takes some kinds to a new generation, seals its covers for every grant that stays, and writes all of it down with
   * what is to be sent; `also` is written down in the same step.
   */
  const nextGeneration = async (
    kinds: readonly Kind[],
    stays: (grant: GrantState) => boolean,
    also: (state: PatientState) => PatientState,
  ): Promise<void> => {
    const next = withNewGeneration(memory.now, kinds)
    const at = now()
    const touched = next.grants.filter((grant) => {
      const { opening } = grant.handOver
      const alive = grant.status !== 'ended' && opening.expiresAt > at && stays(grant)
      return alive && opening.kinds.some((kind) => kinds.includes(kind))
    })
    const envelopes = await Promise.all(touched.map((grant) => seal(next, grant)))
    const generations = Object.fromEntries(kinds.map((kind) => [kind, generationIn(next, kind)]))
    await memory.change((before) => {
      const raised: PatientState = { ...before, generations: next.generations }
      return also(announced(raised, touched, envelopes, generations))
    })
  }

  /** The state with re-sealed envelopes kept and on their way to custodian and readers. */
  const announced = (
    state: PatientState,
    grants: readonly GrantState[],
    envelopes: readonly SignedEnvelope[],
    generations: Outgoing['generations'],
  ): PatientState => {
    const { custodian } = state
    if (custodian === null) throw new IsletError('NO_CUSTODIAN', 'no custodian is chosen yet')
    let kept = state
    const outgoing: Outgoing[] = [
      {
        urgency: 'reseal',
        to: custodian,
        type: 'envelope-reseal',
        body: { envelopes: envelopes.map(asJson) },
        generations,
      },
    ]
    grants.forEach((grant, i) => {
      const envelope = envelopes[i]
      if (envelope === undefined) return
      kept = withGrant(kept, { ...grant, handOver: { ...grant.handOver, envelope } })
      const to = grant.handOver.opening.reader
      if (to === custodian) return
      const body = { envelopes: [asJson(envelope)] }
      outgoing.push({ urgency: 'other', to, type: 'envelope-reseal', body, generations: null })
    })
    return { ...kept, outbox: [...kept.outbox, ...outgoing] }
  }

  /** What goes out: orders are dated and signed when they are sent. */
  const dated = (item: Outgoing): Json => {
    if (item.generations === null) return item.body
    const body = { ...orderBase(ports, item.to), generations: item.generations }
    return { ...item.body, order: asJson(sign('islet.generation/1', body, keys.identity)) }
  }

  /** Puts a signed grant on the ledger through one member after another. */
  const relay = async (grant: GrantState): Promise<void> => {
    let failure: unknown = new IsletError('NO_RELAYER', 'no active member takes the grant to the ledger')
    for (const member of await relayers()) {
      try {
        const reply = await send(member, 'grant-relay', asJson(grant.intent))
        const { code } = parseDocument(GrantRelayAnswerSchema, reply, 'answer to a grant')
        if (code === 'GRANTED' || code === 'ALREADY_GRANTED') return
        throw new IsletError(code, 'the ledger refused the grant')
      } catch (error) {
        if (isIsletError(error, ...LEDGER_REFUSALS)) throw error
        failure = error
      }
    }
    throw failure
  }

  /** Hands a grant that is on the ledger to custodian and reader. */
  const handOver = async (grant: GrantState): Promise<void> => {
    const body = { handOver: asJson(grant.handOver) }
    await send(grant.handOver.custodian, 'grant', { ...body, ...(await guardiansStop(grant)) })
    if (grant.handOver.opening.reader !== grant.handOver.custodian) {
      await send(grant.handOver.opening.reader, 'grant', body)
    }
  }

  /** A guardian's revoke, sealed to the patient, who can always stop what was granted for them. */
  const guardiansStop = async (grant: GrantState): Promise<{ readonly stop?: string }> => {
    if (mandate.authority === undefined) return {}
    const revoke = utf8(JSON.stringify(signedRevoke(ports, grant)))
    return { stop: toBase64Url(await hpkeSeal(fromBase64Url(mandate.inboxKey), STOP_INFO, revoke)) }
  }

  const complete = async (grant: GrantState): Promise<GrantState> => {
    const inTime = BigInt(grant.intent.deadline) > BigInt(now())
    await relay(
      inTime ? grant : { ...grant, intent: grantRelay(signedGrant(ports, grant.index, grant.handOver)) },
    )
    await handOver(grant)
    const id = grant.handOver.consentId
    const state = await memory.change((before) => {
      const known = before.grants.find((one) => one.handOver.consentId === id)
      return known?.status === 'signed' ? withGrant(before, { ...known, status: 'active' }) : before
    })
    return state.grants.find((one) => one.handOver.consentId === id) ?? grant
  }

  /** Seals further hours for writers whose covers run short. */
  const roll = async (): Promise<void> => {
    const at = now()
    const short = memory.now.grants.filter((grant) => {
      const { opening, envelope } = grant.handOver
      if (grant.hoursAhead === 0 || grant.status !== 'active' || opening.expiresAt <= at) return false
      const reach = Math.max(...envelope.notice.covers.map((cover) => cover.window.end))
      const half = hourOf(at) + Math.ceil(grant.hoursAhead / 2)
      return reach < opening.window.end && reach < half
    })
    if (short.length === 0) return
    const envelopes = await Promise.all(short.map((grant) => seal(memory.now, grant)))
    await memory.change((state) => announced(state, short, envelopes, null))
  }

  /** Leaves suspended readers out of the next generation (PROTOCOL 6). */
  const leaveOutSuspended = async (): Promise<void> => {
    const active = memory.now.grants.filter(
      (grant) => grant.status === 'active' && grant.handOver.opening.expiresAt > now(),
    )
    const suspended = new Set<ConsentId>()
    for (const { handOver: hand } of active) {
      if (memory.now.leftOut.includes(hand.consentId)) continue
      const member = await chain.member(hand.opening.reader)
      if (member?.active === false) suspended.add(hand.consentId)
    }
    if (suspended.size === 0) return
    const kinds = KINDS.filter((kind) =>
      active.some(({ handOver: hand }) => suspended.has(hand.consentId) && hand.opening.kinds.includes(kind)),
    )
    await nextGeneration(
      kinds,
      (grant) =>
        !suspended.has(grant.handOver.consentId) && !memory.now.leftOut.includes(grant.handOver.consentId),
      (state) => ({ ...state, leftOut: [...state.leftOut, ...suspended] }),
    )
  }

  const make = async (
    request: AccessRequest,
    choice: Choice,
    hoursAhead: number,
    custodian: InstitutionId,
  ): Promise<GrantState> => {
    const agreement: Agreement = narrow(request, choice, now())
    const { authority } = mandate
    if (authority !== undefined) {
      const limits = { given: now(), expiresAt: agreement.expiresAt }
      requireGuardian(authority, keys.identityKey, mandate.patientKey, limits, ports.ed)
    }
    let index = 0
    await memory.change((state) => {
      index = state.nextConsent
      return { ...state, nextConsent: index + 1 }
    })
    const key = keys.consent(index)
    const signer = key.address
    const given = now()
    const { readerName, subject } = request
    const draft = {
      ...agreement,
      reader: request.reader,
      subject: subjectHash(request.reader, subject),
      patientKey: mandate.patientKey,
      delegation: delegationBits(subject.type === 'delegate', mandate),
    }
    const window = coverWindow(draft.window, hoursAhead)
    const covers = coversFor(hasher, mandate.covers, draft.kinds, newestOf(memory.now), window)
    const { chainId } = chain.domain
    const envelope = await sealCovers(hasher, fromBase64Url(request.hpkeKey), chainId, signer, covers)
    const shown = { opening: draft, readerName, subject, custodian, given }
    const terms = termsOf(shown, NOTICE, LANGUAGE, envelope.hash)
    const opening: Opening = { ...draft, terms: termsHash(terms), salt: key.salt }
    const consentId = consentIdOf(commitmentOf(opening), signer)
    const { patientKey, stream, inboxKey } = mandate
    const owned = { address: signer, patientKey, custodian, stream, inboxKey }
    const hand: HandOver = {
      consentId,
      signer,
      opening,
      terms,
      readerName,
      subject,
      custodian,
      ownership: signOwnership(chain.domain, owned, keys.identity),
      ...(authority === undefined ? {} : { authority }),
      envelope: signCovers({ consentId, signer, sequence: 0, chainId, covers }, envelope, key.privateKey),
      given,
    }
    const grant: GrantState = {
      index,
      handOver: hand,
      intent: grantRelay(signedGrant(ports, index, hand)),
      readerKey: request.hpkeKey,
      hoursAhead,
      status: 'signed',
      receipts: [receipt(hand, 'granted')],
    }
    await memory.change((state) => ({ ...state, grants: [...state.grants, grant] }))
    return complete(grant)
  }

  /** What carries a revoke to the custodian and to some members at once. */
  const revokesOf = async (
    custodian: InstitutionId,
    revoke: RevokeDocument,
  ): Promise<readonly Outgoing[]> => {
    const members = (await relayers().catch(() => [])).slice(0, REVOKE_RELAYERS)
    return [...new Set([custodian, ...members])].map((to) => ({
      urgency: 'revoke',
      to,
      type: 'revoke',
      body: { revoke: asJson(revoke), gossip: false },
      generations: null,
    }))
  }

  const staysWithout =
    (id: ConsentId) =>
    (other: GrantState): boolean =>
      other.handOver.consentId !== id && !memory.now.leftOut.includes(other.handOver.consentId)

  const isEnded = async (id: ConsentId, signer: GrantState['handOver']['signer']) => {
    const standing = await chain.consentState(id, signer).catch(() => undefined)
    return standing?.state === 'REVOKED' ? 'on-ledger' : 'on-its-way'
  }

  const stop = async (id: ConsentId): Promise<'on-ledger' | 'on-its-way'> => {
    const grant = memory.now.grants.find((known) => known.handOver.consentId === id)
    if (grant === undefined) return stopGuardians(id)
    if (grant.status !== 'ended') {
      const revokes = await revokesOf(grant.handOver.custodian, signedRevoke(ports, grant))
      const receipts = [...grant.receipts, receipt(grant.handOver, 'revoked')]
      const end = (state: PatientState): PatientState => {
        const ended = withGrant(state, { ...grant, status: 'ended', receipts })
        return { ...ended, outbox: [...ended.outbox, ...revokes] }
      }
      // A guardian has no next generation to seal: the patient's own agent does it when it learns of the end.
      if (mandate.authority === undefined)
        await nextGeneration(grant.handOver.opening.kinds, staysWithout(id), end)
      else await memory.change(end)
    }
    await flush()
    return isEnded(id, grant.handOver.signer)
  }

  /** Stops what a guardian granted, with the revoke that the guardian left for the patient. */
  const stopGuardians = async (id: ConsentId): Promise<'on-ledger' | 'on-its-way'> => {
    const made = memory.now.byGuardian.find((known) => known.handOver.consentId === id)
    if (made === undefined) throw new IsletError('CONSENT_UNKNOWN', 'no such grant was made here')
    if (!made.ended) {
      const { custodian, opening } = made.handOver
      const revokes = made.stop === null ? [] : await revokesOf(custodian, made.stop)
      await nextGeneration(opening.kinds, staysWithout(id), (state) => ({
        ...state,
        byGuardian: state.byGuardian.map((known) => (known === made ? { ...known, ended: true } : known)),
        outbox: [...state.outbox, ...revokes],
      }))
    }
    await flush()
    return isEnded(id, made.handOver.signer)
  }

  /** Seals anew where newer generations are at hand than the reader holds: a guardian after the patient moved on. */
  const catchUp = async (): Promise<void> => {
    const behind = memory.now.grants.filter((grant) => {
      const { opening, envelope, consentId } = grant.handOver
      if (grant.status !== 'active' || opening.expiresAt <= now() || memory.now.leftOut.includes(consentId))
        return false
      return opening.kinds.some((kind) => {
        const held = envelope.notice.covers
          .filter((cover) => cover.kind === kind)
          .map((cover) => cover.generation)
        return Math.max(-1, ...held) < newestOf(memory.now)(kind)
      })
    })
    if (behind.length === 0) return
    const envelopes = await Promise.all(behind.map((grant) => seal(memory.now, grant)))
    await memory.change((state) => announced(state, behind, envelopes, null))
  }

  // Grants and revokes of one person come one after another; a revoke does not wait for a grant's ledger.
  const one = serially()
  return {
    grant: make,
    revoke: (id) => one(() => stop(id)),
    renew: (kinds, without) =>
      one(async () => {
        await nextGeneration(
          kinds,
          (grant) => !without.includes(grant.handOver.consentId),
          (state) => state,
        )
        await flush()
      }),
    settle: () =>
      one(async () => {
        if (mandate.authority === undefined) await leaveOutSuspended()
        else await catchUp()
        await roll()
        await flush()
        for (const grant of memory.now.grants) if (grant.status === 'signed') await complete(grant)
      }),
  }
}

/** The ledger's words against a grant that trying another relayer would not change. */
const LEDGER_REFUSALS = ['SIGNATURE_INVALID', 'EXPIRY_PASSED', 'ALREADY_REVOKED', 'ADDRESS_SPENT'] as const
/** Refusals that sending again would not change. */
const FINAL = [
  'ENVELOPE_REFUSED',
  'CONSENT_NOT_HANDED_OVER',
  'PATIENT_UNKNOWN',
  'REVOKE_REFUSED',
  'DOCUMENT_REFUSED',
] as const

function delegationBits(toDelegate: boolean, mandate: Mandate): number {
  const byGuardian = mandate.authority === undefined ? 0 : DELEGATION.byGuardian
  return byGuardian | (toDelegate ? DELEGATION.toDelegate : 0)
}

/** The intent that puts a grant on the ledger, signed with its own key. */
function signedGrant(ports: PatientPorts, index: number, hand: HandOver): SignedGrant {
  const key = ports.keys.consent(index)
  const intent = {
    action: 'grant',
    commitment: commitmentOf(hand.opening),
    expiryDay: expiryDayOf(hand.opening.expiresAt),
    nonce: 0n,
    deadline: BigInt(Math.floor(ports.clock()) + GRANT_DEADLINE),
  } as const
  const signature = signDigest(key.privateKey, intentDigest(ports.chain.domain, intent))
  return { intent, signer: key.address, signature }
}

/** The intent that ends a grant, signed with its own key. */
function signedRevoke(ports: PatientPorts, grant: GrantState): RevokeDocument {
  const key = ports.keys.consent(grant.index)
  const { consentId, opening } = grant.handOver
  const intent = { action: 'revoke', consentId, nonce: 1n, deadline: REVOKE_DEADLINE } as const
  const signature = signDigest(key.privateKey, intentDigest(ports.chain.domain, intent))
  return revokeDocument({ intent, commitment: commitmentOf(opening), signer: key.address, signature })
}
