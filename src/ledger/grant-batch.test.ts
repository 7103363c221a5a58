import fc from 'fast-check'
import { decodeFunctionData, encodeAbiParameters, encodeEventTopics, encodeFunctionData } from 'viem'
import { expect, test } from 'vitest'
import { hash32, toHex } from '../vocabulary/index.ts'
import { consentLedgerAbi, GRANT_CODES } from './abi/index.ts'
import { grantAnswers, grantBatchCall } from './grant-batch.ts'
import { consentIdOf, splitSignature } from './intents.ts'
import { hashOf, signerOf } from './testing/fixtures.ts'

const consents = signerOf('contract').address
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const intents = fc.array(
  fc.record({
    commitment: fc.string().map(hashOf),
    signer: fc.string({ maxLength: 3 }).map((name) => signerOf(name).address),
    expiryDay: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    nonce: u64,
    deadline: u64,
    signature: fc
      .tuple(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.constantFrom(0, 1, 27, 28))
      .map(([rs, v]) => toHex(new Uint8Array([...rs, v]))),
  }),
  { maxLength: 6 },
)

test('the call is the general codec’s, byte for byte', () => {
  fc.assert(
    fc.property(intents, (list) => {
      const words = list.map(({ signature, ...rest }) => ({ ...rest, ...splitSignature(signature) }))
      const { data } = grantBatchCall(consents, list)
      expect(data).toBe(
        encodeFunctionData({ abi: consentLedgerAbi, functionName: 'grantBatch', args: [words] }),
      )
      expect(decodeFunctionData({ abi: consentLedgerAbi, data }).functionName).toBe('grantBatch')
    }),
    { numRuns: 60 },
  )
})

test('the answers are read as the general codec writes them, other contracts’ and other events are not', () => {
  const answer = fc.record({ name: fc.string(), code: fc.nat(GRANT_CODES.length - 1), foreign: fc.boolean() })
  fc.assert(
    fc.property(fc.array(answer, { maxLength: 8 }), (list) => {
      const logs = list.map(({ name, code, foreign }, index) => {
        const [signer, commitment] = [signerOf(name).address, hashOf(name)]
        const consentId = consentIdOf(commitment, signer)
        const granted = code === 0
        const topics = granted
          ? encodeEventTopics({ abi: consentLedgerAbi, eventName: 'Granted', args: { consentId, signer } })
          : encodeEventTopics({ abi: consentLedgerAbi, eventName: 'GrantRefused', args: { signer } })
        return {
          address: foreign ? signerOf('foreign').address : consents,
          topics: topics.map((topic) => hash32(String(topic))),
          data: encodeAbiParameters(
            [{ type: 'bytes32' }, { type: granted ? 'uint32' : 'uint8' }],
            [commitment, granted ? 42_000 : code],
          ),
          index,
          transaction: hashOf('transaction'),
        }
      })
      const expected = list
        .filter(({ foreign }) => !foreign)
        .map(({ name, code }) => {
          const [signer, commitment] = [signerOf(name).address, hashOf(name)]
          return { signer, commitment, consentId: consentIdOf(commitment, signer), code: GRANT_CODES[code] }
        })
      const revoked = encodeEventTopics({
        abi: consentLedgerAbi,
        eventName: 'Revoked',
        args: { consentId: hashOf('id'), signer: consents },
      })
      const other = { ...logs[0], address: consents, topics: revoked.map((topic) => hash32(String(topic))) }
      const last = { data: toHex(new Uint8Array(64)), index: 99, transaction: hashOf('transaction') }
      expect(grantAnswers(consents, [...logs, { ...other, ...last }])).toEqual(expected)
    }),
    { numRuns: 40 },
  )
})
