import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConsentClaim, Opening } from '../consent/browser.door.ts'
import type { HealthRecord } from '../series/index.ts'
import { nobleHasher as hasher } from '../vault/index.ts'
import {
  address,
  consentId,
  type HourWindow,
  hourOf,
  type LocalSeconds,
  quantity,
  utf8,
} from '../vocabulary/index.ts'
import { type ExtractPerson, type ExtractTerms, extractOf } from './extract.ts'
import { generalised, type PersonAttributes } from './k-anonymity.ts'
import { checkedPlan } from './plan.ts'
import { at, hashOf, planData, siteOf } from './testing/papers.ts'

const START = 1_788_220_800
const DAY = 86_400
const window: HourWindow = { first: hourOf(at(START)), end: hourOf(at(START + 30 * DAY)) }
const planOf = (mode: 'safe-harbor' | 'shifted', k = 2) =>
  checkedPlan(
    planData({
      outputs: ['extract'],
      extract: { mode, k },
      data: {
        kinds: ['glucose', 'insulin', 'notes', 'device'],
        features: ['glucose'],
        from: '2026-09-01T00:00:00Z',
        until: '2026-10-01T00:00:00Z',
      },
    }),
  )
const termsOf = (
  mode: 'safe-harbor' | 'shifted' = 'shifted',
  differs: Partial<ExtractTerms> = {},
): ExtractTerms => ({
  study: hashOf('study'),
  plan: planOf(mode),
  window,
  secret: hasher.sha256(utf8('site')),
  ...differs,
})

const clock = (seconds: number) => ({
  at: at(seconds),
  local: quantity<LocalSeconds>(seconds + 7_200),
  device: 3,
})
const glucose = (seconds: number, value = 120): HealthRecord => ({
  ...clock(seconds),
  type: 'glucose',
  value,
  unit: 'mg/dL',
  method: 'cgm',
})
function personOf(
  name: string,
  differs: Partial<Opening> = {},
  attributes: PersonAttributes = {},
): ExtractPerson {
  const opening: Opening = {
    reader: siteOf('north'),
    subject: hashOf('subject'),
    kinds: ['glucose', 'insulin', 'notes', 'device'],
    actions: ['read'],
    purposes: ['HRESCH'],
    window,
    notBefore: at(START),
    expiresAt: at(START + 90 * DAY),
    patientKey: hashOf(`patient ${name}`),
    delegation: 0,
    terms: hashOf('terms'),
    salt: hashOf(`salt ${name}`),
    ...differs,
  }
  const claim: ConsentClaim = {
    consentId: consentId(hashOf(`consent ${name}`)),
    signer: address(`0x${hashOf(name).slice(26)}`),
    opening,
  }
  const records: HealthRecord[] = [
    glucose(START + 5 * DAY + 300, 130),
    glucose(START + 5 * DAY, 120),
    { ...clock(START + 5 * DAY + 60), type: 'insulin', units: quantity(4), delivery: 'bolus' },
    { ...clock(START + 6 * DAY), type: 'note', text: `${name} was at the lake` },
    { ...clock(START + 6 * DAY), type: 'device', event: 'serial 12345' },
    { ...clock(START + 6 * DAY), type: 'meal', carbs: quantity(40) },
  ]
  return { claim, attributes, records }
}

