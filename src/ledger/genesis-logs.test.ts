import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { anvilBinary } from './anvil-binary.ts'
import { EMBEDDED_CHAIN } from './chain-parameters.ts'
import { consortiumAgreement, foundingOf } from './consortium-agreement.ts'
import { type FoundedExecutor, startFounded } from './founded-executor.ts'
import { foundingLogs, withGenesis } from './genesis-logs.ts'
import type { BlockLogs, Head } from './port.ts'
import { founderOf, hashOf, signerOf } from './testing/fixtures.ts'

const FOUNDERS = ['north', 'south', 'east', 'west', 'harbour'].map(founderOf)
const AGREEMENT = consortiumAgreement({
  founders: FOUNDERS,
  threshold: 3,
  seats: FOUNDERS.slice(0, 4).map(({ id, messageKey: key }) => ({ institution: id, key, power: 100 })),
  begins: quantity<UnixSeconds>(1_767_225_600),
  epochSeconds: 3_600,
})
const FOUNDING = foundingOf(JSON.stringify(AGREEMENT))

describe('a genesis that runs constructors', () => {
  let founded: FoundedExecutor
  beforeAll(async () => {
    const genesis = { ...EMBEDDED_CHAIN, genesisHash: hashOf('genesis'), operator: signerOf('x').address }
    founded = await startFounded(anvilBinary(), genesis, FOUNDING)
  })
  afterAll(() => founded.executor.process.kill())

  test('logs its founding members exactly as they are told with block 1', () => {
    const [membership] = founded.created
    const plain = ({ address: at, topics, data }: BlockLogs['logs'][number]) => ({ at, topics, data })
    expect(membership?.logs.filter(({ data }) => data.length === 2 + 3 * 64).map(plain)).toEqual(
      foundingLogs(FOUNDING).map(plain),
    )
  })

  test('stands before the first block of an executor, whose heights begin after it', async () => {
    expect(founded.created.map(({ status }) => status)).toEqual(Array(4).fill('success'))
    expect(founded.executor.head.height).toBe(0)
    const { head } = await founded.executor.execute({
      height: 1,
      timestamp: founded.executor.head.timestamp,
      parentHash: founded.executor.head.hash,
      transactions: [],
    })
    expect(head.height).toBe(1)
  })
})

describe('the logs of a genesis', () => {
  const head = (height: number): Head => ({
    height,
    hash: hashOf(`block ${height}`),
    parentHash: hashOf(`block ${height - 1}`),
    timestamp: quantity<UnixSeconds>(height),
  })
  const genesis = foundingLogs(FOUNDING)
  const own = { ...genesis[0]!, index: 0, transaction: hashOf('own') }
  const told = async (pages: readonly BlockLogs[], filter: Parameters<typeof withGenesis>[2]) => {
    const found: BlockLogs[] = []
    const each = (async function* () {
      yield* pages
    })()
    for await (const page of withGenesis(each, genesis, filter, async () => head(1))) found.push(page)
    return found.map(({ block, logs }) => [block.height, logs.map(({ index }) => index)])
  }

  test.each([
    [
      'with block 1 ahead of what is in it',
      [{ block: head(1), logs: [own] }],
      { from: 0 },
      [[1, [0, 1, 2, 3, 4, 5]]],
    ],
    [
      'before the first block that logs',
      [{ block: head(9), logs: [] }],
      { from: 1 },
      [
        [1, [0, 1, 2, 3, 4]],
        [9, []],
      ],
    ],
    ['never after it', [{ block: head(9), logs: [] }], { from: 2 }, [[9, []]]],
    [
      'not where others are asked for',
      [{ block: head(9), logs: [] }],
      { from: 0, addresses: [signerOf('x').address] },
      [[9, []]],
    ],
  ] as const)('are told %s', async (_, pages, filter, expected) => {
    expect(await told(pages, filter)).toEqual(expected)
  })
})
