import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { HeadWatch } from './head-watch.ts'
import { quantityHex } from './rpc-shapes.ts'
import { hashOf } from './testing/fixtures.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('a chain at rest is asked seldom, one on which something happens more often, and all the time where somebody waits', async () => {
  let height = 1
  let asked = 0
  let isAwaited = false
  let transactions: readonly string[] = []
  const seen: number[] = []
  const watch = new HeadWatch({
    ask: async (method) => {
      if (method === 'eth_blockNumber') asked += 1
      const at = quantityHex(height)
      const [hash, parentHash] = [hashOf(at), hashOf(quantityHex(height - 1))]
      return method === 'eth_blockNumber'
        ? at
        : { number: at, hash, parentHash, timestamp: '0x1', transactions }
    },
    pollMs: 25,
    isAwaited: () => isAwaited,
    onBlock: async ({ head }) => {
      seen.push(head.height)
    },
  })
  const askedWithin = async (ms: number): Promise<number> => {
    const before = asked
    await vi.advanceTimersByTimeAsync(ms)
    return asked - before
  }
  await watch.start()
  // The first second after a block.
  const lately = await askedWithin(1_000)
  expect(lately).toBeGreaterThan(7)
  expect(lately).toBeLessThan(12)
  const atRest = await askedWithin(10_000)
  expect(atRest).toBeGreaterThan(30)
  expect(atRest).toBeLessThan(60)
  isAwaited = true
  expect(await askedWithin(10_000)).toBeGreaterThan(300)
  isAwaited = false
  // A heartbeat is handed on, and the chain rests on; a block that holds something wakes whoever watches.
  height = 2
  await askedWithin(300)
  expect(seen).toEqual([1, 2])
  expect(await askedWithin(1_000)).toBeLessThan(7)
  height = 3
  transactions = [hashOf('a transaction')]
  await askedWithin(300)
  expect(seen).toEqual([1, 2, 3])
  expect(await askedWithin(1_000)).toBeGreaterThan(7)
  await watch.close()
})
