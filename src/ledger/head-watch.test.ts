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

test('a chain at rest is asked seldom, one on which somebody waits or that moves is asked often', async () => {
  let height = 1
  let asked = 0
  let isAwaited = false
  const seen: number[] = []
  const watch = new HeadWatch({
    ask: async (method) => {
      if (method === 'eth_blockNumber') asked += 1
      const at = quantityHex(height)
      const [hash, parentHash] = [hashOf(at), hashOf(quantityHex(height - 1))]
      return method === 'eth_blockNumber'
        ? at
        : { number: at, hash, parentHash, timestamp: '0x1', transactions: [] }
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
  // The first second after a block, at every turn.
  expect(await askedWithin(1_000)).toBeGreaterThan(30)
  const atRest = await askedWithin(10_000)
  expect(atRest).toBeGreaterThan(30)
  expect(atRest).toBeLessThan(60)
  isAwaited = true
  expect(await askedWithin(10_000)).toBeGreaterThan(300)
  isAwaited = false
  height = 2
  await askedWithin(300)
  expect(seen).toEqual([1, 2])
  await watch.close()
})
