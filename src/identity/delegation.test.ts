import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import {
  authorityOf,
  DELEGATE_RIGHTS,
  type DelegateRight,
  type Delegation,
  type DelegationRevocation,
  delegate,
  endDelegation,
} from './delegation.ts'
import { nodeEd25519 as ed } from './node-signer.door.ts'
import { patientKeys } from './patient-keys.ts'
import { signDocument } from './sign-document.ts'

const person = (fill: number) => patientKeys(new Uint8Array(32).fill(fill), nodeHasher, ed)
const [patient, carer, stranger] = [person(1), person(2), person(3)]
const at = (seconds: number): UnixSeconds => quantity<UnixSeconds>(1_800_000_000 + seconds)
const terms = {
  id: 'ab'.repeat(16),
  delegate: carer.identityKey,
  rights: ['read'],
  from: at(0),
  until: at(100),
} as const
const care = delegate(terms, patient)
const may = (
  right: DelegateRight,
  when: number,
  delegations: readonly Delegation[] = [care],
  revocations: readonly DelegationRevocation[] = [],
  actor = carer,
) =>
  authorityOf(
    actor.identityKey,
    right,
    at(when),
    { patient: patient.identityKey, delegations, revocations },
    ed,
  )

describe('authority over a patient’s data', () => {
  it('is the patient’s own without any document, whatever delegations say', () => {
    for (const right of DELEGATE_RIGHTS)
      expect(may(right, 0, [], [], patient)).toEqual({ allowed: true, by: 'patient' })
  })

  it('is a delegate’s for the rights and the time in the document', () => {
    expect(may('read', 0)).toEqual({ allowed: true, by: 'delegate', delegation: terms.id })
    expect(may('read', 99.9)).toMatchObject({ allowed: true })
  })

  it.each([
    { why: 'there is no delegation', run: () => may('read', 0, []), code: 'DELEGATION_MISSING' },
    {
      why: 'it is somebody else’s',
      run: () => may('read', 0, [care], [], stranger),
      code: 'DELEGATION_MISSING',
    },
    { why: 'it gives another right', run: () => may('grant', 0), code: 'RIGHT_NOT_DELEGATED' },
    { why: 'it has not begun', run: () => may('read', -0.1), code: 'DELEGATION_NOT_YET' },
    { why: 'it has ended', run: () => may('read', 100), code: 'DELEGATION_EXPIRED' },
    {
      why: 'the patient revoked it',
      run: () => may('read', 1, [care], [endDelegation(care, at(1), patient.identity)]),
      code: 'DELEGATION_REVOKED',
    },
    {
      why: 'the delegate resigned',
      run: () => may('read', 1, [care], [endDelegation(care, at(1), carer.identity)]),
      code: 'DELEGATION_REVOKED',
    },
    {
      why: 'it was revoked with a later date: a revocation is terminal',
      run: () => may('read', 1, [care], [endDelegation(care, at(90), patient.identity)]),
      code: 'DELEGATION_REVOKED',
    },
    {
      why: 'the delegate made it',
      run: () => may('read', 1, [signDocument('islet.delegation/1', care.body, carer.identity)]),
      code: 'DELEGATION_FORGED',
    },
    {
      why: 'its rights were widened',
      run: () => may('grant', 1, [{ ...care, body: { ...care.body, rights: ['read', 'grant'] } }]),
      code: 'DELEGATION_FORGED',
    },
    {
      why: 'its end is no instant',
      run: () =>
        may('read', 1, [
          signDocument('islet.delegation/1', { ...care.body, until: 'never' }, patient.identity),
        ]),
      code: 'DELEGATION_FORGED',
    },
  ])('is refused when $why', ({ run, code }) => {
    expect(run()).toEqual({ allowed: false, code })
  })

  it('does not pass on: a delegate cannot make delegates', () => {
    const passedOn = delegate(
      { ...terms, delegate: stranger.identityKey },
      { identity: carer.identity, identityKey: patient.identityKey },
    )
    expect(may('read', 1, [care, passedOn], [], stranger)).toEqual({
      allowed: false,
      code: 'DELEGATION_FORGED',
    })
  })

  it('is not ended by a stranger, nor by the revocation of another delegation', () => {
    const other = delegate({ ...terms, id: 'cd'.repeat(16) }, patient)
    expect(
      may(
        'read',
        1,
        [care],
        [endDelegation(care, at(1), stranger.identity), endDelegation(other, at(1), patient.identity)],
      ),
    ).toMatchObject({ allowed: true })
  })

  it('stands by any one sound delegation, in any order, and says most about what is missing otherwise', () => {
    const guardian = delegate(
      { ...terms, id: 'cd'.repeat(16), rights: ['revoke', 'grant'], until: at(10) },
      patient,
    )
    expect(guardian.body.rights).toEqual(['grant', 'revoke'])
    fc.assert(
      fc.property(fc.shuffledSubarray([care, guardian], { minLength: 2 }), (known) => {
        expect(may('grant', 5, known)).toEqual({
          allowed: true,
          by: 'delegate',
          delegation: guardian.body.id,
        })
        expect(may('grant', 50, known)).toEqual({ allowed: false, code: 'DELEGATION_EXPIRED' })
        expect(may('read', 50, known)).toMatchObject({ allowed: true })
      }),
    )
  })
})
