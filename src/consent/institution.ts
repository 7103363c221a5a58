/**
 * An institution's part in consents, whole: custodian, reader, writer and relayer behind one inbox.
 *
 * Law: whatever reaches it is a message of plain data, parsed here and nowhere else; its books open from its own directory
 * to the state they had, and what a crash cut short is finished (DESIGN law 7).
 */
import { authorityOf } from '../identity/index.ts'
import { applyErasures, erase } from '../vault/index.ts'
import {
  type ConsentId,
  type Hash32,
  type HourWindow,
  IsletError,
  type Json,
  type Kind,
  type PatientId,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { openAccessIndex } from './access-index.ts'
import { slotAnchoring } from './anchoring.ts'
import { openConsentBook } from './consent-book.ts'
import { type Custodian, custodian } from './custodian.ts'
import { openCustody } from './custody.ts'
import { openDelegationBook } from './delegations.ts'
import { asJson, parseDocument } from './document.ts'
import { destroyers, shelfErasureList } from './erasing.ts'
import { gatekeeper } from './gatekeeper.ts'
import { type GrantedObjects, grantedObjects } from './granted-objects.ts'
import type { InstitutionPorts } from './house.ts'
import { MESSAGE_BODIES, MESSAGE_TYPES } from './message-shapes.ts'
import { objectIndex } from './object-index.ts'
import { orderGate } from './orders.ts'
import { openPatientBook } from './patient-book.ts'
import { type Reader, type ReaderPorts, reader } from './reader-agent.ts'
import { relay } from './relay.ts'
import { type Results, results } from './results.ts'
import { openRevokeRegister, type RevokeDocument } from './revoke-register.ts'
import { serving } from './serving.ts'
import { shelfPart } from './shelf.ts'
import { openSlotBook, type SlotBook } from './slot-book.ts'
import { batchesThere, lostBatches, restoreBatches } from './slot-recovery.ts'
import { type Writer, writer } from './writer-agent.ts'

export interface Institution {
  /** Answers a message. Throws coded refusals. */
  handle(type: string, body: Json): Promise<Json>
  readonly reader: Reader
  readonly writer: Writer
  readonly results: Results
  readonly slots: SlotBook
  readonly custodian: Custodian
  /** Sends what is pending; closes slots that have ended and anchors them, the access log with them. `early` closes the open one too. */
  tick(early?: boolean): Promise<void>
  /** What an identity key is here: a patient's, a delegate's of one, both, or nobody's. */
  rolesOf(identityKey: Hash32): readonly ('patient' | 'delegate')[]
  /**
   * For each patient held here the days (UTC) of a window with a sealed hour of every kind named, ascending: counts only,
   * from places of sealed objects. What is in an hour nobody here can see; one sealed empty counts as held.
   */
  census(kinds: readonly Kind[], window: HourWindow): readonly number[]
  /** Which objects each consent covers now that is served here for another institution. */
  granted(): readonly GrantedObjects[]
  /** Finishes what runs in the background; store and log are closed by whoever opened them. */
  close(): Promise<void>
  /** Resolves when what was begun in the background (gossip, forwarding) has ended. */
  idle(): Promise<void>
}

export async function openInstitution(
  ports: InstitutionPorts & { readonly hpkePrivateKey: Uint8Array },
): Promise<Institution> {
  const { own, chain, crypto, ed, shelf, clock, send, log } = ports
  const { hasher } = crypto
  const domain = chain.domain
  const patients = await openPatientBook(shelfPart(shelf, 'people'), ports)
  const consents = await openConsentBook(shelfPart(shelf, 'consents'), { hasher, ed, domain })
  const readable = await openConsentBook(shelfPart(shelf, 'grants'), { hasher, ed, domain })
  const revokes = await openRevokeRegister({ shelf: shelfPart(shelf, 'revokes'), chain })
  const patientOf = (consent: ConsentId) => {
    const key = consents.get(consent)?.opening.patientKey
    return key === undefined ? undefined : patients.byKey(key)?.id
  }
  const accesses = await openAccessIndex(log, crypto, patients.all(), patientOf)
  const slotShelf = shelfPart(shelf, 'slots')
  const isThere = await batchesThere(slotShelf)
  const lost = await lostBatches(ports, patients.all(), ({ id }) => accesses.of(id), isThere)
  await restoreBatches({ own, shelf: slotShelf, chain }, lost)
  const slots = await openSlotBook({
    minutes: ports.slotMinutes,
    own,
    shelf: slotShelf,
    crypto,
    chain,
    anchor: slotAnchoring({ own, chain, log }),
    clock,
  })
  const index = objectIndex()
  const delegations = await openDelegationBook(shelfPart(shelf, 'delegations'), ed)
  const delegates = (patient: Hash32, delegate: Hash32, at: UnixSeconds) => {
    const id = patients.byKey(patient)?.id
    const known =
      id === undefined ? { patient, delegations: [], revocations: [] } : delegations.of(id, patient)
    return authorityOf(delegate, 'read', at, known, ed)
  }
  const judge = gatekeeper({ chain, consents, revokes, clock, delegates })
  const custody = await openCustody(ports, { patients, slots, index, gate: judge, accesses })
  const serve = serving(ports, { patients, slots, index, gate: judge, revokes, accesses })
  const gate = orderGate(own, ed, clock)
  const erasures = {
    list: ports.erasures ?? shelfErasureList(shelf),
    destroyers: destroyers({ patients, consents, accesses, custody, index, delegations }),
    hasher,
  }
  await applyErasures(erasures)
  const keeper = custodian(ports, {
    patients,
    consents,
    accesses,
    delegations,
    gate,
    judge,
    erase: (id) => erase(id, erasures),
  })
  const relayer = relay(chain)
  const readerPorts: ReaderPorts = { ...ports, shelf: shelfPart(shelf, 'reader'), consents: readable }
  const reading = reader(readerPorts)

  const background = new Set<Promise<unknown>>()
  const later = (work: Promise<unknown>): void => {
    const mine = work.catch(() => undefined).finally(() => background.delete(mine))
    background.add(mine)
  }
  const gossip = async (revoke: RevokeDocument): Promise<void> => {
    const others = (await chain.members()).filter((member) => member.active && member.id !== own)
    await Promise.all(
      others.map(({ id }) =>
        send(id, 'revoke', { revoke: asJson(revoke), gossip: true }).catch(() => undefined),
      ),
    )
  }

  const answer = async (type: keyof typeof MESSAGE_BODIES, body: Json): Promise<Json> => {
    switch (type) {
      case 'patient-enrolment': {
        const { enrolment } = parseDocument(MESSAGE_BODIES[type], body, type)
        return asJson(await keeper.enrol(enrolment))
      }
      case 'mailbox':
        await keeper.openMailbox(parseDocument(MESSAGE_BODIES[type], body, type).order)
        return {}
      case 'access-request': {
        const message = parseDocument(MESSAGE_BODIES[type], body, type)
        if ('order' in message) await keeper.rekey(message.order)
        else await keeper.request(message.mailbox, message.request)
        return {}
      }
      case 'inbox':
        return asJson(await keeper.collect(parseDocument(MESSAGE_BODIES[type], body, type).order))
      case 'grant': {
        const { handOver, stop } = parseDocument(MESSAGE_BODIES[type], body, type)
        if (handOver.custodian !== own && handOver.opening.reader !== own) {
          throw new IsletError('ORDER_ELSEWHERE', 'the grant names other institutions')
        }
        if (handOver.opening.reader === own) await readable.accept(handOver)
        if (handOver.custodian === own) await keeper.accept(handOver, stop)
        return {}
      }
      case 'delegation': {
        const { delegation, end } = parseDocument(MESSAGE_BODIES[type], body, type)
        await keeper.delegate(delegation, end)
        return {}
      }
      case 'grant-relay':
        return asJson(await relayer.grant(parseDocument(MESSAGE_BODIES[type], body, type)))
      case 'envelope-reseal': {
        const { order, envelopes } = parseDocument(MESSAGE_BODIES[type], body, type)
        for (const envelope of envelopes) {
          if (readable.get(envelope.notice.consentId) !== undefined) await readable.reseal(envelope)
        }
        const ours = envelopes.filter(({ notice }) => consents.get(notice.consentId) !== undefined)
        await keeper.reseal(order, ours)
        return {}
      }
      case 'revoke': {
        const message = parseDocument(MESSAGE_BODIES[type], body, type)
        const seen = await revokes.accept(message.revoke)
        if (message.gossip) return { seen, block: null }
        if (seen === 'new') later(gossip(message.revoke))
        const blocks = await revokes.settle().catch(() => new Map<ConsentId, number>())
        return { seen, block: blocks.get(message.revoke.consentId) ?? null }
      }
      case 'append': {
        const { order, objects } = parseDocument(MESSAGE_BODIES[type], body, type)
        gate.admit(order)
        return asJson(await custody.append(order, objects))
      }
      case 'read': {
        const { order } = parseDocument(MESSAGE_BODIES[type], body, type)
        gate.admit(order)
        return asJson(await serve.read(order))
      }
      case 'search': {
        const { order } = parseDocument(MESSAGE_BODIES[type], body, type)
        gate.admit(order)
        return asJson(await serve.search(order))
      }
      case 'collect-grant': {
        const { order } = parseDocument(MESSAGE_BODIES[type], body, type)
        if (order.body.consentId === undefined)
          return { envelope: null, grants: keeper.grantsFor(order).map(asJson) }
        return { envelope: asJsonOrNull(await keeper.envelope(order)), grants: [] }
      }
      case 'inbox-deposit': {
        const { order, sealed } = parseDocument(MESSAGE_BODIES[type], body, type)
        await keeper.deposit(order, sealed)
        return {}
      }
      case 'my-accesses':
        return asJson(await keeper.accesses(parseDocument(MESSAGE_BODIES[type], body, type).order))
      case 'state': {
        const { order, sealed } = parseDocument(MESSAGE_BODIES[type], body, type)
        return asJson(await keeper.state(order, sealed))
      }
      case 'analysis-result':
        await keeper.notify(parseDocument(MESSAGE_BODIES[type], body, type).notice)
        return {}
      case 'erase': {
        const { order } = parseDocument(MESSAGE_BODIES[type], body, type)
        gate.admit(order)
        const theirs = readable.all().filter((grant) => grant.opening.patientKey === order.signer)
        for (const grant of theirs) await readable.forget(grant.consentId)
        const here = patients.byKey(order.signer) !== undefined
        if (here) await keeper.erase(order)
        return { erased: here, grants: theirs.length }
      }
      default:
        return type satisfies never
    }
  }

  const idle = async (): Promise<void> => {
    while (background.size > 0) await Promise.all(background)
  }

  return {
    handle: async (type, body) => {
      const known = MESSAGE_TYPES.find((name) => name === type)
      if (known === undefined) {
        throw new IsletError('MESSAGE_NOT_SERVED', 'this institution does not answer such messages here')
      }
      return answer(known, body)
    },
    reader: reading,
    writer: writer(readerPorts, reading),
    results: results(ports, { shelf: shelfPart(shelf, 'results'), slots, grants: readable }),
    slots,
    custodian: keeper,
    tick: async (early = false) => {
      await revokes.settle()
      await slots.close(early)
      // Anchored only with its slot, but signed whenever the node wakes.
      await log.checkpoint()
    },
    rolesOf: (key) => [
      ...(patients.byKey(key) === undefined ? [] : (['patient'] as const)),
      ...(delegations.has(key) ? (['delegate'] as const) : []),
    ],
    census: (kinds, window) => {
      const daysOf = (patient: PatientId, kind: Kind): ReadonlySet<number> =>
        new Set(index.find(patient, [kind], window, false).map(({ hour }) => Math.floor(hour / HOURS_OF_DAY)))
      const [first, ...others] = kinds
      if (first === undefined) return []
      return index
        .patients()
        .map((patient) => {
          const held = others.map((kind) => daysOf(patient, kind))
          return [...daysOf(patient, first)].filter((day) => held.every((days) => days.has(day))).length
        })
        .sort((a, b) => a - b)
    },
    granted: () => grantedObjects(own, clock(), { consents, patients, index, revokes }),
    idle,
    close: idle,
  }
}

const HOURS_OF_DAY = 24

function asJsonOrNull(document: object | undefined): Json {
  return document === undefined ? null : asJson(document)
}
