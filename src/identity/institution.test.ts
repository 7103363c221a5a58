import { describe, expect, it } from 'vitest'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import {
  address,
  hash32,
  type InstitutionId,
  institutionId,
  patientId,
  quantity,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { signer } from './ed25519.ts'
import {
  checkEnrolment,
  type EnrolmentContext,
  type EnrolmentRequest,
  type Invitation,
  invite,
  requestEnrolment,
} from './institution-enrolment.ts'
import { drawInstitutionSecrets, hpkeKeyHash, institutionKeys } from './institution-keys.ts'
import { checkRotation, keyHistory, rotateKeys } from './key-rotation.ts'
import { proveLedgerKey, verifyLedgerKeyProof } from './ledger-proof.ts'
import { nodeEd25519 as ed } from './node-signer.door.ts'
import { checkPatientEnrolment, enrolPatient } from './patient-enrolment.ts'
import { patientKeys } from './patient-keys.ts'
import { signDocument } from './sign-document.ts'

const { hasher, cipher } = nodeCrypto
const fresh = () => institutionKeys(drawInstitutionSecrets(cipher.random), ed)
const id = (fill: string): InstitutionId => institutionId(`0x${fill.repeat(32)}`)
const at = (seconds: number): UnixSeconds => quantity<UnixSeconds>(1_800_000_000 + seconds)
const north = fresh()
const candidate = fresh()
const membership = address(`0x${'11'.repeat(20)}`)
const context: EnrolmentContext = {
  chainId: 7,
  membership,
  at: at(0),
  messageKeyOf: (institution) => (institution === id('01') ? north.public.messageKey : undefined),
  isKnown: (institution) => institution === id('01'),
  isUsed: () => false,
}
const terms = {
  id: 'ab'.repeat(16),
  chainId: 7,
  membership,
  inviter: id('01'),
  institution: id('02'),
  purpose: 'join',
  roles: ['hospital', 'research'],
  expires: at(60),
} as const
const invitation = invite(terms, north.message)
const answer = (to: Invitation = invitation, keys = candidate): EnrolmentRequest =>
  requestEnrolment(to, { keys, name: 'South Clinic', at: at(1) }, hasher)
const request = answer()
const check = (r: EnrolmentRequest, i: Invitation = invitation, c: Partial<EnrolmentContext> = {}) =>
  checkEnrolment(r, i, { ...context, ...c }, ed, hasher)

describe('the enrolment of an institution', () => {
  it('gives the members exactly the entry to vote on', () => {
    expect(check(request)).toEqual({
      ok: true,
      purpose: 'join',
      entry: {
        id: id('02'),
        ledgerAddress: candidate.ledgerAddress,
        messageKey: candidate.public.messageKey,
        hpkeKeyHash: toHex(hasher.sha256(candidate.hpke.publicKey)),
        roleMask: 0b11,
      },
    })
  })

  const resigned = (change: Partial<EnrolmentRequest['body']>, keys = candidate): EnrolmentRequest => ({
    ...request,
    ...signDocument('islet.enrolment-request/1', { ...request.body, ...change }, keys.message),
  })
  const outsider = fresh()
  it.each([
    {
      why: 'the invitation is of another chain',
      run: () => check(request, invitation, { chainId: 8 }),
      code: 'INVITATION_ELSEWHERE',
    },
    {
      why: 'it is of another consortium',
      run: () => check(request, invitation, { membership: address(`0x${'22'.repeat(20)}`) }),
      code: 'INVITATION_ELSEWHERE',
    },
    {
      why: 'the inviter is no active member',
      run: () => check(request, invitation, { messageKeyOf: () => undefined }),
      code: 'INVITER_NOT_MEMBER',
    },
    {
      why: 'somebody else signed it in the inviter’s name',
      run: () => check(request, invite(terms, outsider.message)),
      code: 'INVITATION_FORGED',
    },
    {
      why: 'its roles were widened after signing',
      run: () => check(request, { ...invitation, body: { ...invitation.body, roles: ['auditor'] } }),
      code: 'INVITATION_FORGED',
    },
    {
      why: 'its end is no instant',
      run: () =>
        check(
          request,
          signDocument('islet.invitation/1', { ...invitation.body, expires: 'soon' }, north.message),
        ),
      code: 'INVITATION_FORGED',
    },
    {
      why: 'it has expired',
      run: () => check(request, invitation, { at: at(60) }),
      code: 'INVITATION_EXPIRED',
    },
    {
      why: 'it was used before',
      run: () => check(request, invitation, { isUsed: () => true }),
      code: 'INVITATION_USED',
    },
    {
      why: 'the institution is there already',
      run: () => check(request, invitation, { isKnown: () => true }),
      code: 'INSTITUTION_KNOWN',
    },
    {
      why: 'the request answers another invitation',
      run: () => check(answer(invite({ ...terms, id: 'cd'.repeat(16) }, north.message))),
      code: 'REQUEST_OF_OTHER_INVITATION',
    },
    {
      why: 'it names another institution',
      run: () => check(resigned({ institution: id('03') })),
      code: 'REQUEST_OF_OTHER_INVITATION',
    },
    {
      why: 'it was changed after signing',
      run: () => check({ ...request, body: { ...request.body, name: 'Other' } }),
      code: 'REQUEST_FORGED',
    },
    {
      why: 'it carries a message key it does not hold',
      run: () => check(resigned({ keys: { ...candidate.public, messageKey: outsider.public.messageKey } })),
      code: 'REQUEST_FORGED',
    },
    {
      why: 'it claims a ledger key it does not hold',
      run: () => check(resigned({ keys: { ...candidate.public, ledgerAddress: outsider.ledgerAddress } })),
      code: 'LEDGER_KEY_UNPROVED',
    },
    {
      why: 'its HPKE key was exchanged for one that others proved',
      run: () => check(resigned({ keys: { ...candidate.public, hpkeKey: outsider.public.hpkeKey } })),
      code: 'LEDGER_KEY_UNPROVED',
    },
    {
      why: 'it asks for more roles than were offered',
      run: () => {
        const body = { ...request.body, roles: ['auditor'] as const }
        const ledgerProof = proveBody(body)
        return check({ ...signDocument('islet.enrolment-request/1', body, candidate.message), ledgerProof })
      },
      code: 'ROLES_WIDENED',
    },
  ])('is refused when $why', ({ run, code }) => {
    expect(run()).toEqual({ ok: false, code })
  })

  it('brings back an institution that lost its keys, under the id it had', () => {
    const back = invite({ ...terms, institution: id('05'), purpose: 'replace-keys' }, north.message)
    const keys = fresh()
    const known = { isKnown: (institution: InstitutionId) => institution === id('05') }
    expect(check(answer(back, keys), back, known)).toMatchObject({
      ok: true,
      purpose: 'replace-keys',
      entry: { id: id('05'), ledgerAddress: keys.ledgerAddress },
    })
    expect(check(answer(back, keys), back)).toEqual({ ok: false, code: 'INSTITUTION_UNKNOWN' })
  })

  it('commits to the HPKE key by its hash', () => {
    expect(hpkeKeyHash(candidate.public.hpkeKey, hasher)).toBe(toHex(hasher.sha256(candidate.hpke.publicKey)))
  })
})

function proveBody(body: EnrolmentRequest['body']) {
  const bytes = signDocumentBytes(body)
  return proveLedgerKey(candidate.ledgerKey, bytes)
}
function signDocumentBytes(body: EnrolmentRequest['body']): Uint8Array {
  let seen: Uint8Array = new Uint8Array(0)
  const spy = {
    publicKey: candidate.message.publicKey,
    sign: (message: Uint8Array) => {
      seen = message
      return candidate.message.sign(message)
    },
  }
  signDocument('islet.enrolment-request/1', body, spy)
  return seen
}

describe('a proof of a ledger key', () => {
  it('holds for its document and its address only', () => {
    const document = Uint8Array.of(1, 2, 3)
    const proof = proveLedgerKey(candidate.ledgerKey, document)
    expect(verifyLedgerKeyProof(proof, document, candidate.ledgerAddress)).toBe(true)
    expect(verifyLedgerKeyProof(proof, Uint8Array.of(1, 2, 4), candidate.ledgerAddress)).toBe(false)
    expect(verifyLedgerKeyProof(proof, document, north.ledgerAddress)).toBe(false)
    for (const bad of ['0x', `${proof}00`, `0x${'ff'.repeat(65)}`, `0x${'00'.repeat(65)}`] as const) {
      expect(verifyLedgerKeyProof(bad, document, candidate.ledgerAddress)).toBe(false)
    }
  })
})

describe('the rotation of an institution’s keys', () => {
  const keys = [fresh(), fresh(), fresh()] as const
  const first = rotateKeys(id('01'), { previous: keys[0], next: keys[1] }, 1, at(0))
  const second = rotateKeys(id('01'), { previous: keys[1], next: keys[2] }, 2, at(1))
  const known = { id: id('01'), messageKey: keys[0].public.messageKey, done: 0 }

  it('holds when the old key signed it and the new ones prove themselves', () => {
    expect(checkRotation(first, known, ed)).toEqual({ ok: true, keys: keys[1].public })
  })

  it.each([
    {
      why: 'another institution',
      rotation: first,
      against: { ...known, id: id('02') },
      code: 'ROTATION_ELSEWHERE',
    },
    {
      why: 'a key that is not the current one',
      rotation: second,
      against: { ...known, done: 1 },
      code: 'ROTATION_FORGED',
    },
    {
      why: 'a number left out',
      rotation: first,
      against: { ...known, done: 1 },
      code: 'ROTATION_OUT_OF_ORDER',
    },
    {
      why: 'a new message key that nobody proved',
      rotation: { ...first, possession: second.possession },
      against: known,
      code: 'ROTATION_KEY_UNPROVED',
    },
    {
      why: 'a new ledger key that nobody proved',
      rotation: { ...first, ledgerProof: second.ledgerProof },
      against: known,
      code: 'ROTATION_KEY_UNPROVED',
    },
  ])('is refused for $why', ({ rotation, against, code }) => {
    expect(checkRotation(rotation, against, ed)).toEqual({ ok: false, code })
  })

  it('leaves a history of keys that can be checked from the first one, in any order of arrival', () => {
    expect(keyHistory(id('01'), keys[0].public, [second, first], ed)).toEqual({
      ok: true,
      messageKeys: [keys[2], keys[1], keys[0]].map((k) => k.public.messageKey),
      current: keys[2].public,
    })
    expect(keyHistory(id('01'), keys[0].public, [second], ed)).toMatchObject({ ok: false, sequence: 2 })
  })
})

describe('the enrolment of a patient', () => {
  const keys = patientKeys(new Uint8Array(32).fill(1), hasher, ed)
  const patient = patientId('ab'.repeat(16))
  const enrolment = enrolPatient(keys, { patient, custodian: id('01'), sequence: 0, at: at(0) })

  it('is taken by the custodian it names, once and again', () => {
    expect(checkPatientEnrolment(enrolment, id('01'), undefined, ed)).toEqual({ ok: true })
    expect(checkPatientEnrolment(enrolment, id('01'), enrolment, ed)).toEqual({ ok: true })
    const next = enrolPatient(keys, { patient, custodian: id('01'), sequence: 1, at: at(5) })
    expect(checkPatientEnrolment(next, id('01'), enrolment, ed)).toEqual({ ok: true })
  })

  it.each([
    {
      why: 'it names another custodian',
      run: () => checkPatientEnrolment(enrolment, id('02'), undefined, ed),
      code: 'ENROLMENT_ELSEWHERE',
    },
    {
      why: 'its inbox key was exchanged',
      run: () =>
        checkPatientEnrolment(
          { ...enrolment, body: { ...enrolment.body, inboxKey: candidate.public.hpkeKey } },
          id('01'),
          undefined,
          ed,
        ),
      code: 'ENROLMENT_FORGED',
    },
    {
      why: 'another key signed it',
      run: () =>
        checkPatientEnrolment(
          signDocument('islet.patient-enrolment/1', enrolment.body, signer(new Uint8Array(32), ed)),
          id('01'),
          undefined,
          ed,
        ),
      code: 'ENROLMENT_FORGED',
    },
    {
      why: 'its inbox key is no key',
      run: () =>
        checkPatientEnrolment(
          signDocument('islet.patient-enrolment/1', { ...enrolment.body, inboxKey: 'AAAA' }, keys.identity),
          id('01'),
          undefined,
          ed,
        ),
      code: 'ENROLMENT_KEY_WRONG',
    },
    {
      why: 'it is older than the one there',
      run: () =>
        checkPatientEnrolment(
          enrolPatient(keys, { patient, custodian: id('01'), sequence: 0, at: at(9) }),
          id('01'),
          enrolment,
          ed,
        ),
      code: 'ENROLMENT_STALE',
    },
    {
      why: 'another patient claims the handle',
      run: () =>
        checkPatientEnrolment(
          enrolPatient(patientKeys(new Uint8Array(32), hasher, ed), {
            patient,
            custodian: id('01'),
            sequence: 1,
            at: at(9),
          }),
          id('01'),
          enrolment,
          ed,
        ),
      code: 'ENROLMENT_FORGED',
    },
  ])('is refused when $why', ({ run, code }) => {
    expect(run()).toEqual({ ok: false, code })
  })

  it('names no person: key, handle and custodian only', () => {
    expect(Object.keys(enrolment.body).toSorted()).toEqual([
      'at',
      'custodian',
      'identityKey',
      'inboxKey',
      'patient',
      'sequence',
      'streamCommitment',
    ])
    expect(hash32(enrolment.body.identityKey)).toBe(keys.identityKey)
  })
})
