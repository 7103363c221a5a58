import { describe, expect, it } from 'vitest'
import { nodeEd25519 } from '../identity/node-signer.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { fromBase64Url, hash32, isIsletError } from '../vocabulary/index.ts'
import { keccakText } from './abi-words.ts'
import { checkHandOver, type HandOver, signOwnership } from './hand-over.ts'
import { addressOfSecret, signDigest } from './intents.ts'
import { commitmentOf, consentIdOf } from './opening.ts'
import { signEnvelope } from './signed-envelope.ts'
import { termsHash } from './terms.ts'
import { askOf, at, DAY, START, seedOf, town } from './testing/town.ts'

async function genuine() {
  const place = town()
  const south = await place.house('South Hospital')
  const north = await place.house('North Clinic')
  const anna = await place.patient('anna')
  await anna.enrol(south.id)
  const mailbox = await anna.openMailbox('North Clinic')
  const ask = askOf(north, { from: at(START - DAY), until: at(START) })
  await north.open.reader.ask({ custodian: south.id, mailbox }, ask, north.chain)
  const [pending] = (await anna.collect()).requests
  const handOver = (await anna.grant(pending!.request)).handOver
  return { place, south, handOver, domain: south.chain.domain }
}

function codeOf(handOver: HandOver, domain: Parameters<typeof checkHandOver>[1]): string {
  try {
    checkHandOver(handOver, domain, { hasher: nodeCrypto.hasher, ed: nodeEd25519 })
    return 'NO_ERROR'
  } catch (error) {
    if (isIsletError(error))
      return error.facts['part'] === undefined ? error.code : `${error.code} ${error.facts['part']}`
    throw error
  }
}

describe('a hand-over', () => {
  it('is taken whole, and refused when any part of it is not what was committed to', async () => {
    const { place, handOver, domain } = await genuine()
    expect(codeOf(handOver, domain)).toBe('NO_ERROR')
    const { opening, terms, ownership, envelope } = handOver
    const mia = place.keysOf('mia')
    const cases: readonly (readonly [string, HandOver, string])[] = [
      [
        'a longer window',
        { ...handOver, opening: { ...opening, expiresAt: at(opening.expiresAt + 1) } },
        'HAND_OVER_REFUSED consentId',
      ],
      [
        'another sentence',
        { ...handOver, terms: { ...terms, sentence: 'North Clinic can read nothing.' } },
        'HAND_OVER_REFUSED terms',
      ],
      [
        'another person',
        { ...handOver, subject: { type: 'person', handle: 'x', name: 'Dr Lee' } },
        'HAND_OVER_REFUSED subject',
      ],
      [
        'another name on the screen',
        { ...handOver, readerName: 'South Clinic' },
        'HAND_OVER_REFUSED sentence',
      ],
      [
        'another consent id',
        { ...handOver, consentId: consentIdOf(keccakText('x'), handOver.signer) },
        'HAND_OVER_REFUSED consentId',
      ],
      [
        'an identity key that is not the patient’s',
        { ...handOver, ownership: signOwnership(domain, ownership.body, mia.identity) },
        'HAND_OVER_REFUSED ownership',
      ],
      [
        'a word for another address',
        {
          ...handOver,
          ownership: signOwnership(
            domain,
            { ...ownership.body, address: addressOfSecret(seedOf('x')) },
            place.keysOf('anna').identity,
          ),
        },
        'HAND_OVER_REFUSED ownership',
      ],
      [
        'a changed word',
        { ...handOver, ownership: { ...ownership, body: { ...ownership.body, stream: 'A'.repeat(43) } } },
        'SIGNATURE_REFUSED',
      ],
      [
        'another envelope',
        { ...handOver, envelope: { ...envelope, sealed: `${envelope.sealed.slice(0, -4)}AAAA` } },
        'ENVELOPE_REFUSED',
      ],
      [
        'an unsigned envelope',
        { ...handOver, envelope: { ...envelope, signature: signDigest(seedOf('x'), keccakText('x')) } },
        'ENVELOPE_REFUSED',
      ],
      [
        'another custodian',
        { ...handOver, custodian: handOver.opening.reader },
        'HAND_OVER_REFUSED ownership',
      ],
      [
        'a guardian without a word',
        { ...handOver, opening: { ...opening, delegation: 1 } },
        'DELEGATION_MISSING',
      ],
    ]
    for (const [what, changed, code] of cases) expect(codeOf(changed, domain), what).toBe(code)
    expect(codeOf(handOver, { ...domain, chainId: domain.chainId + 1n })).toBe('HAND_OVER_REFUSED ownership')
  })

  it('cannot be invented by an institution: it lacks the patient’s identity key', async () => {
    const { place, south, handOver, domain } = await genuine()
    // South Hospital makes a consent of its own for Anna's data: a fresh key, a sound opening, honest terms.
    const key = seedOf('invented by the hospital')
    const signer = addressOfSecret(key)
    const opening = {
      ...handOver.opening,
      salt: hash32(`0x${'12'.repeat(32)}`),
      terms: termsHash(handOver.terms),
    }
    const consentId = consentIdOf(commitmentOf(opening), signer)
    const body = { ...handOver.ownership.body, address: signer }
    const notice = { ...handOver.envelope.notice, signer, consentId }
    const invented: HandOver = {
      ...handOver,
      opening,
      signer,
      consentId,
      ownership: signOwnership(domain, body, south.keys.message),
      envelope: signEnvelope(notice, fromBase64Url(handOver.envelope.sealed), key),
    }
    expect(codeOf(invented, domain)).toBe('HAND_OVER_REFUSED ownership')
    const answer = south.open.handle('grant', JSON.parse(JSON.stringify({ handOver: invented })))
    await expect(answer).rejects.toThrow('committed to')
    expect(place.wire.length).toBeGreaterThan(0)
  })
})
