import { expect, test } from 'vitest'
import { type ConsentId, consentId, hash32 } from '../../vocabulary/index.ts'
import { type HeldReading, heldReadings } from './held-readings.ts'

const LASTING = 60_000

test('whoever is not kept, or is dropped, is held no longer', () => {
  const held = heldReadings({ most: 1_000, lasting: LASTING })
  for (const name of ['a', 'b', 'c']) held.hold(consentOf(name), readingOf(10))
  held.drop(consentOf('a'))
  held.keepOnly([consentOf('a'), consentOf('b')])
  expect(['a', 'b', 'c'].map((name) => held.get(consentOf(name)) !== undefined)).toEqual([false, true, false])
})

test('what is held is bounded, and what was let go makes room', () => {
  const held = heldReadings({ most: 100, lasting: LASTING })
  held.hold(consentOf('a'), readingOf(60))
  held.hold(consentOf('b'), readingOf(60))
  expect(held.get(consentOf('b'))).toBeUndefined()
  // Another reading of the same person takes the place of the first.
  held.hold(consentOf('a'), readingOf(90))
  expect(held.get(consentOf('a'))?.trace.glucose.at.length).toBe(90)
  held.keepOnly([])
  held.hold(consentOf('b'), readingOf(60))
  expect(held.get(consentOf('b'))).toBeDefined()
})

test('what nobody asks for is gone after its time', async () => {
  const held = heldReadings({ most: 100, lasting: 1 })
  held.hold(consentOf('a'), readingOf(60))
  // Asked by another way than `get`, which would prolong it: there is room again.
  await expect
    .poll(
      () => {
        held.hold(consentOf('b'), readingOf(100))
        return held.get(consentOf('b')) !== undefined
      },
      { timeout: 120_000 },
    )
    .toBe(true)
  expect(held.get(consentOf('a'))).toBeUndefined()
})

function consentOf(name: string): ConsentId {
  return consentId(`0x${name.repeat(64)}`)
}

function readingOf(readings: number): HeldReading {
  const at = new Float64Array(readings)
  return {
    answer: { mark: hash32(`0x${'0'.repeat(64)}`), count: 1 },
    trace: { id: 'somebody', glucose: { at, local: at, value: at } },
  }
}
