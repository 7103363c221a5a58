import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ACTIONS,
  hash32,
  institutionId,
  isIsletError,
  KINDS,
  PURPOSES,
  quantity,
  startOfHour,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { type AccessRequest, requestCommitment, subjectHash } from './access-request.ts'
import { type Choice, narrow } from './narrow.ts'
import { checkOpening, windowEndsByExpiry } from './opening.ts'
import { grantSentence } from './sentence.ts'

const NOW = quantity<UnixSeconds>(1_788_220_800)
const seconds = (value: number): UnixSeconds => quantity<UnixSeconds>(value)
const word = (digit: string) => hash32(`0x${digit.repeat(64)}`)

const request: AccessRequest = {
  schema: 'islet.request/1',
  reader: institutionId(word('1')),
  readerName: 'North Clinic',
  subject: { type: 'person', handle: 'dr-lee', name: 'Dr Lee' },
  hpkeKey: 'AAAA',
  kinds: ['glucose', 'insulin'],
  actions: ['read'],
  purposes: ['TREAT'],
  from: seconds(NOW - 13 * 86_400 + 600),
  until: seconds(NOW - 600),
  expiresAt: seconds(NOW + 4 * 86_400),
  created: NOW,
  salt: word('2'),
}

/** Mostly a part of what was asked, now and then of everything there is; often left out. */
function partOf<T>(asked: readonly T[], all: readonly T[]): fc.Arbitrary<readonly T[] | undefined> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(undefined) },
    { weight: 4, arbitrary: fc.shuffledSubarray([...asked], { minLength: 1 }) },
    { weight: 1, arbitrary: fc.shuffledSubarray([...all]) },
  )
}
/** Mostly on the narrow side of an instant. */
function near(around: number, inwards: 1 | -1): fc.Arbitrary<UnixSeconds | undefined> {
  const days = (least: number, most: number) => fc.integer({ min: least * 86_400, max: most * 86_400 })
  return fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 4, arbitrary: days(0, 3).map((by) => seconds(around + inwards * by)) },
    { weight: 1, arbitrary: days(-20, 20).map((by) => seconds(around + by)) },
  )
}

const anyChoice: fc.Arbitrary<Choice> = fc
  .record({
    kinds: partOf(request.kinds, KINDS),
    actions: partOf(request.actions, ACTIONS),
    purposes: partOf(request.purposes, PURPOSES),
    from: near(request.from, 1),
    until: near(request.until, -1),
    expiresAt: near(request.expiresAt, -1),
    notBefore: near(NOW, 1),
  })
  .map((choice) => Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== undefined)))

describe('narrowing', () => {
  it('never widens: whatever is chosen is refused or inside the request in every respect', () => {
    let agreed = 0
    fc.assert(
      fc.property(anyChoice, (choice) => {
        try {
          const agreement = narrow(request, choice, NOW)
          agreed++
          expect(agreement.kinds.every((kind) => request.kinds.includes(kind))).toBe(true)
          expect(agreement.actions.every((action) => request.actions.includes(action))).toBe(true)
          expect(agreement.purposes.every((purpose) => request.purposes.includes(purpose))).toBe(true)
          expect(startOfHour(agreement.window.first)).toBeGreaterThanOrEqual(
            Math.max(request.from, choice.from ?? 0),
          )
          expect(startOfHour(agreement.window.first)).toBeGreaterThanOrEqual(request.from)
          expect(startOfHour(agreement.window.end)).toBeLessThanOrEqual(
            Math.min(request.until, choice.until ?? request.until),
          )
          expect(agreement.expiresAt).toBeLessThanOrEqual(request.expiresAt)
          expect(agreement.notBefore).toBeGreaterThanOrEqual(NOW)
          expect(windowEndsByExpiry(agreement.window, agreement.expiresAt)).toBe(true)
        } catch (error) {
          const codes = [
            'NARROWING_WIDENS',
            'WINDOW_EMPTY',
            'WINDOW_AFTER_EXPIRY',
            'ACCESS_EMPTY',
            'HOUR_OUT_OF_RANGE',
          ]
          if (!isIsletError(error, ...codes)) throw error
        }
      }),
      { numRuns: 2_000 },
    )
    expect(agreed).toBeGreaterThan(200)
  })

  it('of nothing is the request, rounded inwards to whole hours', () => {
    const agreement = narrow(request, {}, NOW)
    expect(startOfHour(agreement.window.first)).toBe(NOW - 13 * 86_400 + 3600)
    expect(startOfHour(agreement.window.end)).toBe(NOW - 3600)
    const opening = {
      ...agreement,
      reader: request.reader,
      subject: subjectHash(request.reader, request.subject),
      patientKey: word('3'),
      delegation: 0,
      terms: word('4'),
      salt: word('5'),
    }
    expect(() => checkOpening(opening)).not.toThrow()
    expect(() => checkOpening({ ...opening, kinds: ['insulin', 'glucose'] })).toThrow('in order')
  })

  it('says in one sentence who reads what, why, until when, the rounding, and what cannot be undone', () => {
    const sentence = grantSentence(request.readerName, request.subject, narrow(request, {}, NOW))
    expect(sentence).toBe(
      'North Clinic – Dr Lee can read your glucose and insulin from 19 Aug 2026, 01:00 to 31 Aug 2026, 23:00 for your care, ' +
        'starting 1 Sep 2026, 00:00 and until 5 Sep 2026, 00:00. Times are in UTC; the data window is rounded inwards to ' +
        'whole hours. You can stop this at any time. What was fetched before you stop stays readable to them.',
    )
  })

  it('keeps the request’s commitment apart from requests that say the same with another salt', () => {
    expect(requestCommitment(request)).not.toBe(requestCommitment({ ...request, salt: word('6') }))
    const names = [
      subjectHash(request.reader, { type: 'person', handle: 'a', name: 'A' }),
      subjectHash(request.reader, { type: 'study', handle: 'a', name: 'A' }),
      subjectHash(institutionId(word('7')), { type: 'person', handle: 'a', name: 'A' }),
      subjectHash(request.reader, { type: 'institution' }),
    ]
    expect(new Set(names).size).toBe(4)
  })
})
