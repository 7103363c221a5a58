import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hpkeKeyHash, institutionKeys } from '../identity/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { type EmbeddedLedger, openEmbedded } from '../ledger/embedded.door.ts'
import {
  contractCall,
  type Deployment,
  deployContracts,
  readContract,
  secp256k1Signer,
} from '../ledger/index.ts'
import { temporaryFolder } from '../ledger/testing/fixtures.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import {
  ACTIONS,
  type Hash32,
  hash32,
  hourOf,
  INSTITUTION_ROLES,
  type InstitutionId,
  institutionId,
  isIsletError,
  KINDS,
  maskOf,
  PURPOSES,
  quantity,
  toHex,
  type UnixSeconds,
  type UtcHour,
} from '../vocabulary/index.ts'
import { keccakText } from './abi-words.ts'
import type { ChainReader, ChainWriter } from './chain.ts'
import { ACCESS_CODES, type AccessQuestion, type ConsentClaim, decide } from './decide.ts'
import { addressOfSecret, intentDigest, signDigest } from './intents.ts'
import { ledgerChain } from './ledger-chain.door.ts'
import {
  ANY_SUBJECT,
  commitmentOf,
  consentIdOf,
  encodeOpening,
  expiryDayOf,
  type Opening,
} from './opening.ts'
import { chainSuite } from './testing/chain.suite.ts'
import { askOf, at, DAY, seedOf, town, trace } from './testing/town.ts'

const NAMES = ['South Hospital', 'North Clinic', 'East Lab', 'Gone Clinic'] as const
const idOf = (name: string): InstitutionId => institutionId(toHex(seedOf(`institution ${name}`)))
const now = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(Date.now() / 1000))

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let ledger: EmbeddedLedger
let deployment: Deployment
const chains = new Map<InstitutionId, ChainReader & ChainWriter>()

function keysOf(name: string) {
  const secrets = {
    ledger: seedOf(`ledger ${name}`),
    message: seedOf(`message ${name}`),
    hpke: seedOf(`hpke ${name}`),
  }
  return institutionKeys(secrets, nodeEd25519)
}

function chainOf(name: string): ChainReader & ChainWriter {
  const chain = chains.get(idOf(name))
  if (chain === undefined) throw new Error('no such member')
  return chain
}

beforeAll(async () => {
  folder = await temporaryFolder()
  ledger = await openEmbedded({ directory: folder.path, operator: secp256k1Signer(seedOf('operator')) })
  const signers = NAMES.map((name) => secp256k1Signer(keysOf(name).ledgerKey))
  deployment = await deployContracts(ledger, {
    by: secp256k1Signer(seedOf('operator')),
    founders: NAMES.map((name) => {
      const keys = keysOf(name)
      return {
        id: idOf(name),
        ledgerKey: keys.ledgerAddress,
        messageKey: keys.public.messageKey,
        hpkeKeyHash: hpkeKeyHash(keys.public.hpkeKey, nodeCrypto.hasher),
        roles: maskOf(INSTITUTION_ROLES, ['hospital']),
      }
    }),
    threshold: 2,
  })
  NAMES.forEach((name, i) => {
    const by = signers[i]
    if (by !== undefined) chains.set(idOf(name), ledgerChain({ ledger, deployment, by }))
  })
  // Two votes suspend the fourth member.
  const zero = hash32(`0x${'00'.repeat(32)}`)
  const member = {
    id: idOf('Gone Clinic'),
    ledgerKey: `0x${'00'.repeat(20)}` as const,
    messageKey: zero,
    hpkeKeyHash: zero,
    roles: 0,
  }
  const change = { kind: 1, member, threshold: 0, nonce: 1n, deadline: BigInt(now() + DAY) }
  for (const [i, by] of signers.slice(0, 2).entries()) {
    const call = contractCall(deployment, 'membership', 'vote', [change])
    await ledger.submit(call, { by, keys: [keccakText(`vote ${i}`)] })
  }
})
afterAll(async () => {
  await ledger?.close()
  await folder?.remove()
})

chainSuite('embedded ledger', () => ({
  own: idOf('North Clinic'),
  other: idOf('South Hospital'),
  chain: chainOf('North Clinic'),
  now,
}))

/** A consent on the ledger: some sound, some with a wrong day, a window beyond the expiry, a suspended reader. */
interface OnLedger {
  readonly claim: ConsentClaim
  readonly state: 'NONE' | 'ACTIVE' | 'REVOKED'
  readonly day: number
}

