import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AccessRequest, narrow } from '../../consent/browser.door.ts'
import { hash32, institutionId, quantity, startOfHour, type UnixSeconds } from '../../vocabulary/index.ts'
import { ACCESS_DAYS, choiceOf, firstPick, SPANS } from './share-choice.ts'

const ID = `0x${'11'.repeat(32)}`
const DAY = 86_400
const seconds = (at: number) => quantity<UnixSeconds>(at)

function requestOf(now: number, backDays: number, aheadDays: number): AccessRequest {
  return {
    schema: 'islet.request/1',
    reader: institutionId(ID),
    readerName: 'North Clinic',
    subject: { type: 'institution' },
    hpkeKey: 'AA',
    kinds: ['glucose', 'insulin'],
    actions: ['read'],
    purposes: ['TREAT'],
    from: seconds(now - backDays * DAY),
    until: seconds(now + aheadDays * DAY),
    expiresAt: seconds(now + aheadDays * DAY),
    created: seconds(now),
    salt: hash32(ID),
  }
}

describe('what a person picks', () => {
  const moment = fc.integer({ min: 1_700_000_000, max: 1_900_000_000 })

  test('is always an answer that `narrow` accepts, and gives no hour that is still to come unless asked', () => {
    fc.assert(
      fc.property(
        moment,
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 60 }),
        fc.constantFrom(...SPANS),
        fc.constantFrom(...ACCESS_DAYS),
        (now, back, ahead, span, accessDays) => {
          const request = requestOf(now, back, ahead)
          const choice = choiceOf(request, { ...firstPick(request), span, accessDays }, seconds(now))
          const { window, expiresAt } = narrow(request, choice, seconds(now))
          expect(startOfHour(window.first)).toBeGreaterThanOrEqual(request.from)
          expect(expiresAt).toBeLessThanOrEqual(now + accessDays * DAY + 60)
          if (span === 'asked') return
          expect(startOfHour(window.end)).toBeLessThanOrEqual(now)
          expect(window.end - window.first).toBeLessThanOrEqual(span * 24)
        },
      ),
    )
  })

  test('is three days of whole hours at first, where so much was asked for', () => {
    fc.assert(
      fc.property(moment, (now) => {
        const request = requestOf(now, 14, 30)
        const { window, kinds } = narrow(
          request,
          choiceOf(request, firstPick(request), seconds(now)),
          seconds(now),
        )
        expect(window.end - window.first).toBe(72)
        expect(kinds).toEqual(['glucose', 'insulin'])
      }),
    )
  })
})
