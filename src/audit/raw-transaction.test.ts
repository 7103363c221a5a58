import { secp256k1 } from '@noble/curves/secp256k1.js'
import fc from 'fast-check'
import { serializeTransaction, type TransactionSerializable } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { keccak } from '../consent/index.ts'
import { fromHex, type Hex, toHex } from '../vocabulary/index.ts'
import { readRawTransaction } from './raw-transaction.ts'

const CHAIN = 7_215_335
const hexOf = (constraints: fc.IntArrayConstraints): fc.Arbitrary<Hex> =>
  fc.uint8Array(constraints).map(toHex)

const anyTransaction: fc.Arbitrary<TransactionSerializable> = fc
  .record({
    nonce: fc.integer({ min: 0, max: 2 ** 31 }),
    gas: fc.bigInt(0n, 2n ** 40n),
    data: fc.oneof(hexOf({ maxLength: 3 }), hexOf({ maxLength: 300 })),
    to: fc.option(hexOf({ minLength: 20, maxLength: 20 }), { nil: undefined }),
  })
  .chain(({ to, ...plain }) => {
    const common = { ...plain, ...(to === undefined ? {} : { to }), chainId: CHAIN, value: 0n }
    return fc.constantFrom<TransactionSerializable>(
      { ...common, type: 'legacy', gasPrice: 0n },
      { ...common, type: 'eip2930', gasPrice: 0n, accessList: [] },
      { ...common, type: 'eip1559', maxFeePerGas: 0n, maxPriorityFeePerGas: 0n },
    )
  })

describe('a raw transaction', () => {
  it('of every type gives back what another implementation signed, and who signed it', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyTransaction,
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        async (plain, secret) => {
          fc.pre(secp256k1.utils.isValidSecretKey(secret))
          const account = privateKeyToAccount(toHex(secret))
          const raw = await account.signTransaction(plain, { serializer: serializeTransaction })
          const read = readRawTransaction(raw, CHAIN)
          expect(read.sender).toBe(account.address.toLowerCase())
          expect(read.hash).toBe(keccak(fromHex(raw)))
          expect({ ...read, data: toHex(read.data) }).toMatchObject({
            nonce: BigInt(plain.nonce ?? 0),
            gas: plain.gas,
            to: plain.to ?? null,
            data: plain.data,
          })
        },
      ),
      { numRuns: 60 },
    )
  })

  it('that was cut, or whose bytes are no transaction, is refused and never misread', async () => {
    const account = privateKeyToAccount(toHex(new Uint8Array(32).fill(7)))
    const raw = await account.signTransaction({ type: 'eip1559', chainId: CHAIN, nonce: 1, gas: 21_000n })
    for (let cut = 2; cut < raw.length; cut += 8) {
      expect(() => readRawTransaction(raw.slice(0, cut) as Hex, CHAIN)).toThrow()
    }
    expect(() => readRawTransaction(`${raw}00`, CHAIN)).toThrow(/cannot be read/)
    expect(() => readRawTransaction('0x7f00', CHAIN)).toThrow(/cannot be read/)
  })
})