async function put(
  name: string,
  change: Partial<Opening>,
  fate: 'none' | 'revoked' | 'active',
  dayOff = 0,
): Promise<OnLedger> {
  const key = seedOf(`judged ${name}`)
  const signer = addressOfSecret(key)
  const base = now()
  const opening: Opening = {
    reader: idOf('North Clinic'),
    subject: ANY_SUBJECT,
    kinds: ['glucose', 'insulin'],
    actions: ['read'],
    purposes: ['TREAT', 'HRESCH'],
    window: { first: hourOf(at(base - 10 * DAY)), end: hourOf(at(base)) },
    notBefore: at(base - 100),
    expiresAt: at(base + 2 * DAY),
    patientKey: keccakText('patient'),
    delegation: 0,
    terms: keccakText('terms'),
    salt: keccakText(name),
    ...change,
  }
  const commitment = commitmentOf(opening)
  const consentId = consentIdOf(commitment, signer)
  const day = expiryDayOf(opening.expiresAt) + dayOff
  const { domain } = chainOf('North Clinic')
  const deadline = BigInt(base + 3_600)
  const grant = { action: 'grant', commitment, expiryDay: day, nonce: 0n, deadline } as const
  const revoke = { action: 'revoke', consentId, nonce: 0n, deadline } as const
  if (fate !== 'none') {
    const signature = signDigest(key, intentDigest(domain, grant))
    const { code } = await chainOf('North Clinic').grant({ intent: grant, signer, signature })
    expect(code).toBe('GRANTED')
  }
  if (fate === 'revoked') {
    const signature = signDigest(key, intentDigest(domain, revoke))
    await chainOf('South Hospital').revoke({ intent: revoke, commitment, signer, signature })
  }
  const state = fate === 'none' ? 'NONE' : fate === 'active' ? 'ACTIVE' : 'REVOKED'
  return { claim: { consentId, signer, opening }, state, day: fate === 'none' ? 0 : day }
}

describe('the judgement made here', () => {
  it('is the contract’s own over thousands of cases around every edge', async () => {
    const base = now()
    const reach = { first: hourOf(at(base - 10 * DAY)), end: hourOf(at(base + 9 * DAY)) }
    const person = keccakText('dr lee')
    const consents = await Promise.all([
      put('sound', {}, 'active'),
      put('named', { subject: person }, 'active'),
      put('writer', { actions: ['read', 'write'], kinds: KINDS, purposes: PURPOSES }, 'active'),
      put('revoked', {}, 'revoked'),
      put('never granted', {}, 'none'),
      put('wrong day', {}, 'active', 1),
      put('beyond', { window: reach }, 'active'),
      put('suspended', { reader: idOf('Gone Clinic') }, 'active'),
    ])
    const hours = (opening: Opening) =>
      [-1, 0, 1, 2].flatMap((by) => [opening.window.first + by, opening.window.end + by])
    const cases = fc.sample(
      fc.constantFrom(...consents).chain(({ claim, state, day }) => {
        const { opening } = claim
        const mostly = <T>(right: T, ...wrong: readonly T[]) =>
          fc.oneof(
            { weight: 7, arbitrary: fc.constant(right) },
            { weight: 2, arbitrary: fc.constantFrom(right, ...wrong) },
          )
        const instants = [opening.notBefore, opening.expiresAt].flatMap((edge) => [edge - 1, edge, edge + 1])
        const hour = fc.constantFrom(...hours(opening)).map((value) => quantity<UtcHour>(value))
        return fc.record({
          claim: mostly(
            claim,
            { ...claim, opening: { ...opening, salt: keccakText('other salt') } },
            { ...claim, opening: { ...opening, expiresAt: at(opening.expiresAt + 1) } },
            { ...claim, consentId: consents[0]!.claim.consentId },
          ),
          at: mostly(at(base), ...instants.map(at)),
          question: fc.record({
            reader: mostly(opening.reader, idOf('South Hospital')),
            subject: mostly<Hash32>(opening.subject, person, keccakText('somebody')),
            kind: mostly(opening.kinds[0]!, ...KINDS),
            action: mostly(opening.actions[0]!, ...ACTIONS),
            purpose: mostly(opening.purposes[0]!, ...PURPOSES),
            window: fc.oneof(fc.constant(opening.window), fc.record({ first: hour, end: hour })),
          }),
          state: fc.constant(state),
          day: fc.constant(day),
        })
      }),
      { numRuns: 3_000, seed: 20_260_901 },
    )
    const seen = new Map<string, number>()
    const judge = async (one: (typeof cases)[number]): Promise<void> => {
      const { claim, question, at: instant } = one
      const stands = consents.find((consent) => consent.claim.consentId === claim.consentId)
      const standing = {
        state: stands?.claim.signer === claim.signer ? one.state : ('NONE' as const),
        expiryDay: one.day,
        readerActive: claim.opening.reader !== idOf('Gone Clinic'),
      }
      const ours = decide(claim, question, standing, instant)
      const { value } = await readContract(ledger, deployment, 'consents', 'checkAccess', [
        claim.consentId,
        claim.signer,
        openingStruct(claim.opening),
        requestStruct(question),
        BigInt(instant),
      ])
      const theirs = ACCESS_CODES[value[1]]
      if (theirs !== ours.code || value[0] !== ours.allowed) {
        throw new Error(
          `contract says ${theirs}, we say ${ours.code}: ${JSON.stringify({ question, instant })}`,
        )
      }
      seen.set(ours.code, (seen.get(ours.code) ?? 0) + 1)
    }
    for (let i = 0; i < cases.length; i += 50) await Promise.all(cases.slice(i, i + 50).map(judge))
    // Every code was met, the good one included.
    expect([...seen.keys()].sort()).toEqual([...ACCESS_CODES].sort())
    expect(seen.get('ALLOWED')).toBeGreaterThan(100)
  })

  it('spells an opening as the contract hashes it', async () => {
    const { claim } = await put('spelled', {}, 'none')
    const { value } = await readContract(ledger, deployment, 'consents', 'commitmentOf', [
      openingStruct(claim.opening),
    ])
    expect(value).toBe(commitmentOf(claim.opening))
    expect(encodeOpening(claim.opening).length).toBe(13 * 32)
  })
})

