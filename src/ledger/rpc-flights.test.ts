import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Hash32, Hex } from '../vocabulary/index.ts'
import { realDisk } from './disk.ts'
import type { RpcAnswer, RpcCall } from './json-rpc.ts'
import { Outbox } from './outbox.ts'
import { RpcLanes } from './rpc-lanes.ts'
import { quantityHex } from './rpc-shapes.ts'
import { hashOf, signerOf, temporaryFolder } from './testing/fixtures.ts'
import { parseRaw } from './transaction.ts'

const CHAIN = 7_215_335
const BY = signerOf('sender')

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

/** An engine that puts what comes into blocks of twenty and tells nobody; it counts what it is asked. */
class Silent {
  readonly asked = new Map<string, number>()
  readonly #hashes: Hash32[] = []
  probes: Promise<void> = Promise.resolve()

  get taken(): number {
    return this.#hashes.length
  }

  readonly ask = async (method: string, [what]: readonly unknown[]): Promise<unknown> => {
    this.asked.set(method, (this.asked.get(method) ?? 0) + 1)
    const height = Number(what)
    if (method === 'eth_getTransactionCount') return '0x0'
    if (method === 'eth_getBlockByNumber') return { ...head(height), transactions: this.#in(height) }
    if (method === 'eth_getBlockReceipts') return this.#in(height).map((hash, i) => receipt(hash, height, i))
    throw new Error(method)
  }

  readonly askAll = async (calls: readonly RpcCall[]): Promise<readonly RpcAnswer[]> => {
    if (calls[0]?.[0] === 'eth_getTransactionByHash') await this.probes
    return calls.map(([method, [what]]): RpcAnswer => {
      if (method === 'eth_getTransactionByHash') {
        const at = this.#hashes.indexOf(what as Hash32)
        return { ok: true, result: at < 0 ? null : placeOf(Math.floor(at / 20) + 1) }
      }
      this.#hashes.push(parseRaw(what as Hex, CHAIN).hash)
      return { ok: true, result: what }
    })
  }

  #in(height: number): readonly Hash32[] {
    return this.#hashes.slice(20 * (height - 1), 20 * height)
  }
}

const placeOf = (height: number) => ({
  blockHash: hashOf(`block ${height}`),
  blockNumber: quantityHex(height),
})
const head = (height: number) => ({
  ...{ number: quantityHex(height), hash: hashOf(`block ${height}`) },
  ...{ parentHash: hashOf(`block ${height - 1}`), timestamp: '0x1' },
})
const receipt = (transactionHash: Hash32, height: number, i: number) => ({
  ...{ ...placeOf(height), transactionHash, transactionIndex: quantityHex(i) },
  ...{ status: '0x1', gasUsed: '0x5208', logs: [], contractAddress: null },
})

async function lanesTo(engine: Silent, resendMs: number): Promise<{ lanes: RpcLanes; outbox: Outbox }> {
  const outbox = await Outbox.open(realDisk, folder.path)
  const lanes = new RpcLanes({
    ...{ ask: engine.ask, askAll: engine.askAll, outbox, chainId: CHAIN, isUrgent: () => false },
    ...{ perSender: 1_000, window: 64, resendMs, isClosed: () => false },
  })
  return { lanes, outbox }
}

test('what stands in blocks that nobody told of is settled block by block, not one by one', async () => {
  const engine = new Silent()
  const { lanes, outbox } = await lanesTo(engine, -1)
  const settled = Array.from({ length: 40 }, (_, i) =>
    lanes.enter({ to: BY.address, data: '0x01', gas: 60_000 }, BY, [hashOf(`call ${i}`)]),
  )
  await expect.poll(() => engine.taken, { timeout: 60_000 }).toBe(40)
  await lanes.resendLate()
  const heights = (await Promise.all(settled)).map(({ block }) => block.height)
  expect(heights.filter((height) => height === 1)).toHaveLength(20)
  expect(heights.filter((height) => height === 2)).toHaveLength(20)
  expect(outbox.waiting()).toEqual([])
  expect(engine.asked.get('eth_getBlockReceipts')).toBe(2)
  expect([...engine.asked.keys()]).not.toContain('eth_getTransactionReceipt')
  lanes.close()
  await outbox.close()
})

test('a block is settled while an engine takes its time over what is late', async () => {
  const engine = new Silent()
  const { lanes, outbox } = await lanesTo(engine, -1)
  const first = lanes.enter({ to: BY.address, data: '0x01', gas: 60_000 }, BY, [hashOf('one')])
  await expect.poll(() => engine.taken, { timeout: 60_000 }).toBe(1)
  let goOn = (): void => undefined
  engine.probes = new Promise((resolve) => {
    goOn = resolve
  })
  const late = lanes.resendLate()
  const { hash } = outbox.waiting()[0] ?? { hash: hashOf('none') }
  const json = await engine.ask('eth_getBlockByNumber', ['0x1'])
  const seen = { height: 1, hash: hashOf('block 1'), parentHash: hashOf('block 0'), timestamp: 1 as never }
  expect(json).toMatchObject({ transactions: [hash] })
  await lanes.onBlock({ head: seen, transactions: [hash], gap: false })
  expect((await first).block.height).toBe(1)
  goOn()
  await late
  lanes.close()
  await outbox.close()
})
