import { expect, test } from 'vitest'
import { hash32, institutionId } from '../vocabulary/index.ts'
import { nameOfUpdate, readUpdate, writeUpdate } from './update-document.ts'

const hash = (digit: string) => hash32(`0x${digit.repeat(64)}`)
const place = { study: hash('1'), round: 3, site: institutionId(hash('2')) }
const training = {
  examples: 7,
  answer: Uint8Array.of(1, 2, 3),
  metrics: { loss: 0.5, error: 1.25 },
  sharers: [institutionId(hash('2')), institutionId(hash('3'))],
}

test('an update reads the same where it was written as from bytes that came from elsewhere', () => {
  const { bytes, update, salt } = writeUpdate(place, hash('4'), training)
  const elsewhere = bytes.slice()
  expect(nameOfUpdate(elsewhere)).toBe(update)
  expect(nameOfUpdate(bytes)).toBe(update)
  expect(readUpdate(bytes, update, place)).toEqual(readUpdate(elsewhere, update, place))
  expect(readUpdate(bytes, update, place)).toEqual({ part: { site: place.site, ...training }, salt })
})

test('an update that others refuse is refused where it was written', () => {
  const { bytes, update } = writeUpdate(place, hash('4'), { ...training, examples: -1 })
  const refused = expect.objectContaining({
    code: 'UPDATE_REFUSED',
    facts: expect.objectContaining({ because: 'WRONG_SHAPE' }),
  })
  expect(() => readUpdate(bytes.slice(), update, place)).toThrow(refused)
  expect(() => readUpdate(bytes, update, place)).toThrow(refused)
  expect(() => readUpdate(bytes, hash('5'), place)).toThrow(
    expect.objectContaining({ code: 'UPDATE_NOT_THE_BYTES' }),
  )
})
