import { expect, test } from 'vitest'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { logPages } from './log-pages.ts'
import type { Head } from './port.ts'
import { hashOf } from './testing/fixtures.ts'

const headAt = (height: number): Head => ({
  height,
  hash: hashOf(`block ${height}`),
  parentHash: hashOf(`block ${height - 1}`),
  timestamp: quantity<UnixSeconds>(1_790_000_000 + height),
})

/** An engine without logs; notes the ranges that it is asked for. */
function quietEngine() {
  const ranges: string[] = []
  const ask = async (method: string, [first]: readonly unknown[]): Promise<unknown> => {
    if (method === 'eth_getLogs') {
      const { fromBlock, toBlock } = first as { fromBlock: string; toBlock: string }
      ranges.push(`${Number(fromBlock)}-${Number(toBlock)}`)
      return []
    }
    const { height, hash, parentHash, timestamp } = headAt(Number(first))
    const hex = (value: number): string => `0x${value.toString(16)}`
    return { number: hex(height), hash, parentHash, timestamp: hex(timestamp) }
  }
  return { ask, ranges }
}

test.each([
  { head: 0, from: 0, to: undefined, asked: ['0-0'], why: 'a chain that has only its genesis' },
  { head: 7, from: 0, to: undefined, asked: ['1-7'], why: 'block 0 may be taken for the newest' },
  { head: 7, from: 3, to: 900, asked: ['3-7'], why: 'nothing beyond the head' },
  { head: 7, from: 8, to: undefined, asked: [], why: 'nothing is there yet' },
  { head: 4_001, from: 0, to: undefined, asked: ['1-2000', '2001-4000', '4001-4001'], why: 'pages' },
])('logs from $from at head $head are asked for as $asked: $why', async ({ head, from, to, asked }) => {
  const { ask, ranges } = quietEngine()
  const heights: number[] = []
  const filter = to === undefined ? { from } : { from, to }
  for await (const { block } of logPages(ask, headAt(head), filter)) heights.push(block.height)
  expect(ranges).toEqual(asked)
  expect(heights.at(-1)).toBe(asked.length === 0 ? undefined : head)
})
