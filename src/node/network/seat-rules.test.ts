import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isIsletError } from '../../vocabulary/index.ts'
import { seatsAfter } from './seat-rules.ts'

const FOUR = new Map(['north', 'south', 'east', 'west'].map((key) => [key, 100]))

test.each([
  { moves: { mill: 100 }, code: undefined, why: 'a fifth seat' },
  { moves: { north: 0 }, code: 'TOO_FEW_SEATS', why: 'three seats bear no failure' },
  { moves: { north: 0, mill: 100 }, code: undefined, why: 'one takes the place of another' },
  { moves: { north: 149 }, code: undefined, why: 'just under a third' },
  { moves: { north: 150 }, code: 'A_THIRD_IN_ONE_SEAT', why: 'a third' },
  { moves: { mill: 0 }, code: 'NO_SEAT', why: 'who has none loses none' },
  { moves: { north: 1.5 }, code: 'POWER_OUT_OF_RANGE', why: 'power is whole' },
  { moves: { north: 1_000_000_001 }, code: 'POWER_OUT_OF_RANGE', why: 'above the contract’s highest' },
])('$moves: $why', ({ moves, code }) => {
  const change = (): unknown => seatsAfter(FOUR, new Map(Object.entries(moves)))
  if (code === undefined) expect(change).not.toThrow()
  else expect(change).toThrow(expect.objectContaining({ code }))
})

test('a set that is taken bears the loss of any one seat', () => {
  const powers = fc.dictionary(fc.constantFrom(...'abcdefgh'), fc.integer({ min: 0, max: 400 }))
  let taken = 0
  fc.assert(
    fc.property(powers, (moves) => {
      let after: ReadonlyMap<string, number>
      try {
        after = seatsAfter(FOUR, new Map(Object.entries(moves)))
      } catch (error) {
        expect(isIsletError(error)).toBe(true)
        return
      }
      taken += 1
      const total = [...after.values()].reduce((sum, power) => sum + power, 0)
      for (const power of after.values()) expect(3 * (total - power)).toBeGreaterThan(2 * total)
    }),
    { numRuns: 500 },
  )
  expect(taken).toBeGreaterThan(0)
})
