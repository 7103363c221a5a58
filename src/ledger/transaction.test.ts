import fc from 'fast-check'
import { keccak256, parseTransaction, serializeTransaction } from 'viem'
import { expect, test } from 'vitest'
import { fromHex, toHex } from '../vocabulary/index.ts'
import { decodeHex, encodeHex } from './hex.ts'
import { signerOf } from './testing/fixtures.ts'
import { parseRaw, signTransaction } from './transaction.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((data) => toHex(data))

test('a signed transaction is the one that another implementation writes', () => {
  const call = fc.record({
    to: fc.option(
      fc.string({ maxLength: 3 }).map((name) => signerOf(name).address),
      { nil: null },
    ),
    data: fc.oneof(bytes(3), bytes(70), bytes(600)),
    gas: fc.integer({ min: 100_000, max: 2 ** 26 }),
  })
  const nonces = fc.oneof(fc.nat(300), fc.nat())
  fc.assert(
    fc.property(call, nonces, fc.integer({ min: 1, max: 2 ** 40 }), (asked, nonce, chainId) => {
      const by = signerOf('sender')
      const signed = signTransaction(asked, nonce, chainId, by)
      const parsed = parseTransaction(signed.raw as `0x02${string}`)
      const plain = {
        type: 'eip1559',
        chainId,
        nonce,
        gas: BigInt(asked.gas),
        maxFeePerGas: 0n,
        maxPriorityFeePerGas: 0n,
        value: 0n,
        ...(asked.to === null ? {} : { to: asked.to }),
        data: asked.data,
      } as const
      const { r = '0x', s = '0x', yParity = 0 } = parsed
      expect(signed.raw).toBe(serializeTransaction(plain, { r, s, yParity }))
      expect(signed.hash).toBe(keccak256(signed.raw))
      expect(parseRaw(signed.raw, chainId)).toEqual(signed)
    }),
    { numRuns: 80 },
  )
})

test('hex is written and refused as everywhere else in the house', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), (data) => {
      expect(encodeHex(data)).toBe(toHex(data))
      expect(encodeHex(data.subarray(1))).toBe(toHex(data.subarray(1)))
      expect(decodeHex(toHex(data).toUpperCase().slice(2))).toEqual(data)
    }),
  )
  const outcome = (decode: typeof fromHex, text: string) => {
    try {
      return decode(text)
    } catch (error) {
      return error
    }
  }
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('0', 'x', '9', 'a', 'F', 'g', ' ', 'é') }), (text) => {
      expect(outcome(decodeHex, text)).toEqual(outcome(fromHex, text))
    }),
  )
})
