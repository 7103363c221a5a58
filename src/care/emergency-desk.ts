import {
  asJson,
  type Call,
  type ChainReader,
  callHash,
  checkCall,
  checkHandOver,
  type Document,
  type Emergency,
  type EmergencyPerson,
  handOverHalf,
  isDamaged,
  joinHalves,
  parseText,
  type Reading,
  type Release,
  type Send,
  type Shelf,
  signCall,
  signRelease,
} from '../consent/browser.door.ts'
import type { AccessBook, Reader, Results } from '../consent/index.ts'
import { type Ed25519, hpkeKeyHash, type Signer } from '../identity/index.ts'
import type { Crypto } from '../vault/index.ts'
import {
  type ConsentId,
  type Hash32,
  type InstitutionId,
  IsletError,
  type Json,
  toBase64Url,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import {
  type CallAnswer,
  CallAnswerSchema,
  type CallMessageSchema,
  type HeardCall,
  type OwnCall,
  openCallBooks,
} from './emergency-calls.ts'
import { type ReviewDesk, reviewDesk } from './emergency-reviews.ts'
import { requireDuty, type StaffMember } from './staff.ts'

export interface EmergencyPorts {
  readonly own: InstitutionId
  readonly signer: Signer
  readonly ed: Ed25519
  readonly crypto: Crypto
  readonly chain: ChainReader
  readonly shelf: Shelf
  readonly clock: () => UnixSeconds
  readonly send: Send
  readonly hpke: { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array }
  readonly reader: Pick<Reader, 'grants' | 'read'>
  readonly results: Pick<Results, 'record'>
  readonly log: Pick<AccessBook, 'append'>
}

export interface EmergencyDesk {
  /** Calls the second. Throws `NOT_ON_DUTY`, `REASON_MISSING`, `NOT_AN_EMERGENCY_GRANT`. Gives the hash of the call. */
  call(consent: ConsentId, clinician: StaffMember | undefined, reason: string): Promise<Hash32>
  /** Asks the second again and gives the call as it stands. Throws `CALL_UNKNOWN`, and what the second refuses. */
  follow(call: Hash32): Promise<OwnCall>
  /** Reads what was released. Throws `CALL_NOT_RELEASED`, and the custodian's codes. */
  open(call: Hash32, clinician: StaffMember | undefined): Promise<Reading>
  calls(): readonly (readonly [Hash32, OwnCall])[]
  /** Hears a call of another member. Throws `CALL_REFUSED`, `CALL_OVER`, `SIGNATURE_REFUSED`, and as `checkHandOver`. */
  hear(message: Document<typeof CallMessageSchema>): Promise<CallAnswer>
  heard(): readonly (readonly [Hash32, HeardCall])[]
  /** A duty officer's answer to a call. Throws `NOT_ON_DUTY`, `CALL_UNKNOWN`, `CALL_ANSWERED`, `CALL_OVER`. */
  answer(call: Hash32, officer: StaffMember | undefined, verdict: 'release' | 'decline'): Promise<void>
  /** What is said of calls afterwards. */
  readonly reviews: ReviewDesk
}

export async function openEmergencyDesk(ports: EmergencyPorts): Promise<EmergencyDesk> {
  const { hasher } = ports.crypto
  const books = await openCallBooks(ports.shelf)
  const { own, heard } = books

  const grantOf = (consent: ConsentId) => {
    const grant = ports.reader.grants().find(({ consentId }) => consentId === consent)
    if (grant?.emergency !== undefined) return { grant, emergency: grant.emergency }
    throw new IsletError(
      'NOT_AN_EMERGENCY_GRANT',
      'no emergency envelope of that consent was handed over here',
      {},
      { remedy: 'only what a patient sealed beforehand can be opened this way' },
    )
  }

  const follow = async (hash: Hash32): Promise<OwnCall> => {
    const known = own.need(hash)
    if (known.state !== 'waiting') return known
    const { grant, emergency } = grantOf(known.call.body.consentId)
    const readerKey = toBase64Url(ports.hpke.publicKey)
    const message = { call: asJson(known.call), handOver: asJson(grant), readerKey }
    const reply = await ports.send(emergency.second, 'emergency-call', message)
    const { state, release, half } = parseText(CallAnswerSchema, JSON.stringify(reply), 'answer to a call')
    const next = {
      ...known,
      state,
      ...(release === undefined ? {} : { release }),
      ...(half === undefined ? {} : { half }),
    }
    if (state !== 'waiting') await own.keep(hash, next)
    return next
  }

  return {
    call: async (consentId, clinician, reason) => {
      const { handle, name } = requireDuty(clinician, 'clinician')
      grantOf(consentId)
      const body = { consentId, person: { handle, name }, reason, at: ports.clock() }
      const call = signCall(body, ports.crypto, ports.signer)
      const hash = callHash(call, hasher)
      await own.keep(hash, { call, state: 'waiting' })
      return hash
    },
    follow,
    open: async (hash, clinician) => {
      const { handle, name } = requireDuty(clinician, 'clinician')
      const known = own.need(hash)
      const { call, release, half } = known
      if (release === undefined || half === undefined) {
        throw new IsletError(
          'CALL_NOT_RELEASED',
          'the second party has not released this call',
          {},
          { remedy: 'wait for its duty officer, or call again' },
        )
      }
      const { grant, emergency } = grantOf(call.body.consentId)
      const key = await joinHalves(emergency, ports.hpke.privateKey, half, ports.crypto)
      const actor = { type: 'person', handle, name } as const
      const reading = await ports.reader.read(grant.consentId, {
        actor,
        broken: { key, glass: { call, release } },
      })
      const activity = 'Emergency envelope opened'
      const inputs = [{ consentId: grant.consentId, purpose: 'ETREAT', reading } as const]
      // What was done, not how: the code of an act of people is its call.
      const told: Json = { call: asJson(call), release: asJson(release) }
      const { hash: analysis } = await ports.results.record({ activity, code: hash, inputs }, told)
      const hours = reading.chunks.filter((chunk) => !isDamaged(chunk)).length
      const reads = [...(known.reads ?? []), { at: ports.clock(), hours }]
      await own.keep(hash, { ...known, state: 'opened', analysis, reads })
      return reading
    },
    calls: own.all,
    hear: async ({ call, handOver, readerKey }) => {
      const hash = callHash(call, hasher)
      const known = heard.get(hash)
      if (known === undefined) {
        await checkHeard(ports, { call, handOver, readerKey })
        await heard.keep(hash, { call, handOver, readerKey, state: 'waiting' })
        return { state: 'waiting' }
      }
      const { state, release, half } = known
      return state === 'released' && release !== undefined && half !== undefined
        ? { state, release, half }
        : { state: state === 'declined' ? state : 'waiting' }
    },
    heard: heard.all,
    answer: async (hash, officer, verdict) => {
      const { handle, name } = requireDuty(officer, 'duty-officer')
      const known = heard.need(hash)
      if (known.state !== 'waiting')
        throw new IsletError(
          'CALL_ANSWERED',
          'this call was answered already',
          {},
          { remedy: 'look at its answer' },
        )
      const { call, handOver, readerKey } = known
      if (verdict === 'decline') {
        await heard.keep(hash, { ...known, state: 'declined' })
        return
      }
      // Judged again: the patient may have stopped it, or the reader been suspended, since the call came.
      const { emergency, block } = await checkHeard(ports, { call, handOver, readerKey })
      const at = ports.clock()
      const release = signRelease(call, { person: { handle, name }, at, signer: ports.signer }, hasher)
      const half = await handOverHalf(emergency, ports.hpke.privateKey, readerKey)
      await logRelease(ports, call, release, { handle, name }, block)
      await heard.keep(hash, { ...known, state: 'released', release, half })
    },
    reviews: reviewDesk(books, { ...ports, grantOf: ({ call }) => grantOf(call.body.consentId).grant }),
  }
}

/** The release on the second's own access log, before the half leaves. */
async function logRelease(
  { log, clock, crypto }: EmergencyPorts,
  call: Call,
  release: Release,
  person: EmergencyPerson,
  block: number,
): Promise<void> {
  const clear = {
    action: 'hand-over',
    consent: call.body.consentId,
    block,
    at: clock(),
    count: 1,
  } as const
  const sealed: Json = { call: asJson(call), release: asJson(release), person }
  await log.append({ clear, sealed }, crypto.cipher.random(32))
}

/** Holds a call against the patient's signed grant and the ledger. */
async function checkHeard(
  { own, ed, crypto, chain, clock }: EmergencyPorts,
  { call, handOver, readerKey }: Document<typeof CallMessageSchema>,
): Promise<{ readonly emergency: Emergency; readonly block: number }> {
  checkHandOver(handOver, chain.domain, { hasher: crypto.hasher, ed })
  const { emergency, opening, consentId, signer } = handOver
  const at = clock()
  const standing = await chain.consent(consentId, signer, opening.reader)
  const { reader } = standing
  const parts: readonly (readonly [string, boolean])[] = [
    ['second', emergency?.second === own],
    ['consent', call.body.consentId === consentId && standing.state === 'ACTIVE'],
    ['expiry', opening.notBefore <= at && at < opening.expiresAt],
    ['reader', reader?.active === true && reader.hpkeKeyHash === hpkeKeyHash(readerKey, crypto.hasher)],
  ]
  const broken = parts.find(([, holds]) => !holds)
  if (broken !== undefined || emergency === undefined || reader === undefined) {
    throw new IsletError(
      'CALL_REFUSED',
      'the call is not one that this institution may release',
      { part: broken?.[0] ?? 'second' },
      { remedy: 'call with the newest grant of the patient, as its reader' },
    )
  }
  checkCall(call, reader.messageKey, at, ed)
  return { emergency, block: standing.head.number }
}
