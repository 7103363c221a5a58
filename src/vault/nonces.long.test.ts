import { expect, it } from 'vitest'
import { noncesOf } from './testing/nonces.ts'

it('sealing never uses a nonce twice over 100,000 chunks', async () => {
  expect(await noncesOf(100_000)).toBe(100_000)
})
