import { afterAll, beforeAll, expect, test } from 'vitest'
import { hash32, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { contractCall, type Deployment } from './contracts.ts'
import { deployContracts } from './deploy.ts'
import { type EmbeddedLedger, openEmbedded } from './embedded.door.ts'
import { logPages } from './log-pages.ts'
import type { BlockLogs, Head, LogFilter, Receipt } from './port.ts'
import { readBatch } from './read-batch.ts'
import { RecentBlocks } from './recent-blocks.ts'
import { type BareAnvil, startBareAnvil } from './testing/bare-anvil.ts'
import { founderOf, hashOf, signerOf, temporaryFolder } from './testing/fixtures.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let ledger: EmbeddedLedger
let deployment: Deployment
let anvil: BareAnvil

beforeAll(async () => {
  folder = await temporaryFolder()
  ledger = await openEmbedded({ directory: folder.path, operator: signerOf('operator') })
  const founders = ['north', 'south'].map(founderOf)
  deployment = await deployContracts(ledger, { by: signerOf('north'), founders, threshold: 2 })
  for (const i of [1, 2, 3]) {
    const request = contractCall(deployment, 'consents', 'requestAccess', [hashOf(`request ${i}`)])
    await Promise.all(
      ['north', 'south'].map((by) =>
        ledger.submit(request, { by: signerOf(by), keys: [hashOf(`${by} ${i}`)] }),
      ),
    )
  }
  anvil = await startBareAnvil()
})
afterAll(async () => {
  await ledger?.close()
  await folder?.remove()
  await anvil?.stop()
})

async function gathered(pages: AsyncIterable<BlockLogs>): Promise<readonly BlockLogs[]> {
  const found: BlockLogs[] = []
  for await (const page of pages) found.push(page)
  return found
}

test('what is at hand of a range is what the engine answers, whatever the range and the addresses', async () => {
  const head = await ledger.head()
  const addresses = [undefined, [deployment.consents], Object.values(deployment)]
  for (const chosen of addresses)
    for (const [from, to] of [
      [0, undefined],
      [1, undefined],
      [2, head.height - 1],
      [head.height, head.height + 9],
      [head.height + 1, undefined],
    ] as const) {
      const filter: LogFilter = {
        from,
        ...(to === undefined ? {} : { to }),
        ...(chosen === undefined ? {} : { addresses: chosen }),
      }
      expect(await gathered(ledger.logs(filter))).toEqual(await gathered(logPages(ledger.ask, head, filter)))
    }
})

test('a range is answered only where all of it is at hand, and blocks of another branch are forgotten', () => {
  const recent = new RecentBlocks()
  for (const height of [5, 6, 7]) recent.add(headAt(height), [receiptAt(height)])
  expect(recent.logs({ from: 4 }, headAt(7))).toBeUndefined()
  expect(recent.logs({ from: 5 }, headAt(8))).toBeUndefined()
  expect(recent.logs({ from: 6 }, headAt(7))?.map(({ block }) => block.height)).toEqual([6, 7])
  recent.add({ ...headAt(8), parentHash: hash32(`0x${'9'.repeat(64)}`) }, [])
  expect(recent.logs({ from: 6 }, headAt(8))).toBeUndefined()
  expect(recent.block(8)?.height).toBe(8)
})

test('blocks at hand are bounded in number', () => {
  const recent = new RecentBlocks()
  for (let height = 1; height <= 1_000; height++) recent.add(headAt(height), [])
  expect(recent.block(744)).toBeUndefined()
  expect(recent.block(745)?.height).toBe(745)
})

test('reads of one turn go in one request, and each caller has its own answer or refusal', async () => {
  let requests = 0
  const rpc = {
    call: (...call: Parameters<typeof anvil.rpc.call>) => {
      requests++
      return anvil.rpc.call(...call)
    },
    batch: (...calls: Parameters<typeof anvil.rpc.batch>) => {
      requests++
      return anvil.rpc.batch(...calls)
    },
  }
  const view = readBatch(rpc)
  const outcomes = await Promise.allSettled([
    view('eth_chainId', []),
    view('eth_getBlockByNumber', ['no number', false]),
    view('eth_getBalance', [signerOf('nobody').address, 'latest']),
  ])
  expect(requests).toBe(1)
  expect(outcomes[0]).toEqual({ status: 'fulfilled', value: '0x6e18e7' })
  expect(outcomes[1]).toMatchObject({ status: 'rejected', reason: { code: 'RPC_REFUSED' } })
  expect(outcomes[2]).toEqual({ status: 'fulfilled', value: '0x0' })
  await Promise.all(Array.from({ length: 65 }, () => view('eth_chainId', [])))
  expect(requests).toBe(3)
})

test('reads of a server that is gone fail, all of one turn', async () => {
  const gone = await startBareAnvil()
  const view = readBatch(gone.rpc)
  await gone.stop()
  const outcomes = await Promise.allSettled([view('eth_chainId', []), view('eth_chainId', [])])
  for (const outcome of outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'UNREACHABLE' } })
})

function headAt(height: number): Head {
  const word = (n: number) => hash32(`0x${n.toString(16).padStart(64, '0')}`)
  return {
    height,
    hash: word(height),
    parentHash: word(height - 1),
    timestamp: quantity<UnixSeconds>(1_000 + height),
  }
}

function receiptAt(height: number): Receipt {
  const block = headAt(height)
  const log = {
    address: deployment.consents,
    topics: [],
    data: '0x' as const,
    index: 0,
    transaction: block.hash,
  }
  return {
    transaction: block.hash,
    block,
    index: 0,
    status: 'success',
    gasUsed: 21_000,
    created: null,
    logs: [log],
  }
}
