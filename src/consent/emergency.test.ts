/** An emergency envelope opens only by two, with a reason, and never without a trace. */
import { beforeAll, describe, expect, it } from 'vitest'
import { institutionKeys } from '../identity/index.ts'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { consentId, type Hash32, quantity, toBase64Url, type UnixSeconds } from '../vocabulary/index.ts'
import {
  CALL_SECONDS,
  type Call,
  checkCall,
  type Emergency,
  type Glass,
  handOverHalf,
  joinHalves,
  RELEASE_SECONDS,
  signCall,
  signRelease,
} from './emergency.ts'
import { codeOf, granted, type Scene, scene } from './testing/scene.ts'
import { at, DAY, type House, START, seedOf } from './testing/town.ts'

const PERSON = { handle: 'dr-lee', name: 'Dr Lee' }
const OFFICER = { handle: 'duty', name: 'Duty Officer' }
const REASON = 'found unconscious, no one with them'
const WINDOW = { from: at(START - 3 * DAY), until: at(START), expiresAt: at(START + 30 * DAY) }

/** Anna has sealed for North Clinic, with East Lab as second. */
async function sealed() {
  const s = await scene()
  const id = await granted(s, s.north, {
    ...WINDOW,
    subject: { type: 'institution' },
    purposes: ['ETREAT'],
    second: secondOf(s.east),
  })
  const { emergency } = grantOf(s, id)
  if (emergency === undefined) throw new Error('no halves came with the grant')
  return { s, id, emergency }
}

function secondOf(house: House) {
  return { institution: house.id, name: house.name, hpkeKey: toBase64Url(house.keys.hpke.publicKey) }
}

function grantOf(s: Scene, id: string) {
  const grant = s.north.open.reader.grants().find(({ consentId }) => consentId === id)
  if (grant === undefined) throw new Error('no grant arrived')
  return grant
}

function called(s: Scene, consentId: Call['body']['consentId'], when = s.place.now): Call {
  const body = { consentId, person: PERSON, reason: REASON, at: at(when) }
  return signCall(body, nodeCrypto, s.north.keys.message)
}

function released(s: Scene, call: Call, by: House = s.east): Glass {
  const on = { person: OFFICER, at: quantity<UnixSeconds>(s.place.now), signer: by.keys.message }
  return { call, release: signRelease(call, on, nodeCrypto.hasher) }
}

async function keyOf(s: Scene, emergency: Emergency) {
  const half = await handOverHalf(
    emergency,
    s.east.keys.hpke.privateKey,
    toBase64Url(s.north.keys.hpke.publicKey),
  )
  return joinHalves(emergency, s.north.keys.hpke.privateKey, half, nodeCrypto)
}

const asEmergency = (s: Scene, id: Call['body']['consentId'], broken: { key: Uint8Array; glass: Glass }) =>
  s.north.open.reader.read(id, { actor: { type: 'person', ...PERSON }, broken })

