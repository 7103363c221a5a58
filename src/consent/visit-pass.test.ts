/** A visit pass lets one reader in, for a short look, inside what the patient set, and tells nothing by itself. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { institutionId, isIsletError, KINDS, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import type { AccessRequest } from './access-request.ts'
import { narrow } from './narrow.ts'
import type { Ask } from './reader-agent.ts'
import { codeOf, scene } from './testing/scene.ts'
import { askOf, at, DAY, HOUR, type House, START } from './testing/town.ts'
import {
  checkPassTerms,
  choiceOnPass,
  LONGEST_PASS_SECONDS,
  type PassTerms,
  passText,
  readPass,
} from './visit-pass.ts'

const TERMS = { kinds: ['glucose'], days: 3, until: at(START + 2 * HOUR) } as const
const ID = institutionId(`0x${'a1'.repeat(32)}`)

/** A house scans a pass and asks on it. */
async function scan(house: House, text: string, ask: Partial<Ask> = {}): Promise<void> {
  const pass = readPass(text, at(START))
  const wish = { from: at(START - 30 * DAY), until: at(START + 30 * DAY), expiresAt: at(START + 30 * DAY) }
  await house.open.reader.ask(pass, askOf(house, { ...wish, pass: pass.mailbox, ...ask }), house.chain)
}

async function waiting(anna: Awaited<ReturnType<typeof scene>>['anna']) {
  const pending = (await anna.collect()).requests.at(-1)
  if (pending === undefined) throw new Error('no request arrived')
  return pending
}

describe('the text of a pass', () => {
  test('reads back as written, in capitals that a QR code packs tightest', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4_000_000_000 }),
        fc.stringMatching(/^[0-9a-f]{32}$/),
        (end, mailbox) => {
          const pass = { custodian: ID, mailbox, until: quantity<UnixSeconds>(end) }
          const text = passText(pass)
          expect(text).toMatch(/^[0-9A-Z:]{106,115}$/)
          expect(readPass(` ${text.toLowerCase()}\n`, at(end - 1))).toEqual(pass)
          expect(codeNow(() => readPass(text, at(end)))).toBe('PASS_OVER')
        },
      ),
    )
  })

  test.each(['', 'ISLET1', 'ISLET1:12:34:5', 'ISLET2:', 'https://example.org'])('%j is refused', (text) => {
    expect(codeNow(() => readPass(text, at(START)))).toBe('PASS_UNREADABLE')
  })
})

test('whatever is asked for, what is granted on a pass stays inside request and pass', () => {
  const someKinds = fc.uniqueArray(fc.constantFrom(...KINDS), { minLength: 1 })
  const hours = fc.integer({ min: -1000, max: 1000 })
  let granted = 0
  fc.assert(
    fc.property(
      someKinds,
      someKinds,
      hours,
      hours,
      hours,
      fc.integer({ min: 1, max: 400 }),
      fc.integer({ min: 1, max: LONGEST_PASS_SECONDS }),
      (asked, kinds, from, until, ends, days, length) => {
        const request = requestOf(asked, START + from * HOUR, START + until * HOUR, START + ends * HOUR)
        const terms = { kinds, days, until: at(START + length) }
        let choice: ReturnType<typeof choiceOnPass>
        try {
          choice = choiceOnPass(request, terms, at(START))
        } catch (error) {
          expect(isIsletError(error, 'PASS_COVERS_NOTHING')).toBe(true)
          return
        }
        granted++
        expect(choice.kinds?.every((kind) => kinds.includes(kind) && asked.includes(kind))).toBe(true)
        expect(choice.from).toBeGreaterThanOrEqual(START - days * DAY)
        expect(choice.expiresAt).toBeLessThanOrEqual(terms.until)
        expect(choice.actions).toEqual(['read'])
        expect(choice.purposes).toEqual(['TREAT'])
        try {
          expect(narrow(request, choice, at(START)).expiresAt).toBeLessThanOrEqual(terms.until)
        } catch (error) {
          // A stretch shorter than two hours may hold no whole hour; wider than asked it never is.
          expect(isIsletError(error, 'WINDOW_EMPTY')).toBe(true)
        }
      },
    ),
  )
  expect(granted).toBeGreaterThan(5)
})

describe('a pass', () => {
  it('lets one reader read the days that it covers, until it ends, and no second', async () => {
    const s = await scene()
    const text = await s.anna.openPass(TERMS)
    await scan(s.north, text, { kinds: ['glucose', 'insulin'] })
    const { handOver } = await s.anna.letIn(await waiting(s.anna))
    await scan(s.east, text)
    expect(await codeOf(s.anna.letIn(await waiting(s.anna)))).toBe('PASS_UNKNOWN')
    expect(s.east.open.reader.grants()).toEqual([])
    const { records } = await s.north.open.reader.read(handOver.consentId)
    expect(records.length).toBe(3 * 288)
    expect(handOver.opening.kinds).toEqual(['glucose'])
    s.place.now = TERMS.until
    expect(await codeOf(s.north.open.reader.read(handOver.consentId))).toBe('CONSENT_EXPIRED')
  })

  it('lets nobody in once it is over, nor who asks on no pass', async () => {
    const s = await scene()
    await scan(s.north, await s.anna.openPass(TERMS))
    const late = await waiting(s.anna)
    const mailbox = await s.anna.openMailbox('clinic')
    const wish = askOf(s.east, { from: at(START - DAY), until: at(START) })
    await s.east.open.reader.ask({ custodian: s.south.id, mailbox }, wish, s.east.chain)
    const others = (await s.anna.collect()).requests.filter(({ id }) => id !== late.id)
    for (const other of others) expect(await codeOf(s.anna.letIn(other))).toBe('PASS_UNKNOWN')
    expect(others.length).toBe(1)
    s.place.now = TERMS.until
    expect(await codeOf(s.anna.letIn(late))).toBe('PASS_OVER')
  })

  it.each<readonly [PassTerms, string, string]>([
    [{ ...TERMS, kinds: [] }, 'PASS_TERMS_REFUSED', 'no kind'],
    [{ ...TERMS, days: 0 }, 'PASS_TERMS_REFUSED', 'no day'],
    [{ ...TERMS, until: at(START) }, 'PASS_TERMS_REFUSED', 'over already'],
    [{ ...TERMS, until: at(START + LONGEST_PASS_SECONDS + 1) }, 'PASS_TERMS_REFUSED', 'longer than a day'],
    [{ ...TERMS, until: at(START + LONGEST_PASS_SECONDS) }, 'NO_ERROR', 'a day'],
  ])('with %j answers %s: %s', (terms, code) => {
    expect(codeNow(() => checkPassTerms(terms, at(START)))).toBe(code)
  })
})

function requestOf(
  kinds: AccessRequest['kinds'],
  from: number,
  until: number,
  expiresAt: number,
): AccessRequest {
  return {
    schema: 'islet.request/1',
    reader: ID,
    readerName: 'North Clinic',
    subject: { type: 'institution' },
    hpkeKey: '',
    kinds,
    actions: ['read', 'write'],
    purposes: ['TREAT', 'HRESCH'],
    from: at(from),
    until: at(until),
    expiresAt: at(expiresAt),
    created: at(START),
    salt: ID,
  }
}

function codeNow(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    if (isIsletError(error)) return error.code
    throw error
  }
  return 'NO_ERROR'
}
