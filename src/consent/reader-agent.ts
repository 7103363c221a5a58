/**
 * The reader: an institution, for one of its people or studies, or a delegate of the patient with a key of their own.
 *
 * Laws: it asks with a signed request whose salted commitment is on the ledger first; it opens what it gets locally and
 * checks it against the ledger; it keeps a log of its own reads, which a verifier compares with the custodian's (PROTOCOL 1).
 */
import { type Cover, openEnvelope } from '../vault/keys.door.ts'
import {
  type Action,
  type ConsentId,
  fromBase64Url,
  type Hash32,
  type HourWindow,
  hash32,
  type InstitutionId,
  IsletError,
  type Kind,
  type Purpose,
  toBase64Url,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { type AccessRequest, requestCommitment, type SignedRequest, type Subject } from './access-request.ts'
import { EnvelopeAnswerSchema, type ReadAnswer, type SearchAnswer, SearchAnswerSchema } from './answers.ts'
import type { ChainWriter } from './chain.ts'
import type { ConsentBook } from './consent-book.ts'
import type { Card } from './delegations.ts'
import { asJson, parseDocument, sign } from './document.ts'
import type { Glass, Second } from './emergency.ts'
import type { HandOver } from './hand-over.ts'
import {
  fetchPages,
  type HeldAnswer,
  type HolderPorts,
  isUnchanged,
  openPages,
  orderBase,
  type ReadBody,
  type Reading,
} from './holder.ts'
import { putJson, type Shelf } from './shelf.ts'
import { envelopeScope, type SignedEnvelope, sealedBytes } from './signed-envelope.ts'

export interface ReaderPorts extends HolderPorts {
  /** The institution the reader belongs to. */
  readonly own: InstitutionId
  /** Seed of the X-Wing key that covers are sealed to. */
  readonly hpkePrivateKey: Uint8Array
  readonly shelf: Shelf
  readonly consents: ConsentBook
}

/** What a reader asks a patient for. */
export interface Ask {
  readonly readerName: string
  readonly subject: Subject
  readonly hpkePublicKey: Uint8Array
  /** The delegate's own word for that key, where a delegate is to read. */
  readonly card?: Card
  readonly kinds: readonly Kind[]
  readonly actions: readonly Action[]
  readonly purposes: readonly Purpose[]
  readonly from: UnixSeconds
  readonly until: UnixSeconds
  readonly expiresAt: UnixSeconds
  /** The mailbox of the visit pass on which this is asked. */
  readonly pass?: string
  /** Asks for an emergency envelope, to be opened with this institution. */
  readonly second?: Second
}

/** Where a patient can be asked. */
export interface PatientAddress {
  readonly custodian: InstitutionId
  readonly mailbox: string
}

/** What one read asks for; left out = all that was granted. */
export interface ReadOptions {
  /** Who reads, by name; the grant's own subject when left out. */
  readonly actor?: Subject
  readonly purpose?: Purpose
  readonly kinds?: readonly Kind[]
  readonly window?: HourWindow
  readonly history?: boolean
  /** For what was sealed for an emergency: its key, from both halves, and what the custodian asks to see. */
  readonly broken?: { readonly key: Uint8Array; readonly glass: Glass }
}

export interface Reader {
  /** Signs a request, puts its commitment on the ledger, and leaves it in the patient's mailbox. */
  ask(address: PatientAddress, ask: Ask, chain: Pick<ChainWriter, 'requestAccess'>): Promise<AccessRequest>
  /** Signs a request that whoever it reaches may answer, and puts its commitment on the ledger. */
  invite(ask: Ask, chain: Pick<ChainWriter, 'requestAccess'>): Promise<SignedRequest>
  /** Grants handed over to this reader. */
  grants(): readonly HandOver[]
  /** The covers that the newest envelope of a consent holds. Throws `CONSENT_NOT_HANDED_OVER`, `ENVELOPE_REFUSED`. */
  covers(id: ConsentId): Promise<readonly Cover[]>
  /** Reads under a consent: fetches, verifies, opens. Throws the custodian's code. */
  read(id: ConsentId, options?: ReadOptions): Promise<Reading>
  /**
   * Reads again what is still held of an earlier reading to the same question: asked, judged and logged as any read.
   * Undefined where nothing changed since. Throws the custodian's code.
   */
  readAgain(id: ConsentId, held: HeldAnswer, options?: ReadOptions): Promise<Reading | undefined>
  /** Which hours hold something. */
  search(id: ConsentId, options?: ReadOptions): Promise<SearchAnswer>
  /** Fetches the grants that name this reader (a delegate has no inbox of their own). */
  collectGrants(custodian: InstitutionId): Promise<number>
  /** After the institution's keys were rotated: asks the patient to seal the covers of a consent to the new one. */
  askUnderNewKey(id: ConsentId, hpkePublicKey: Uint8Array): Promise<void>
  /** Fetches the newest envelope of a consent from the custodian. */
  collect(id: ConsentId): Promise<'newer' | 'same'>
}

/** What was decided about a read, and of how many chunks. */
interface Decided {
  readonly at: UnixSeconds
  readonly block: number
  readonly count: number
}

type Question = Omit<ReadBody, 'have' | 'history' | 'known'> & { readonly consentId: ConsentId }

export function reader(ports: ReaderPorts): Reader {
  const { consents, crypto } = ports
  const opened = new Map<ConsentId, { readonly sequence: number; readonly covers: readonly Cover[] }>()

  const need = (id: ConsentId): HandOver => {
    const grant = consents.get(id)
    if (grant === undefined)
      throw new IsletError('CONSENT_NOT_HANDED_OVER', 'no such grant was handed over here')
    return grant
  }

  const coversOf = async (id: ConsentId, emergencyKey?: Uint8Array): Promise<readonly Cover[]> => {
    const { envelope, signer } = need(id)
    const known = opened.get(id)
    if (known !== undefined && known.sequence === envelope.notice.sequence) return known.covers
    const sealed = sealedBytes(crypto.hasher, envelope, signer)
    const result = await openEnvelope(
      emergencyKey ?? ports.hpkePrivateKey,
      sealed,
      envelopeScope(envelope.notice),
    )
    if (result.code !== 'OPENED') {
      throw new IsletError('ENVELOPE_REFUSED', 'the envelope does not open with the key of this reader', {
        because: result.code,
      })
    }
    // What an emergency opened is not kept open.
    if (emergencyKey === undefined)
      opened.set(id, { sequence: envelope.notice.sequence, covers: result.covers })
    return result.covers
  }

  const question = (grant: HandOver, options: ReadOptions): Question => ({
    consentId: grant.consentId,
    actor: options.actor ?? grant.subject,
    action: 'read',
    purpose: options.purpose ?? firstOf(grant.opening.purposes),
    kinds: [...(options.kinds ?? grant.opening.kinds)],
    window: options.window ?? grant.opening.window,
    ...(options.broken === undefined ? {} : { glass: options.broken.glass }),
  })

  const keep = async (envelope: SignedEnvelope | undefined): Promise<'newer' | 'same'> =>
    envelope !== undefined && (await consents.reseal(envelope)) === 'kept' ? 'newer' : 'same'

  const fetch = async (id: ConsentId, options: ReadOptions, known?: Hash32) => {
    const grant = need(id)
    const asked = question(grant, options)
    const pages = await fetchPages(ports, grant.custodian, {
      ...asked,
      history: options.history ?? false,
      have: grant.envelope.notice.sequence,
      ...(known === undefined ? {} : { known }),
    })
    await keep(pages.find((page) => page.envelope !== null)?.envelope ?? undefined)
    return { grant, asked, pages }
  }

  const opening = async (
    grant: HandOver,
    asked: Question,
    pages: readonly ReadAnswer[],
    options: ReadOptions,
  ): Promise<Reading> => {
    const covers = await coversOf(grant.consentId, options.broken?.key)
    const coverOf = (kind: Kind, generation: number): Cover | undefined =>
      covers.find((cover) => cover.kind === kind && cover.generation === generation)
    const reading = await openPages(
      ports,
      { custodian: grant.custodian, kinds: asked.kinds, window: asked.window },
      fromBase64Url(grant.ownership.body.stream),
      coverOf,
      pages,
    )
    // As the custodian counts: what it could not give did not arrive.
    const count = reading.chunks.filter(({ bytes }) => bytes.length > 0).length
    await noteRead(grant, asked, { at: reading.at, block: reading.block, count })
    return reading
  }

  /** The reader's own log of what it read. */
  const noteRead = (grant: HandOver, asked: Question, decided: Decided): Promise<void> =>
    putJson(ports.shelf, `reads/${nameOf(ports, decided.at)}`, {
      consentId: grant.consentId,
      actor: asJson(asked.actor),
      purpose: asked.purpose,
      kinds: [...asked.kinds],
      window: asked.window,
      ...decided,
    })

  const requested = async (
    { hpkePublicKey, ...wanted }: Ask,
    chain: Pick<ChainWriter, 'requestAccess'>,
  ): Promise<SignedRequest> => {
    const request: AccessRequest = {
      schema: 'islet.request/1',
      ...wanted,
      reader: ports.own,
      hpkeKey: toBase64Url(hpkePublicKey),
      created: Math.floor(ports.clock()) as UnixSeconds,
      salt: hash32(toHex(crypto.cipher.random(32))),
    }
    await chain.requestAccess(requestCommitment(request))
    return sign('islet.access-request/1', request, ports.signer)
  }

  return {
    ask: async (address, wish, chain) => {
      const request = await requested(wish, chain)
      await ports.send(address.custodian, 'access-request', {
        mailbox: address.mailbox,
        request: asJson(request),
      })
      return request.body
    },
    invite: requested,
    grants: () => consents.all().filter((grant) => grant.opening.reader === ports.own),
    covers: (id) => coversOf(id),
    read: async (id, options = {}) => {
      const { grant, asked, pages } = await fetch(id, options)
      return opening(grant, asked, pages, options)
    },
    readAgain: async (id, held, options = {}) => {
      const { grant, asked, pages } = await fetch(id, options, held.mark)
      const [first] = pages
      if (first === undefined || !isUnchanged(pages, held.mark)) return opening(grant, asked, pages, options)
      await noteRead(grant, asked, { at: first.at, block: first.block, count: held.count })
      return undefined
    },
    search: async (id, options = {}) => {
      const grant = need(id)
      const order = sign(
        'islet.search/1',
        { ...orderBase(ports, grant.custodian), ...question(grant, options) },
        ports.signer,
      )
      const reply = await ports.send(grant.custodian, 'search', { order: asJson(order) })
      return parseDocument(SearchAnswerSchema, reply, 'answer to a search')
    },
    askUnderNewKey: async (id, hpkePublicKey) => {
      const grant = need(id)
      const body = {
        ...orderBase(ports, grant.custodian),
        consentId: id,
        hpkeKey: toBase64Url(hpkePublicKey),
      }
      const order = sign('islet.reader-key/1', body, ports.signer)
      await ports.send(grant.custodian, 'access-request', { order: asJson(order) })
    },
    collectGrants: async (custodian) => {
      const order = sign('islet.collect-grant/1', { ...orderBase(ports, custodian), have: -1 }, ports.signer)
      const reply = await ports.send(custodian, 'collect-grant', { order: asJson(order) })
      const { grants } = parseDocument(EnvelopeAnswerSchema, reply, 'answer')
      for (const grant of grants) await consents.accept(grant)
      return grants.length
    },
    collect: async (id) => {
      const grant = need(id)
      const body = {
        ...orderBase(ports, grant.custodian),
        consentId: id,
        have: grant.envelope.notice.sequence,
      }
      const order = sign('islet.collect-grant/1', body, ports.signer)
      const reply = await ports.send(grant.custodian, 'collect-grant', { order: asJson(order) })
      return keep(parseDocument(EnvelopeAnswerSchema, reply, 'answer').envelope ?? undefined)
    },
  }
}

function firstOf<T>(list: readonly T[]): T {
  const [first] = list
  if (first === undefined) throw new IsletError('OPENING_REFUSED', 'a grant names at least one purpose')
  return first
}

function nameOf(ports: ReaderPorts, instant: UnixSeconds): string {
  const at = String(instant).padStart(12, '0')
  return `${at}-${toHex(ports.crypto.cipher.random(8)).slice(2)}`
}
