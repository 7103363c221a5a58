import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { address, hash32, quantity, toHex, type UnixSeconds, uint32 } from '../vocabulary/index.ts'
import { keccak } from './abi-words.ts'
import { applyGrant, applyRevoke, type Lives, stateAt } from './lifecycle.ts'
import { consentIdOf } from './opening.ts'

const DAY = 86_400
const signers = [0, 1, 2].map((i) => address(`0x${(i + 1).toString(16).padStart(40, '0')}`))
const consents = signers.flatMap((signer, i) =>
  [0, 1].map((j) => {
    const commitment = keccak(uint32(i), uint32(j))
    return { signer, consentId: consentIdOf(hash32(commitment), signer), expiryDay: 10 + i }
  }),
)

type Step =
  | { readonly do: 'grant'; readonly which: number; readonly at: number }
  | { readonly do: 'revoke'; readonly which: number; readonly at: number }

const step: fc.Arbitrary<Step> = fc.record({
  do: fc.constantFrom('grant' as const, 'revoke' as const),
  which: fc.nat({ max: consents.length - 1 }),
  at: fc.nat({ max: 14 * DAY }),
})

describe('the life of a consent', () => {
  it('never leaves REVOKED, never comes back, and one address stands for one consent', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let lives: Lives = new Map()
        const ended = new Set<string>()
        const owners = new Map<string, string>()
        for (const { do: what, which, at } of steps) {
          const one = consents[which]!
          const now = quantity<UnixSeconds>(at)
          const before = stateAt(lives, one.signer, one.consentId, now)
          const owner = owners.get(one.signer)
          if (what === 'grant') {
            const [after, outcome] = applyGrant(lives, one, now)
            lives = after
            expect(outcome === 'GRANTED').toBe(
              before === 'NONE' && owner === undefined && one.expiryDay * DAY > at,
            )
            if (outcome === 'GRANTED') owners.set(one.signer, one.consentId)
          } else {
            const [after, outcome] = applyRevoke(lives, one)
            lives = after
            // The owner can always revoke: every outcome but another consent's address ends in REVOKED.
            if (owner === undefined || owner === one.consentId) {
              expect(outcome).not.toBe('ADDRESS_SPENT')
              ended.add(one.consentId)
              owners.set(one.signer, one.consentId)
            }
          }
          for (const consent of consents) {
            const state = stateAt(lives, consent.signer, consent.consentId, now)
            expect(state === 'REVOKED').toBe(ended.has(consent.consentId))
            expect(state === 'EXPIRED').toBe(
              !ended.has(consent.consentId) &&
                owners.get(consent.signer) === consent.consentId &&
                consent.expiryDay * DAY <= at,
            )
          }
        }
      }),
    )
  })

  it('ends a grant that was held back behind its revoke', () => {
    const [one] = consents
    const [revoked, first] = applyRevoke(new Map(), one!)
    expect(first).toBe('TOMBSTONE')
    const [after, late] = applyGrant(revoked, one!, quantity<UnixSeconds>(0))
    expect(late).toBe('ALREADY_REVOKED')
    expect(stateAt(after, one!.signer, one!.consentId, quantity<UnixSeconds>(0))).toBe('REVOKED')
    expect(toHex(uint32(1))).toBe('0x00000001')
  })
})
