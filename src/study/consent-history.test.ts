import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type ConsentClaim,
  commitmentOf,
  consentIdOf,
  expiryDayOf,
  type Opening,
  subjectHash,
} from '../consent/browser.door.ts'
import { founderOf, hashOf, signerOf } from '../ledger/testing/fixtures.ts'
import { type ConsentId, type HourWindow, hourOf, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { cohortAt, studySubject } from './cohort.ts'
import { type ConsentFact, ConsentHistory } from './consent-history.ts'
import { exclusionReceipt, roundsWithout } from './exclusion-receipt.ts'

const START = 1_800_000_000
const BLOCK_SECONDS = 5
const instant = (seconds: number): UnixSeconds => quantity<UnixSeconds>(seconds)
const at = (block: number): UnixSeconds => instant(START + block * BLOCK_SECONDS)
const site = founderOf('a site').id
const subject = studySubject(hashOf('study'), hashOf('sheet'), 'Study')
const window: HourWindow = { first: hourOf(instant(START - 7 * 86_400)), end: hourOf(instant(START)) }
const needs = { site, subject, earlier: [], kinds: ['glucose'], purpose: 'HRESCH', window } as const

/** A consent that ends at an instant. */
function claimOf(name: string, person: string, expiresAt: UnixSeconds): ConsentClaim {
  const opening: Opening = {
    reader: site,
    subject: subjectHash(site, subject),
    kinds: ['glucose'],
    actions: ['read'],
    purposes: ['HRESCH'],
    window,
    notBefore: instant(START - 86_400),
    expiresAt,
    patientKey: hashOf(`person ${person}`),
    delegation: 0,
    terms: hashOf('terms'),
    salt: hashOf(`salt ${name}`),
  }
  const signer = signerOf('one signer').address
  return { consentId: consentIdOf(commitmentOf(opening), signer), signer, opening }
}

const PEOPLE = 3
const GRANTS = 2
const LAST = 30
const deeds = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        do: fc.constantFrom('grant' as const, 'revoke' as const),
        who: fc.nat(PEOPLE - 1),
        which: fc.nat(GRANTS - 1),
      }),
    },
    { weight: 3, arbitrary: fc.constant({ do: 'round' } as const) },
    { weight: 1, arbitrary: fc.constantFrom({ do: 'suspend' } as const, { do: 'reinstate' } as const) },
  ),
  { maxLength: 24 },
)
/** Blocks after which each consent ends. */
const lives = fc.array(fc.integer({ min: 1, max: LAST }), {
  minLength: PEOPLE * GRANTS,
  maxLength: PEOPLE * GRANTS,
})

test('over 500 random histories the cohort of every round is exactly the set of a reference model', () => {
  fc.assert(
    fc.property(deeds, lives, (history, ends) => {
      const claims = ends.map((end, i) => claimOf(`${i}`, `${i % PEOPLE}`, at(end)))
      const facts: ConsentFact[] = [{ type: 'member', institution: site, active: true, block: 0 }]
      // The reference: what a person would say of each consent, walking through the history once.
      const said = claims.map(() => 'never' as 'active' | 'ended' | 'never')
      let active = true
      const rounds: { readonly block: number; readonly people: readonly string[] }[] = []
      history.forEach((deed, i) => {
        // Two deeds to a block: a round counts everything in its own block, before or after its opening.
        const block = 1 + Math.floor(i / 2)
        switch (deed.do) {
          case 'suspend':
          case 'reinstate':
            active = deed.do === 'reinstate'
            facts.push({ type: 'member', institution: site, active, block })
            break
          case 'round':
            break
          default: {
            const k = deed.which * PEOPLE + deed.who
            const claim = claims[k]
            if (claim === undefined) break
            const consent: ConsentId = claim.consentId
            if (deed.do === 'revoke') {
              said[k] = 'ended'
              facts.push({ type: 'revoked', consent, block })
            } else if (said[k] === 'never') {
              // The contract grants once, and never after a revoke.
              said[k] = 'active'
              facts.push({ type: 'granted', consent, expiryDay: expiryDayOf(claim.opening.expiresAt), block })
            }
          }
        }
        const isLast = i % 2 === 1 || i === history.length - 1
        if (!isLast || (deed.do !== 'round' && history[i - 1]?.do !== 'round')) return
        const people = claims.flatMap(({ opening }, k) =>
          active && said[k] === 'active' && (ends[k] ?? 0) > block ? [opening.patientKey as string] : [],
        )
        rounds.push({ block, people: [...new Set(people)].sort() })
      })
      const read = new ConsentHistory()
      for (const fact of facts) read.note(fact)
      for (const { block, people } of rounds) {
        const standing = (claim: ConsentClaim) => read.standing(claim, block)
        const { included, leftOut } = cohortAt(claims, needs, standing, at(block))
        expect(included.map(({ opening }) => opening.patientKey as string).sort()).toEqual(people)
        expect(included.length + leftOut.length).toBe(claims.length)
      }
    }),
    { numRuns: 520 },
  )
})

test('from the block of a revoke on, every round is without the person, and only those', () => {
  const claim = claimOf('one', 'one', at(1_000))
  const history = new ConsentHistory()
  history.note({ type: 'member', institution: site, active: true, block: 0 })
  history.note({
    type: 'granted',
    consent: claim.consentId,
    expiryDay: expiryDayOf(claim.opening.expiresAt),
    block: 2,
  })
  history.note({ type: 'revoked', consent: claim.consentId, block: 7 })
  expect(history.revokedIn(claim.consentId)).toBe(7)
  const receipt = exclusionReceipt(hashOf('study'), claim.consentId, {
    height: 7,
    hash: hashOf('block 7'),
    timestamp: at(7),
  })
  const rounds = [3, 6, 7, 8].map((openedBlock, i) => ({ round: i + 1, openedBlock }))
  const without = new Set(roundsWithout(receipt, rounds).map(({ round }) => round))
  for (const { round, openedBlock } of rounds) {
    const standing = (one: ConsentClaim) => history.standing(one, openedBlock)
    const { included } = cohortAt([claim], needs, standing, at(openedBlock))
    expect(included.length).toBe(without.has(round) ? 0 : 1)
  }
})
