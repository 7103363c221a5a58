/**
 * Granting, re-sealing and stopping: how consents are made and ended by whoever holds the keys for it.
 *
 * Laws: written down before it is signed, so that a consent key is never used twice; the covers of a new generation are
 * sealed before the revoke that made them needed is sent, and the revoke waits for nobody (PROTOCOL 5, 14).
 * Deciding goes one step after the other; sending happens beside it.
 */
import { hpkeSeal } from '../vault/index.ts'
import {
  type ConsentId,
  fromBase64Url,
  type InstitutionId,
  IsletError,
  KINDS,
  type Kind,
  quantity,
  toBase64Url,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import { type AccessRequest, subjectHash } from './access-request.ts'
import { signedGrant, signedReceipt, signedRevoke } from './consent-signing.ts'
import { coversFor, sealCovers, signCovers } from './cover-sealing.ts'
import { requireGuardian } from './delegations.ts'
import { sealBeforehand } from './emergency.ts'
import { later } from './gatekeeper.ts'
import { type HandOver, signOwnership, termsOf } from './hand-over.ts'
import { delegationBits, type Mandate, newestGeneration } from './mandate.ts'
import { type Choice, narrow } from './narrow.ts'
import { commitmentOf, consentIdOf, type Opening } from './opening.ts'
import { outbox } from './outbox.ts'
import type { PatientPorts } from './patient-ports.ts'
import {
  type GrantState,
  type Outgoing,
  type PatientMemory,
  type PatientState,
  withGrant,
} from './patient-state.ts'
import { grantRelay } from './relay.ts'
import { coverWindow, resealing } from './resealing.ts'
import { LANGUAGE } from './sentence.ts'
import { serially } from './serially.ts'
import { NOTICE, termsHash } from './terms.ts'

export interface Granting {
  grant(
    request: AccessRequest,
    choice: Choice,
    hoursAhead: number,
    custodian: InstitutionId,
    answers?: string,
  ): Promise<GrantState>
  revoke(id: ConsentId): Promise<'on-ledger' | 'on-its-way'>
  /** Takes some kinds to a new generation and re-seals to all that stay. */
  renew(kinds: readonly Kind[]): Promise<void>
  /** Seals the covers of a grant to a new key of its reader (PROTOCOL 6). */
  rekey(id: ConsentId, readerKey: string): Promise<void>
  /** Sends and seals what is due: to be called now and then. */
  settle(): Promise<void>
}

/** `info` under which a guardian seals a revoke to the patient. */
export const STOP_INFO = utf8('islet/v1/guardians-stop')

export function granting(ports: PatientPorts, memory: PatientMemory, mandate: Mandate): Granting {
  const { keys, crypto, chain } = ports
  const { hasher } = crypto
  const post = outbox(ports, memory)
  const covering = resealing(ports, memory, mandate)
  const byGuardian = mandate.authority !== undefined
  const now = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(ports.clock()))
  /** Decisions follow one another; nothing that waits for a peer happens inside. */
  const one = serially()

  /** What hands a grant that is on the ledger to custodian and reader; its newest envelope is put in when it is sent. */
  const handOvers = async (grant: GrantState): Promise<readonly Outgoing[]> => {
    const { consentId, custodian, opening } = grant.handOver
    const parcel = { urgency: 'other', type: 'grant', generations: null } as const
    const kept: Outgoing = { ...parcel, to: custodian, body: { consentId, ...(await guardiansStop(grant)) } }
    if (opening.reader === custodian) return [kept]
    return [kept, { ...parcel, to: opening.reader, body: { consentId } }]
  }

  /** A guardian's revoke, sealed to the patient, who can always stop what was granted for them. */
  const guardiansStop = async (grant: GrantState): Promise<{ readonly stop?: string }> => {
    if (!byGuardian) return {}
    const revoke = utf8(JSON.stringify(signedRevoke(ports, grant)))
    return { stop: toBase64Url(await hpkeSeal(fromBase64Url(mandate.inboxKey), STOP_INFO, revoke)) }
  }

  const complete = async (grant: GrantState): Promise<GrantState> => {
    // The ledger judges the deadline by its own time, which stands ahead of a clock that was set back.
    const at = later(now(), (await ports.chain.head()).timestamp)
    const inTime = BigInt(grant.intent.deadline) > BigInt(at)
    await post.relay(inTime ? grant.intent : grantRelay(signedGrant(ports, grant.index, grant.handOver, at)))
    const parcels = await handOvers(grant)
    const id = grant.handOver.consentId
    await memory.change((before) => {
      const known = before.grants.find((other) => other.handOver.consentId === id)
      if (known?.status !== 'signed') return before
      return { ...withGrant(before, { ...known, status: 'active' }), outbox: [...before.outbox, ...parcels] }
    })
    await post.deliver(parcels)
    return memory.now.grants.find((other) => other.handOver.consentId === id) ?? grant
  }

  const draftGrant = async (
    request: AccessRequest,
    choice: Choice,
    hoursAhead: number,
    custodian: InstitutionId,
    answers: string | undefined,
  ): Promise<GrantState> => {
    const agreement = narrow(request, choice, now())
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
    const { readerName, subject, second } = request
    const sealing =
      second === undefined
        ? { readerKey: request.hpkeKey }
        : await sealBeforehand(
            ports,
            { institution: request.reader, hpkeKey: request.hpkeKey },
            second,
            agreement,
          )
    const emergency = 'emergency' in sealing ? { emergency: sealing.emergency } : {}
    const draft = {
      ...agreement,
      reader: request.reader,
      subject: subjectHash(request.reader, subject),
      patientKey: mandate.patientKey,
      delegation: delegationBits(mandate, subject.type === 'delegate'),
    }
    const window = coverWindow(draft.window, hoursAhead, given)
    const covers = coversFor(
      hasher,
      mandate.covers,
      draft.kinds,
      newestGeneration(mandate, memory.now),
      window,
    )
    const { chainId } = chain.domain
    const envelope = await sealCovers(hasher, fromBase64Url(sealing.readerKey), chainId, signer, covers)
    const shown = { opening: draft, readerName, subject, custodian, given, ...emergency }
    const terms = termsOf(shown, NOTICE, LANGUAGE, envelope.hash, hasher)
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
      ...emergency,
      envelope: signCovers({ consentId, signer, sequence: 0, chainId, covers }, envelope, key.privateKey),
      given,
    }
    const grant: GrantState = {
      index,
      handOver: hand,
      intent: grantRelay(signedGrant(ports, index, hand)),
      readerKey: sealing.readerKey,
      hoursAhead,
      status: 'signed',
      receipts: [signedReceipt(ports, hand, 'granted', byGuardian)],
      ...(answers === undefined ? {} : { answers }),
    }
    await memory.change((state) => ({ ...state, grants: [...state.grants, grant] }))
    return grant
  }

  const staysWithout =
    (id: ConsentId) =>
    (other: GrantState): boolean =>
      other.handOver.consentId !== id

  /** Decides the end of a grant: from here on nothing is sealed for its reader. */
  const end = async (id: ConsentId): Promise<GrantState['handOver']> => {
    const grant = memory.now.grants.find((known) => known.handOver.consentId === id)
    if (grant === undefined) return endGuardians(id)
    if (grant.status === 'ended') return grant.handOver
    const revokes = await post.revokes(grant.handOver.custodian, signedRevoke(ports, grant))
    const receipts = [...grant.receipts, signedReceipt(ports, grant.handOver, 'revoked', byGuardian)]
    const ended = (state: PatientState): PatientState => {
      const after = withGrant(state, { ...grant, status: 'ended', receipts })
      return { ...after, outbox: [...after.outbox, ...revokes] }
    }
    // A guardian has no next generation to seal: the patient's own agent does it when it learns of the end.
    if (byGuardian) await memory.change(ended)
    else await covering.nextGeneration(grant.handOver.opening.kinds, staysWithout(id), ended)
    return grant.handOver
  }

  /** Decides the end of what a guardian granted, with the revoke that the guardian left for the patient. */
  const endGuardians = async (id: ConsentId): Promise<GrantState['handOver']> => {
    const made = memory.now.byGuardian.find((known) => known.handOver.consentId === id)
    if (made === undefined) throw new IsletError('CONSENT_UNKNOWN', 'no such grant was made here')
    if (made.ended) return made.handOver
    const { custodian, opening } = made.handOver
    const revokes = made.stop === null ? [] : await post.revokes(custodian, made.stop)
    await covering.nextGeneration(opening.kinds, staysWithout(id), (state) => ({
      ...state,
      byGuardian: state.byGuardian.map((known) => (known === made ? { ...known, ended: true } : known)),
      outbox: [...state.outbox, ...revokes],
    }))
    return made.handOver
  }

  /** Consents that ended on the ledger through somebody else: a guardian, or this person's agent on another device. */
  const endedElsewhere = async (): Promise<ReadonlySet<ConsentId>> => {
    const { grants, byGuardian: others } = memory.now
    const open = [
      ...grants.filter((grant) => grant.status !== 'ended'),
      ...others.filter((made) => !made.ended),
    ]
    const ended = new Set<ConsentId>()
    for (const { handOver: hand } of open) {
      const standing = await chain.consentState(hand.consentId, hand.signer)
      if (standing.state === 'REVOKED') ended.add(hand.consentId)
    }
    return ended
  }

  /** Takes their end to heart: nothing more is sealed for them, and their kinds get new keys. */
  const learnOfEnds = async (ids: ReadonlySet<ConsentId>): Promise<void> => {
    const isOne = (made: Pick<GrantState, 'handOver'>): boolean => ids.has(made.handOver.consentId)
    const { grants, byGuardian: others } = memory.now
    const fresh = [
      ...grants.filter((grant) => grant.status !== 'ended' && isOne(grant)),
      ...others.filter((made) => !made.ended && isOne(made)),
    ]
    if (fresh.length === 0) return
    const ended = (state: PatientState): PatientState => ({
      ...state,
      grants: state.grants.map((grant) => {
        if (grant.status === 'ended' || !isOne(grant)) return grant
        const receipts = [...grant.receipts, signedReceipt(ports, grant.handOver, 'revoked', byGuardian)]
        return { ...grant, status: 'ended', receipts }
      }),
      byGuardian: state.byGuardian.map((made) => (isOne(made) ? { ...made, ended: true } : made)),
    })
    const kinds = KINDS.filter((kind) =>
      fresh.some(({ handOver: hand }) => hand.opening.kinds.includes(kind)),
    )
    if (byGuardian) await memory.change(ended)
    else await covering.nextGeneration(kinds, (grant) => !isOne(grant), ended)
  }

  /** Consents whose reader is suspended but not left out yet, and those whose reader is back (PROTOCOL 6). */
  const suspensions = async (): Promise<{
    readonly out: ReadonlySet<ConsentId>
    readonly back: readonly ConsentId[]
  }> => {
    const out = new Set<ConsentId>()
    const back: ConsentId[] = []
    for (const { status, handOver: hand } of memory.now.grants) {
      if (status === 'ended') continue
      const leftOut = memory.now.leftOut.includes(hand.consentId)
      const member = await chain.member(hand.opening.reader)
      if (member?.active === false && !leftOut) out.add(hand.consentId)
      if (member?.active === true && leftOut) back.push(hand.consentId)
    }
    return { out, back }
  }

  return {
    grant: async (request, choice, hoursAhead, custodian, answers) =>
      complete(await one(() => draftGrant(request, choice, hoursAhead, custodian, answers))),
    revoke: async (id) => {
      const { signer } = await one(() => end(id))
      await post.flush()
      const standing = await chain.consentState(id, signer).catch(() => undefined)
      return standing?.state === 'REVOKED' ? 'on-ledger' : 'on-its-way'
    },
    renew: async (kinds) => {
      await one(() =>
        covering.nextGeneration(
          kinds,
          () => true,
          (state) => state,
        ),
      )
      await post.flush()
    },
    rekey: async (id, readerKey) => {
      await one(() => covering.rekey(id, readerKey))
      await post.flush()
    },
    settle: async () => {
      const ends = await endedElsewhere()
      const { out, back } = await suspensions()
      await one(async () => {
        await learnOfEnds(ends)
        if (out.size > 0 && !byGuardian) await covering.leaveOut(out)
        if (back.length > 0) {
          await memory.change((state) => ({
            ...state,
            leftOut: state.leftOut.filter((id) => !back.includes(id)),
          }))
        }
        await covering.catchUp()
        await covering.roll()
      })
      await post.flush()
      for (const grant of memory.now.grants) if (grant.status === 'signed') await complete(grant)
    },
  }
}