describe('an extract', () => {
  it('is made under a plan that names it and no other', () => {
    const terms = termsOf('shifted', { plan: checkedPlan(planData()) })
    expect(() => extractOf([personOf('a')], terms, hasher)).toThrowError(
      expect.objectContaining({ code: 'EXTRACT_NOT_PLANNED' }),
    )
  })

  it('holds what plan and consent both name: kinds and hours, and no words of the person’s own', () => {
    const few = personOf('few', {
      kinds: ['glucose'],
      window: { ...window, first: hourOf(at(START + 5 * DAY + 3_600)) },
    })
    const { people } = extractOf([personOf('a'), few], termsOf(), hasher)
    expect(people.map(({ rows }) => rows.map(({ type }) => type)).sort()).toEqual([
      [],
      ['glucose', 'insulin', 'glucose'],
    ])
    const text = JSON.stringify(people)
    expect(text).not.toMatch(/lake|serial|local|device|tick|0x/)
  })

  it('keeps every interval and every time of day of a person, and no date', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const people = [personOf(name), personOf(`${name} twin`)]
        for (const { rows } of extractOf(people, termsOf(), hasher).people) {
          const times = rows.map((row) => row.at_seconds)
          expect(times.map((time) => time - (times[0] ?? 0))).toEqual([0, 60, 300])
          const moved = ((times[0] ?? 0) - (START + 5 * DAY)) / DAY
          expect(Number.isInteger(moved) && moved !== 0 && Math.abs(moved) <= 365).toBe(true)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('moves people by days of their own', () => {
    const people = Array.from({ length: 40 }, (_, i) => personOf(`${i}`))
    const firsts = extractOf(people, termsOf(), hasher).people.map(({ rows }) => rows[0]?.at_seconds)
    expect(new Set(firsts).size).toBeGreaterThan(30)
  })

  it('names a person alike within a study and unlinkably across studies and sites', () => {
    const people = Array.from({ length: 8 }, (_, i) => personOf(`${i}`))
    const names = (differs: Partial<ExtractTerms>) =>
      extractOf(people, termsOf('shifted', differs), hasher).people.map(({ pseudonym }) => pseudonym)
    const here = names({})
    expect(names({})).toEqual(here)
    expect(new Set(here).size).toBe(8)
    const others = [
      ...names({ study: hashOf('other') }),
      ...names({ secret: hasher.sha256(utf8('other site')) }),
    ]
    expect(others.some((name) => here.includes(name))).toBe(false)
    expect([...here].sort()).toEqual(here)
  })

  it('under safe harbour tells no date, no region and no age above ninety', () => {
    const old = { ageYears: 97, sex: 'f', region: 'coast' }
    const people = [personOf('a', {}, old), personOf('b', {}, { ...old, ageYears: 91 })]
    const { people: told } = extractOf(people, termsOf('safe-harbor'), hasher)
    for (const person of told) {
      expect(person).toMatchObject({ ageBand: '90+', sex: 'f', region: null })
      expect(person.rows.map((row) => row.at_seconds)).toEqual([0, 60, 300])
    }
    expect(told).toHaveLength(2)
  })

  it('says how many were left out because nobody is like them', () => {
    const plan = planOf('shifted', 3)
    expect(extractOf([personOf('a'), personOf('b')], termsOf('shifted', { plan }), hasher)).toEqual({
      people: [],
      leftOut: 2,
    })
  })
})

describe('what is told of people', () => {
  const anybody: fc.Arbitrary<PersonAttributes> = fc.record(
    {
      ageYears: fc.integer({ min: 0, max: 105 }),
      sex: fc.constantFrom('f', 'm', 'x'),
      region: fc.constantFrom('coast', 'hills', 'town'),
    },
    { requiredKeys: [] },
  )
  const names = ['ageBand', 'sex', 'region'] as const

  it('is told of k people or more, each by their own attributes or by none', () => {
    fc.assert(
      fc.property(fc.array(anybody, { maxLength: 60 }), fc.integer({ min: 2, max: 8 }), (people, k) => {
        const told = generalised(people, k, names)
        const alike = new Map<string, number>()
        for (const one of told)
          if (one !== undefined) alike.set(JSON.stringify(one), (alike.get(JSON.stringify(one)) ?? 0) + 1)
        for (const count of alike.values()) expect(count).toBeGreaterThanOrEqual(k)
        told.forEach((one, i) => {
          if (one?.sex != null) expect(one.sex).toBe(people[i]?.sex)
          if (one?.region != null) expect(one.region).toBe(people[i]?.region)
        })
        // Nobody is left out while k of those left out could leave without any attribute.
        expect(told.filter((one) => one === undefined).length).toBeLessThan(k)
      }),
    )
  })

  it('does not depend on the order in which people come', () => {
    fc.assert(
      fc.property(fc.array(anybody, { maxLength: 30 }), (people) => {
        const backwards = generalised([...people].reverse(), 3, names)
        expect([...backwards].reverse()).toEqual(generalised(people, 3, names))
      }),
    )
  })
})
