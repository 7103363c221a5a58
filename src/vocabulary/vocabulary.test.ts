import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  address,
  canonicalJson,
  cid,
  compareBytes,
  concat,
  EPOCH_1900_SECONDS,
  equalBytes,
  formatInstant,
  fromBase64Url,
  fromHex,
  fromUtf8,
  HOUR_LIMIT,
  hash32,
  holds,
  hourOf,
  hoursInside,
  isIsletError,
  KINDS,
  type LocalSeconds,
  type MgPerDl,
  maskOf,
  membersOf,
  overlap,
  parseInstant,
  patientId,
  quantity,
  startOfHour,
  toBase64Url,
  toHex,
  toMgPerDl,
  toMmolPerL,
  type UnixSeconds,
  type UtcHour,
} from './index.ts'

const at = (seconds: number): UnixSeconds => quantity<UnixSeconds>(seconds)
const instants = fc.integer({ min: -EPOCH_1900_SECONDS, max: 5_000_000_000 }).map(at)
function codeOf(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    return isIsletError(error) ? error.code : `not ours: ${String(error)}`
  }
  return 'nothing thrown'
}

describe('UTC hours', () => {
  it('begin at 1900-01-01T00Z', () => {
    expect(hourOf(parseInstant('1900-01-01T00:00:00Z'))).toBe(0)
    expect(hourOf(parseInstant('1970-01-01T00:59:59Z'))).toBe(613_608)
  })

  it('hold every instant between their start and the next start', () => {
    fc.assert(
      fc.property(instants, (instant) => {
        const hour = hourOf(instant)
        expect(startOfHour(hour)).toBeLessThanOrEqual(instant)
        expect(startOfHour(quantity<UtcHour>(hour + 1))).toBeGreaterThan(instant)
      }),
    )
  })

  it('refuse an instant before 1900 and after the last hour', () => {
    expect(codeOf(() => hourOf(at(-EPOCH_1900_SECONDS - 1)))).toBe('HOUR_OUT_OF_RANGE')
    expect(codeOf(() => hourOf(at(HOUR_LIMIT * 3600 - EPOCH_1900_SECONDS)))).toBe('HOUR_OUT_OF_RANGE')
    expect(codeOf(() => hourOf(at(Number.NaN)))).toBe('HOUR_OUT_OF_RANGE')
  })

  it('a window is rounded inwards: every hour of it lies inside what was said', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 400_000 }), (from, length) => {
        const until = at(from + length)
        const code = codeOf(() => hoursInside(from, until))
        if (code !== 'nothing thrown') {
          expect(code).toBe('WINDOW_EMPTY')
          expect(length).toBeLessThan(7200)
          return
        }
        const { first, end } = hoursInside(from, until)
        expect(startOfHour(first)).toBeGreaterThanOrEqual(from)
        expect(startOfHour(first) - from).toBeLessThan(3600)
        expect(startOfHour(end)).toBeLessThanOrEqual(until)
        expect(until - startOfHour(end)).toBeLessThan(3600)
      }),
    )
  })

  it('two windows overlap exactly in the hours that both hold', () => {
    const window = fc
      .tuple(fc.nat(50), fc.integer({ min: 1, max: 50 }))
      .map(([first, length]) => ({ first: quantity<UtcHour>(first), end: quantity<UtcHour>(first + length) }))
    fc.assert(
      fc.property(window, window, (a, b) => {
        const both = overlap(a, b)
        for (let h = 0; h < 110; h++) {
          const hour = quantity<UtcHour>(h)
          expect(both !== undefined && holds(both, hour)).toBe(holds(a, hour) && holds(b, hour))
        }
      }),
    )
  })
})

describe('instants', () => {
  it('are written and read back to the same second, with the offset of the local clock', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -2_000_000_000, max: 4_000_000_000 }),
        fc.integer({ min: -56, max: 56 }),
        (s, q) => {
          const local = quantity<LocalSeconds>(s + q * 900)
          expect(parseInstant(formatInstant(at(s), local))).toBe(s)
          expect(parseInstant(formatInstant(at(s)))).toBe(s)
        },
      ),
    )
    expect(formatInstant(at(0), quantity<LocalSeconds>(-12_600))).toBe('1969-12-31T20:30:00-03:30')
  })

  it.each(['2026-02-30T00:00:00Z', '2026-01-01', '2026-01-01T00:00:00', 'yesterday', '2026-13-01T00:00:00Z'])(
    'refuse %s',
    (text) => expect(codeOf(() => parseInstant(text))).toBe('NOT_AN_INSTANT'),
  )
})