describe('an emergency envelope', () => {
  let made: Awaited<ReturnType<typeof sealed>>
  beforeAll(async () => {
    made = await sealed()
  })

  it('opens to reader and second together, and the patient reads who, why and with whom', async () => {
    const { s, id, emergency } = made
    const glass = released(s, called(s, id))
    const reading = await asEmergency(s, id, { key: await keyOf(s, emergency), glass })
    expect(reading.records.length).toBe(3 * 288)
    const [access] = (await s.anna.accesses()).filter(({ clear }) => clear.action === 'read')
    expect(access?.details).toMatchObject({
      purpose: 'ETREAT',
      actor: { handle: 'dr-lee' },
      emergency: {
        secondName: 'East Lab',
        call: { body: { reason: REASON, person: PERSON } },
        release: { body: { person: OFFICER } },
      },
    })
  })

  it('does not open to the reader alone, whatever the reader signs, and each attempt is on the log', async () => {
    const { s, id } = made
    expect(await codeOf(s.north.open.reader.covers(id))).toBe('ENVELOPE_REFUSED')
    expect(await codeOf(s.north.open.reader.read(id))).toBe('RELEASE_MISSING')
    expect(await codeOf(s.north.open.reader.search(id))).toBe('RELEASE_MISSING')
    const forged = released(s, called(s, id), s.north)
    expect(await codeOf(asEmergency(s, id, { key: new Uint8Array(32), glass: forged }))).toBe(
      'RELEASE_REFUSED',
    )
    const codes = (await s.anna.accesses()).map(({ details }) => Object(details).code)
    expect(codes.filter((code) => code !== undefined).slice(-3)).toEqual([
      'RELEASE_MISSING',
      'RELEASE_MISSING',
      'RELEASE_REFUSED',
    ])
  })

  it('does not open with a release and without the second’s half', async () => {
    const { s, id } = made
    const glass = released(s, called(s, id))
    expect(await codeOf(asEmergency(s, id, { key: s.north.keys.hpke.privateKey, glass }))).toBe(
      'ENVELOPE_REFUSED',
    )
  })

  it('gives nobody a half that is not sealed to them', async () => {
    const { s, emergency } = made
    const key = toBase64Url(s.north.keys.hpke.publicKey)
    expect(await codeOf(handOverHalf(emergency, s.south.keys.hpke.privateKey, key))).toBe(
      'HALF_DOES_NOT_OPEN',
    )
    const half = await handOverHalf(emergency, s.east.keys.hpke.privateKey, key)
    for (const seed of [s.south.keys.hpke.privateKey, s.east.keys.hpke.privateKey]) {
      expect(await codeOf(joinHalves(emergency, seed, half, nodeCrypto))).toBe('HALF_DOES_NOT_OPEN')
    }
  })

  it('a release holds for its own call and consent alone', async () => {
    const { s, id, emergency } = made
    const key = await keyOf(s, emergency)
    const [first, other] = [called(s, id), called(s, id)]
    const swapped = { call: other, release: released(s, first).release }
    expect(await codeOf(asEmergency(s, id, { key, glass: swapped }))).toBe('RELEASE_REFUSED')
    const elsewhere = called(s, s.north.id as unknown as Call['body']['consentId'])
    expect(await codeOf(asEmergency(s, id, { key, glass: released(s, elsewhere) }))).toBe('RELEASE_REFUSED')
  })

  it('says in the sentence that two are needed, and halves that were exchanged are refused', async () => {
    const { s, id, emergency } = made
    const grant = grantOf(s, id)
    expect(grant.terms.sentence).toContain('opens only when East Lab agrees too')
    const foreign = { ...emergency, kit: { ...emergency.kit, nonce: toBase64Url(new Uint8Array(12)) } }
    for (const changed of [{ ...grant, emergency: foreign }, stripped(grant)]) {
      expect(await codeOf(s.place.send(s.south.id, 'grant', { handOver: changed as never }))).toBe(
        'HAND_OVER_REFUSED',
      )
    }
  })

  it('is served while the release lasts, and stopped like any grant', async () => {
    const { s, id, emergency } = made
    const broken = { key: await keyOf(s, emergency), glass: released(s, called(s, id)) }
    s.place.now += RELEASE_SECONDS - 1
    expect(await codeOf(asEmergency(s, id, broken))).toBe('NO_ERROR')
    s.place.now += 1
    expect(await codeOf(asEmergency(s, id, broken))).toBe('RELEASE_OVER')
    const again = { ...broken, glass: released(s, called(s, id)) }
    expect(await codeOf(asEmergency(s, id, again))).toBe('NO_ERROR')
    await s.anna.revoke(id)
    expect(await codeOf(asEmergency(s, id, again))).toBe('CONSENT_REVOKED')
  })
  it('is sealed for emergencies alone, with another institution under its own key', async () => {
    const { s } = made
    const ask = async (purpose: 'TREAT' | 'ETREAT', second: ReturnType<typeof secondOf>) => {
      const code = await codeOf(granted(s, s.north, { ...WINDOW, purposes: [purpose], second }))
      for (const { id } of (await s.anna.collect()).requests) await s.anna.decline(id)
      return code
    }
    expect(await ask('TREAT', secondOf(s.east))).toBe('OPENING_REFUSED')
    expect(await ask('ETREAT', secondOf(s.north))).toBe('SECOND_REFUSED')
    expect(await ask('ETREAT', { ...secondOf(s.east), hpkeKey: secondOf(s.south).hpkeKey })).toBe(
      'SECOND_REFUSED',
    )
  })
})

describe('a call', () => {
  const by = institutionKeys(
    { ledger: seedOf('ledger'), message: seedOf('message'), hpke: seedOf('hpke') },
    nodeEd25519,
  )
  const consent = consentId(`0x${'c0'.repeat(32)}`)
  const judged = (work: () => unknown) => codeOf(Promise.resolve().then(work))

  it('needs a reason', async () => {
    const body = { consentId: consent, person: PERSON, reason: '          ', at: at(START) }
    expect(await judged(() => signCall(body, nodeCrypto, by.message))).toBe('REASON_MISSING')
  })

  it('is answered within an hour, and only if the reader signed it', async () => {
    const body = { consentId: consent, person: PERSON, reason: REASON, at: at(START) }
    const call = signCall(body, nodeCrypto, by.message)
    const check = (key: Hash32, seconds: number) =>
      judged(() => checkCall(call, key, at(START + seconds), nodeEd25519))
    expect(await check(by.public.messageKey, CALL_SECONDS)).toBe('NO_ERROR')
    expect(await check(by.public.messageKey, CALL_SECONDS + 1)).toBe('CALL_OVER')
    expect(await check(consent, 0)).toBe('SIGNATURE_REFUSED')
  })
})

function stripped(grant: ReturnType<typeof grantOf>) {
  const { emergency: _, ...rest } = grant
  return rest
}
