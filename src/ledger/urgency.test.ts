import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { URGENT_SELECTORS } from './urgency.ts'

test('a proposer of the consortium puts the same calls first', async () => {
  const order = await readFile('engines/consortium/chain/order.go', 'utf8')
  const listed = /revocations = \[\]\[4\]byte\{(.*)\}\n/.exec(order)?.[1] ?? ''
  const selectors = [...listed.matchAll(/\{([^{}]+)\}/g)].map(
    ([, bytes = '']) => `0x${bytes.replaceAll(/0x|, /g, '')}`,
  )
  expect(new Set(selectors)).toEqual(URGENT_SELECTORS)
})
