import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Waiting, WaitingLine } from './waiting-line.ts'

interface Item extends Waiting {
  readonly number: number
}
const item = (number: number, sender: string, urgent = false, gas = 1): Item => ({
  number,
  sender,
  urgent,
  gas,
  bytes: 1,
})
const block = { items: 10, gas: 100, bytes: 100 }
const wide = { perSender: 1_000, total: 10_000 }
const arrivals = fc.array(
  fc.record({
    sender: fc.constantFrom('a', 'b', 'c'),
    urgent: fc.boolean(),
    gas: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 60 },
)

test('every item leaves once, a sender’s own in order within their class, no block over its limits', () => {
  fc.assert(
    fc.property(arrivals, (list) => {
      const line = new WaitingLine<Item>(wide)
      for (const [i, { sender, urgent, gas }] of list.entries()) line.add(item(i, sender, urgent, gas))
      const left: Item[] = []
      for (let taken = line.take(block); taken.length > 0; taken = line.take(block)) {
        expect(taken.length).toBeLessThanOrEqual(block.items)
        if (taken.length > 1)
          expect(taken.reduce((sum, { gas }) => sum + gas, 0)).toBeLessThanOrEqual(block.gas)
        left.push(...taken)
      }
      expect(line.size).toBe(0)
      expect(left.map(({ number }) => number).sort((a, b) => a - b)).toEqual(list.map((_, i) => i))
      for (const sender of ['a', 'b', 'c']) {
        for (const urgent of [true, false]) {
          const own = left
            .filter((one) => one.sender === sender && one.urgent === urgent)
            .map(({ number }) => number)
          expect(own).toEqual([...own].sort((a, b) => a - b))
        }
      }
    }),
  )
})

test('an urgent item is in the next block however many wait', () => {
  const line = new WaitingLine<Item>(wide)
  for (let i = 0; i < 500; i++) line.add(item(i, 'flood'))
  line.add(item(500, 'patient', true))
  expect(line.take(block)[0]?.number).toBe(500)
})

test('a sender with a flood takes turns with the others, also among urgent items', () => {
  for (const urgent of [false, true]) {
    const line = new WaitingLine<Item>(wide)
    for (let i = 0; i < 500; i++) line.add(item(i, 'flood', urgent))
    line.add(item(500, 'quiet', urgent))
    expect(line.take(block).findIndex(({ number }) => number === 500)).toBeLessThan(2)
  }
})

test('a full line refuses, and an urgent item still finds its own place', () => {
  const line = new WaitingLine<Item>({ perSender: 2, total: 3 })
  expect([1, 2, 3].map((i) => line.add(item(i, 'a')))).toEqual([true, true, false])
  expect([4, 5].map((i) => line.add(item(i, 'b')))).toEqual([true, false])
  expect(line.add(item(6, 'b', true))).toBe(true)
})

test('what is put back comes first again, in its order', () => {
  const line = new WaitingLine<Item>(wide)
  for (let i = 0; i < 6; i++) line.add(item(i, 'a'))
  const taken = line.take({ ...block, items: 3 })
  line.putBack(taken)
  expect(line.take(block).map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5])
})

test('an item that is not ready lets others pass', () => {
  const line = new WaitingLine<Item>(wide)
  let ready = false
  line.add({ ...item(0, 'a'), ready: () => ready })
  line.add(item(1, 'b'))
  expect(line.take(block).map(({ number }) => number)).toEqual([1])
  expect(line.take(block)).toEqual([])
  ready = true
  expect(line.take(block).map(({ number }) => number)).toEqual([0])
})
