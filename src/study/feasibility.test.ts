import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nobleHasher as hasher } from '../vault/index.ts'
import { utf8 } from '../vocabulary/index.ts'
import {
  answerFeasibility,
  EMPTY_BOOK,
  type FeasibilityBook,
  type FeasibilityOutcome,
  type FeasibilityTerms,
} from './feasibility.ts'

const terms: FeasibilityTerms = {
  secret: hasher.sha256(utf8('site')),
  asker: 'meadow',
  period: '2026-Q4',
  epsilon: 0.1,
  budget: 1,
}
const ask = (
  book: FeasibilityBook,
  question: object,
  people: number,
  differs: Partial<FeasibilityTerms> = {},
) => answerFeasibility(book, { ...question }, () => people, { ...terms, ...differs }, hasher)
const once = (question: object, people: number, differs?: Partial<FeasibilityTerms>): FeasibilityOutcome =>
  ask(EMPTY_BOOK, question, people, differs).outcome

describe('a feasibility count', () => {
  it('is a multiple of ten of ten or more, or nothing at all', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.string(), (people, word) => {
        const outcome = once({ word }, people)
        if (outcome.code === 'ABOUT') {
          expect(outcome.people % 10).toBe(0)
          expect(outcome.people).toBeGreaterThanOrEqual(10)
        } else expect(outcome).toEqual({ code: 'FEWER_THAN_TEN' })
      }),
    )
  })

  it('asked again in its period stays the same, whoever came or left since, and costs nothing', () => {
    let { book, outcome: first } = ask(EMPTY_BOOK, { days: 7 }, 100)
    const { spent } = book
    for (const people of [99, 100, 101, 500, 0]) {
      const again = ask(book, { days: 7 }, people)
      expect(again.outcome).toEqual(first)
      book = again.book
    }
    expect(book.spent).toBe(spent)
    first = once({ days: 7 }, 100)
    expect(ask(EMPTY_BOOK, { days: 7 }, 100).outcome).toEqual(first)
  })

  it('is noised anew for another question, asker, period and site', () => {
    const answers = (differs: (i: number) => [object, Partial<FeasibilityTerms>]) =>
      new Set(Array.from({ length: 30 }, (_, i) => JSON.stringify(once(...split(differs(i)))))).size
    const split = ([question, differs]: [object, Partial<FeasibilityTerms>]): [
      object,
      number,
      Partial<FeasibilityTerms>,
    ] => [question, 1_000, differs]
    expect(answers((i) => [{ i }, {}])).toBeGreaterThan(3)
    expect(answers((i) => [{}, { asker: `${i}` }])).toBeGreaterThan(3)
    expect(answers((i) => [{}, { period: `${i}` }])).toBeGreaterThan(3)
    expect(answers((i) => [{}, { secret: hasher.sha256(utf8(`${i}`)) }])).toBeGreaterThan(3)
    expect(answers(() => [{}, {}])).toBe(1)
  })

  it('is refused once the budget is spent, without counting anybody', () => {
    let book = EMPTY_BOOK
    const codes: string[] = []
    let counted = 0
    for (let i = 0; i < 15; i += 1) {
      const answered = answerFeasibility(book, { i }, () => (counted += 1), terms, hasher)
      book = answered.book
      codes.push(answered.outcome.code)
    }
    expect(codes.filter((code) => code === 'BUDGET_SPENT')).toHaveLength(5)
    expect(counted).toBe(10)
    expect(book.spent).toBeLessThan(1.05)
  })

  it('differs by one person about as rarely as ε says: no pair of questions finds somebody out', () => {
    // Probability of every answer with and without one person, over many sites' secrets: the ratio stays near e^ε.
    const tally = (people: number) => {
      const found = new Map<string, number>()
      for (let i = 0; i < 4_000; i += 1) {
        const key = JSON.stringify(once({}, people, { secret: hasher.sha256(utf8(`s${i}`)), epsilon: 0.5 }))
        found.set(key, (found.get(key) ?? 0) + 1)
      }
      return found
    }
    const [without, withOne] = [tally(14), tally(15)]
    for (const [key, count] of without) {
      const other = withOne.get(key) ?? 0
      // Four standard errors of a count beside the bound.
      const bound = Math.exp(0.5) * count + 4 * Math.sqrt(Math.exp(0.5) * count)
      expect(other).toBeLessThanOrEqual(bound)
    }
    expect(without.size).toBeGreaterThan(1)
  })

  it('is right on average within what the noise makes of it', () => {
    let sum = 0
    for (let i = 0; i < 500; i += 1) {
      const outcome = once({ i }, 1_000)
      sum += outcome.code === 'ABOUT' ? outcome.people : 0
    }
    // One answer's standard deviation is √2 / ε ≈ 14; of 500 it is 0.6.
    expect(Math.abs(sum / 500 - 1_000)).toBeLessThan(4)
  })

  it.each([{ epsilon: 0 }, { epsilon: 2 }, { epsilon: Number.NaN }, { budget: -1 }])(
    'is refused on terms that promise nothing: %j',
    (differs) => {
      expect(() => once({}, 10, differs)).toThrowError(
        expect.objectContaining({ code: 'FEASIBILITY_TERMS_REFUSED' }),
      )
    },
  )

  it('needs a secret that nobody guesses', () => {
    expect(() => once({}, 10, { secret: new Uint8Array(8) })).toThrowError(
      expect.objectContaining({ code: 'SECRET_SHORT' }),
    )
  })
})