describe('units', () => {
  it('convert there and back within a rounding error of the last bit', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1000, noNaN: true }), (value) => {
        const back = toMgPerDl(toMmolPerL(quantity<MgPerDl>(value)))
        expect(Math.abs(back - value)).toBeLessThanOrEqual(value * 2 ** -51)
      }),
    )
  })
})

describe('bytes', () => {
  it('survive hex and base64url', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(equalBytes(fromHex(toHex(bytes)), bytes)).toBe(true)
        expect(equalBytes(fromBase64Url(toBase64Url(bytes)), bytes)).toBe(true)
      }),
    )
  })

  it('have one base64url spelling only', () => {
    expect(codeOf(() => fromBase64Url('AB'))).toBe('NOT_BASE64URL') // the last four bits are not zero
    expect(codeOf(() => fromBase64Url('A'))).toBe('NOT_BASE64URL')
    expect(codeOf(() => fromBase64Url('AA=='))).toBe('NOT_BASE64URL')
    expect(codeOf(() => fromHex('0x1'))).toBe('NOT_HEX')
    expect(codeOf(() => fromUtf8(Uint8Array.of(0xff)))).toBe('NOT_UTF8')
  })

  it('are ordered as unsigned bytes and equal only to themselves', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b))
        expect(Math.sign(compareBytes(a, b))).toBe(expected)
        expect(equalBytes(a, b)).toBe(expected === 0)
        expect(concat(a, b)).toEqual(Uint8Array.from([...a, ...b]))
      }),
    )
  })
})

describe('canonical JSON', () => {
  it('has the spelling of RFC 8785, section 3.2.3 (sorting) and appendix B (numbers)', () => {
    expect(
      canonicalJson({ '€': 'Euro Sign', '\r': 'Carriage Return', '1': 'One', '\u{1f600}': 'Smiley', ö: 'o' }),
    ).toBe('{"\\r":"Carriage Return","1":"One","ö":"o","€":"Euro Sign","😀":"Smiley"}')
    expect(canonicalJson([Number('333333333.33333329'), 1e30, 4.5, 2e-3, 1e-27, -0])).toBe(
      '[333333333.3333333,1e+30,4.5,0.002,1e-27,0]',
    )
  })

  it('does not depend on the order of members and is read back to the same document', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue()), (document) => {
        const shuffled = Object.fromEntries(Object.entries(document).reverse())
        const text = canonicalJson(document as Parameters<typeof canonicalJson>[0])
        expect(canonicalJson(shuffled as Parameters<typeof canonicalJson>[0])).toBe(text)
        expect(JSON.stringify(JSON.parse(text))).toBeTypeOf('string')
      }),
    )
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '\ud800'])('refuses %s', (value) => {
    expect(codeOf(() => canonicalJson([value]))).toBe('NOT_JSON')
  })
})

describe('closed lists', () => {
  it('have one bit mask per set of members', () => {
    fc.assert(
      fc.property(fc.subarray([...KINDS]), (members) => {
        expect(membersOf(KINDS, maskOf(KINDS, members))).toEqual(
          KINDS.filter((kind) => members.includes(kind)),
        )
      }),
    )
  })
})

describe('identifiers', () => {
  it('are refused when malformed, by code', () => {
    expect(codeOf(() => hash32('0x12'))).toBe('NOT_A_HASH')
    expect(codeOf(() => address('0x12'))).toBe('NOT_AN_ADDRESS')
    expect(codeOf(() => patientId('Jane'))).toBe('NOT_A_PATIENT_ID')
    expect(codeOf(() => cid('Qm1'))).toBe('NOT_A_CID')
    expect(hash32(`0x${'AB'.repeat(32)}`)).toBe(`0x${'ab'.repeat(32)}`)
  })
})
