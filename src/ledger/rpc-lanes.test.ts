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
const NOWHERE = signerOf('nobody').address
/** What the engine refuses for good. */
const BAD = '0xbad0' as const

/** An engine of one sender, in the words of a consortium's (gaps refused) or of one whose pool keeps what comes too early. */
class Pool {
  readonly takesGaps: boolean
  readonly requests: number[] = []
  readonly #taken = new Map<number, { readonly hash: Hash32; readonly data: Hex }>()
  #next = 0

  constructor(takesGaps: boolean) {
    this.takesGaps = takesGaps
  }

  readonly askAll = async (calls: readonly RpcCall[]): Promise<readonly RpcAnswer[]> => {
    this.requests.push(calls.length)
    return calls.map(([, [raw]]): RpcAnswer => {
      const { hash, nonce, data } = parseRaw(raw as Hex, CHAIN)
      const refuse = (message: string): RpcAnswer => ({ ok: false, code: -32_000, message })
      if (data === BAD) return refuse('not for this ledger')
      if (nonce > this.#expected() && !this.takesGaps) return refuse('nonce too high')
      this.#taken.set(nonce, { hash, data })
      return { ok: true, result: hash }
    })
  }

  readonly ask = async (method: string): Promise<unknown> => {
    if (method === 'eth_getTransactionCount') return quantityHex(this.#next)
    throw new Error(method)
  }

  /** What a block takes in: as many as follow each other without a gap. */
  mine(): readonly Hex[] {
    const mined: Hex[] = []
    for (let one = this.#taken.get(this.#next); one !== undefined; one = this.#taken.get(this.#next)) {
      mined.push(one.data)
      this.#next += 1
    }
    return mined
  }

  #expected(): number {
    let expected = this.#next
    while (this.#taken.has(expected)) expected += 1
    return expected
  }
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>
beforeEach(async () => {
  folder = await temporaryFolder()
})
afterEach(() => folder.remove())

async function lanesTo(pool: Pool): Promise<{ lanes: RpcLanes; outbox: Outbox }> {
  const outbox = await Outbox.open(realDisk, folder.path)
  const lanes = new RpcLanes({
    ...{ ask: pool.ask, askAll: pool.askAll, outbox, chainId: CHAIN },
    ...{ isUrgent: ({ data }) => data === '0xff', perSender: 1_000, window: 64, resendMs: 60_000 },
    isClosed: () => false,
  })
  return { lanes, outbox }
}

const calls = (count: number): readonly Hex[] =>
  Array.from({ length: count }, (_, i) => `0x01${i.toString(16).padStart(2, '0')}` as const)

for (const takesGaps of [false, true]) {
  const kind = takesGaps ? 'keeps what comes too early' : 'refuses gaps'
  test(`what waits together is sent together, and one that an engine refuses holds nothing up (it ${kind})`, async () => {
    const pool = new Pool(takesGaps)
    const { lanes, outbox } = await lanesTo(pool)
    const good = calls(12)
    const all = [...good.slice(0, 6), BAD, ...good.slice(6)]
    const outcomes = all.map((data) =>
      lanes.enter({ to: NOWHERE, data, gas: 60_000 }, BY, [hashOf(data)]).then(
        () => undefined,
        (error: { code: string }) => error.code,
      ),
    )
    expect(await outcomes[6]).toBe('TRANSACTION_REFUSED')
    const mined: Hex[] = []
    const own = (): readonly Hex[] => {
      mined.push(...pool.mine())
      return mined.filter((data) => data !== '0x')
    }
    await expect.poll(own, { timeout: 60_000 }).toEqual(good)
    expect(mined).toHaveLength(takesGaps ? 13 : 12)
    expect(outbox.find(hashOf(BAD))).toBeUndefined()
    expect(Math.max(...pool.requests)).toBeGreaterThan(6)
    lanes.close()
    await outbox.close()
  })
}

test('a revoke that comes while others wait stands before them', async () => {
  const pool = new Pool(false)
  const { lanes, outbox } = await lanesTo(pool)
  const enter = (data: Hex): void => {
    lanes.enter({ to: NOWHERE, data, gas: 60_000 }, BY, [hashOf(data)]).catch(() => undefined)
  }
  for (const data of calls(70)) enter(data)
  enter('0xff')
  await expect.poll(() => pool.requests.reduce((sum, count) => sum + count, 0), { timeout: 60_000 }).toBe(64)
  const revoke = outbox.waiting().find(({ hash }) => hash === outbox.find(hashOf('0xff')))
  // After what was sent before it was there: one alone, and at most one request more.
  expect(revoke?.nonce).toBeLessThan(34)
  lanes.close()
  await outbox.close()
})