describe('sharing over the embedded ledger', () => {
  it('grants, serves, verifies the root, refuses at once, and holds back what is new', async () => {
    const place = town({ chainOf: (id) => chains.get(id)!, slotMinutes: 5 })
    place.now = now()
    const start = place.now - (place.now % 3_600)
    const south = await place.house('South Hospital')
    const north = await place.house('North Clinic')
    const anna = await place.patient('anna over the ledger')
    await anna.enrol(south.id)
    await anna.add(trace(start - 2 * DAY, start), { fill: true })
    await south.open.tick(true)
    const mailbox = await anna.openMailbox('North Clinic')
    const ask = askOf(north, { from: at(start - DAY), until: at(start) })
    await north.open.reader.ask({ custodian: south.id, mailbox }, ask, north.chain)
    const [pending] = (await anna.collect()).requests
    const grant = await anna.grant(pending!.request)
    const id = grant.handOver.consentId
    const reading = await north.open.reader.read(id)
    expect(reading.records.length).toBe(288)
    expect(new Set(reading.chunks.map((chunk) => chunk.anchor.code))).toEqual(new Set(['ANCHORED']))
    const { value } = await readContract(ledger, deployment, 'consents', 'checkAccess', [
      id,
      grant.handOver.signer,
      openingStruct(grant.handOver.opening),
      requestStruct({
        reader: north.id,
        subject: grant.handOver.opening.subject,
        kind: 'glucose',
        action: 'read',
        purpose: 'TREAT',
        window: grant.handOver.opening.window,
      }),
      BigInt(place.now),
    ])
    expect(value).toEqual([true, 0])
    expect(await anna.revoke(id)).toBe('on-ledger')
    const refusedWith = await north.open.reader.read(id).catch((error: unknown) => error)
    expect(isIsletError(refusedWith, 'CONSENT_REVOKED')).toBe(true)
    await place.idle()
  })
})

function openingStruct(opening: Opening) {
  return {
    reader: opening.reader,
    subject: opening.subject,
    kinds: maskOf(KINDS, opening.kinds),
    actions: maskOf(ACTIONS, opening.actions),
    purposes: maskOf(PURPOSES, opening.purposes),
    firstHour: opening.window.first,
    endHour: opening.window.end,
    notBefore: BigInt(opening.notBefore),
    expiresAt: BigInt(opening.expiresAt),
    patientKey: opening.patientKey,
    delegate: opening.delegation,
    termsHash: opening.terms,
    salt: opening.salt,
  }
}

function requestStruct(question: AccessQuestion) {
  return {
    reader: question.reader,
    subject: question.subject,
    kind: KINDS.indexOf(question.kind),
    action: ACTIONS.indexOf(question.action),
    purpose: PURPOSES.indexOf(question.purpose),
    firstHour: question.window.first,
    endHour: question.window.end,
  }
}
