import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type ConsentClaim,
  type ConsentStanding,
  commitmentOf,
  consentIdOf,
  expiryDayOf,
  type Opening,
  subjectHash,
} from '../consent/browser.door.ts'
import { address, type HourWindow, hash32, hourOf } from '../vocabulary/index.ts'
import { type CohortNeeds, cohortAt, studySubject } from './cohort.ts'
import { exclusionReceipt, roundsWithout } from './exclusion-receipt.ts'
import { at, hashOf, siteOf } from './testing/papers.ts'

const NOW = at(1_788_220_800)
const DAY = 86_400
const study = hashOf('study')
const site = siteOf('north')
const subject = studySubject(study, hashOf('sheet 2'), 'Forecasting lows')
const earlier = studySubject(study, hashOf('sheet 1'), 'Forecasting lows')
const window: HourWindow = { first: hourOf(at(NOW - 30 * DAY)), end: hourOf(at(NOW - DAY)) }
const needs: CohortNeeds = {
  site,
  subject,
  earlier: [earlier],
  kinds: ['glucose', 'insulin'],
  purpose: 'HRESCH',
  window,
}

function claimOf(name: string, changes: Partial<Opening> = {}): ConsentClaim {
  const opening: Opening = {
    reader: site,
    subject: subjectHash(site, subject),
    kinds: ['glucose', 'insulin'],
    actions: ['read'],
    purposes: ['HRESCH'],
    window: { first: window.first, end: window.end },
    notBefore: at(NOW - 40 * DAY),
    expiresAt: at(NOW + 40 * DAY),
    patientKey: hashOf(`patient ${name}`),
    delegation: 0,
    terms: hashOf('terms'),
    salt: hashOf(`salt ${name}`),
    ...changes,
  }
  const signer = address(`0x${hashOf(`signer ${name}`).slice(26)}`)
  return { consentId: consentIdOf(commitmentOf(opening), signer), signer, opening }
}

const active = (claim: ConsentClaim): ConsentStanding => ({
  state: 'ACTIVE',
  expiryDay: expiryDayOf(claim.opening.expiresAt),
  readerActive: true,
})

describe('a cohort at a block', () => {
  it.each<[string, Partial<Opening>, Partial<ConsentStanding>, string]>([
    ['a consent to the earlier sheet', { subject: subjectHash(site, earlier) }, {}, 'SHEET_OUTDATED'],
    ['a consent to another study', { subject: hashOf('other') }, {}, 'SUBJECT_MISMATCH'],
    ['a consent to another site', { reader: siteOf('south') }, {}, 'READER_MISMATCH'],
    ['one kind of data too few', { kinds: ['glucose'] }, {}, 'KIND_NOT_GRANTED'],
    ['another purpose', { purposes: ['TREAT'] }, {}, 'PURPOSE_NOT_GRANTED'],
    ['writing only', { actions: ['write'] }, {}, 'ACTION_NOT_GRANTED'],
    [
      'an hour too little',
      { window: { ...window, first: (window.first + 1) as never } },
      {},
      'HOURS_NOT_GRANTED',
    ],
    ['a consent that begins later', { notBefore: at(NOW + 1) }, {}, 'NOT_YET_VALID'],
    ['a consent that ends at this instant', { expiresAt: NOW }, {}, 'CONSENT_EXPIRED'],
    ['a revoked consent', {}, { state: 'REVOKED' }, 'CONSENT_REVOKED'],
    ['a consent that the ledger does not know', {}, { state: 'NONE' }, 'CONSENT_UNKNOWN'],
    ['a suspended site', {}, { readerActive: false }, 'READER_SUSPENDED'],
  ])('leaves out %s, with the reason', (_, changes, standing, code) => {
    const one = claimOf('one', changes)
    const cohort = cohortAt([one], needs, (claim) => ({ ...active(claim), ...standing }), NOW)
    expect(cohort).toEqual({ included: [], leftOut: [{ consentId: one.consentId, code }] })
  })

  it('leaves out an opening that was altered after it was signed', () => {
    const one = claimOf('one')
    const altered = { ...one, opening: { ...one.opening, expiresAt: at(NOW + 400 * DAY) } }
    const { leftOut } = cohortAt([altered], needs, active, NOW)
    expect(leftOut).toEqual([{ consentId: one.consentId, code: 'OPENING_MISMATCH' }])
  })

  it('counts a person once, however many grants they gave', () => {
    const twice = [claimOf('one'), claimOf('one', { salt: hashOf('again') })]
    const { included, leftOut } = cohortAt(twice, needs, active, NOW)
    expect([included.length, leftOut.map(({ code }) => code)]).toEqual([1, ['COUNTED_ALREADY']])
  })

  it('is every person whose consent holds and no other, in any order of the grants', () => {
    const kind = fc.constantFrom('holds', 'revoked', 'expired', 'other-purpose')
    fc.assert(
      fc.property(fc.array(kind, { maxLength: 30 }), fc.nat(), (kinds, turn) => {
        const claims = kinds.map((what, i) => {
          if (what === 'expired') return claimOf(`${i}`, { expiresAt: at(NOW - 1) })
          return claimOf(`${i}`, what === 'other-purpose' ? { purposes: ['TREAT'] } : {})
        })
        const revoked = new Set(
          claims.filter((_, i) => kinds[i] === 'revoked').map((claim) => claim.consentId),
        )
        const standing = (claim: ConsentClaim): ConsentStanding =>
          revoked.has(claim.consentId) ? { ...active(claim), state: 'REVOKED' } : active(claim)
        const turned = claims.map((_, i) => claims[(i + turn) % claims.length] as ConsentClaim)
        const cohort = cohortAt(turned, needs, standing, NOW)
        const expected = claims.filter((_, i) => kinds[i] === 'holds').map(({ consentId }) => consentId)
        expect(cohort.included.map(({ consentId }) => consentId)).toEqual(expected.sort())
        expect(cohort.included.length + cohort.leftOut.length).toBe(claims.length)
      }),
      { numRuns: 60 },
    )
  })
})

it('a study at a site is another subject by another sheet, study or site', () => {
  const subjects = [
    subjectHash(site, subject),
    subjectHash(site, earlier),
    subjectHash(siteOf('south'), subject),
    subjectHash(site, studySubject(hashOf('other'), hashOf('sheet 2'), 'Forecasting lows')),
  ]
  expect(new Set(subjects).size).toBe(4)
})

describe('the receipt of a person who revoked', () => {
  const revoked = { height: 20, hash: hashOf('block 20'), timestamp: at(NOW) }
  const { consentId } = claimOf('one')
  const receipt = exclusionReceipt(study, consentId, revoked)

  it('names the block from which on they are out, and no person', () => {
    expect(receipt).toEqual({
      schema: 'islet.study.exclusion/1',
      study,
      consent: consentId,
      out_from_block: 20,
      block_hash: hash32(revoked.hash),
      out_from: NOW,
    })
  })

  it('keeps them out of every round opened in that block or later, and of no earlier one', () => {
    const rounds = [18, 19, 20, 21, 30].map((openedBlock, i) => ({ round: i + 1, openedBlock }))
    expect(roundsWithout(receipt, rounds).map(({ round }) => round)).toEqual([3, 4, 5])
  })
})
