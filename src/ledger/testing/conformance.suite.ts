/** What every engine behind the port must do, run by each adapter's test. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Hex, hash32, toHex } from '../../vocabulary/index.ts'
import { contractEvents } from '../contract-events.ts'
import { contractCall, type Deployment, readContract } from '../contracts.ts'
import { deployContracts } from '../deploy.ts'
import { consentIdOf, signRevoke, splitSignature } from '../intents.ts'
import type { Head, Ledger, Receipt } from '../port.ts'
import { Relay } from '../relay.ts'
import { signTransaction } from '../transaction.ts'
import { bytesOf, FAR_DEADLINE, founderOf, grantOf, hashOf, signerOf } from './fixtures.ts'

export interface OpenOptions {
  readonly perSender?: number
  /** Milliseconds without a block after which an engine that watches for them takes the chain for halted. */
  readonly haltAfterMs?: number
}

export interface EngineUnderTest {
  /** Opens the engine on the same chain and outbox each time. */
  open(options?: OpenOptions): Promise<Ledger>
  clean(): Promise<void>
  /** Calls of one sender, more than the engine takes into one block or has on its way at a time. */
  readonly flood: number
  /** Makes the engine unable to make blocks, and able again; absent where that cannot be done from outside. */
  readonly fault?: { halt(): Promise<void>; mend(): Promise<void>; readonly code: string }
}

const NAMES = ['north', 'south', 'east']
/** How long something that has to come is waited for, on the slowest machine. */
const PATIENT = { timeout: 120_000 }

export function conformance(name: string, start: () => Promise<EngineUnderTest>): void {
  describe(`the port on ${name}`, () => {
    let engine: EngineUnderTest
    let ledger: Ledger
    let deployment: Deployment
    const domain = () => ({ chainId: ledger.chainId, consents: deployment.consents })
    const request = (word: string) =>
      contractCall(deployment, 'consents', 'requestAccess', [hashOf(`${name} ${word}`)])

    beforeAll(async () => {
      engine = await start()
      ledger = await engine.open()
      const founders = NAMES.map(founderOf)
      deployment = await deployContracts(ledger, { by: signerOf('north'), founders, threshold: 2 })
    })
    afterAll(async () => {
      await ledger?.close()
      await engine?.clean()
    })

    test('a submitted call comes back included, final and readable by its hash', async () => {
      const receipt = await ledger.submit(request('one'), { by: signerOf('north'), keys: [hashOf('one')] })
      expect(receipt.status).toBe('success')
      expect(receipt.logs).toHaveLength(1)
      expect(await ledger.receipt(receipt.transaction)).toEqual(receipt)
      expect(await ledger.block(receipt.block.height)).toEqual(receipt.block)
      expect((await ledger.head()).height).toBeGreaterThanOrEqual(receipt.block.height)
    })

    test('a key leads to one receipt, at once, later and after reopening', async () => {
      const submit = () => ledger.submit(request('key'), { by: signerOf('north'), keys: [hashOf('key')] })
      const [first, second] = await Promise.all([submit(), submit()])
      expect(second).toEqual(first)
      expect(await submit()).toEqual(first)
      expect(await ledger.lookup(hashOf('key'))).toEqual(first)
      await ledger.close()
      ledger = await engine.open()
      expect(await ledger.lookup(hashOf('key'))).toEqual(first)
      expect(await submit()).toEqual(first)
      expect(await ledger.lookup(hashOf('never'))).toBeUndefined()
    })

    test('a batch of keys that are partly known is refused', async () => {
      const keys = [hashOf('key'), hashOf('new')]
      await expect(ledger.submit(request('partly'), { by: signerOf('north'), keys })).rejects.toMatchObject({
        code: 'KEYS_PARTLY_KNOWN',
      })
    })

    test('one sender’s calls keep their order, several senders’ all arrive', async () => {
      const receipts = await Promise.all(
        Array.from({ length: 24 }, (_, i) => {
          const by = signerOf(NAMES[i % 3] ?? 'north')
          return ledger.submit(request(`order ${i}`), { by, keys: [hashOf(`order ${i}`)] })
        }),
      )
      for (const lane of [0, 1, 2]) {
        const places = receipts
          .filter((_, i) => i % 3 === lane)
          .map(({ block, index }) => block.height * 10_000 + index)
        expect(places).toEqual([...places].sort((a, b) => a - b))
      }
      expect(receipts.every(({ status }) => status === 'success')).toBe(true)
    })

    test('a reverted call is final, says so, and uses its key up', async () => {
      const submit = () => ledger.submit(request('one'), { by: signerOf('north'), keys: [hashOf('reverts')] })
      const receipt = await submit()
      expect(receipt.status).toBe('reverted')
      expect(await submit()).toEqual(receipt)
    })

    test('a revoke overtakes what its own sender has waiting', async () => {
      const intent = grantOf(domain(), `${name} overtaken`)
      const { signature, ...words } = signRevoke(domain(), signerOf(`consent ${name} overtaken`), {
        commitment: intent.commitment,
        nonce: 0n,
        deadline: FAR_DEADLINE,
      })
      const call = contractCall(deployment, 'consents', 'revoke', [
        { ...words, ...splitSignature(signature) },
      ])
      const order: string[] = []
      const note = (what: string) => (receipt: Receipt) => {
        order.push(what)
        return receipt
      }
      const by = signerOf('north')
      const ordinary = Array.from({ length: engine.flood }, (_, i) =>
        ledger.submit(request(`flood ${i}`), { by, keys: [hashOf(`flood ${i}`)] }).then(note('ordinary')),
      )
      await ordinary[0]
      const revoke = ledger.submit(call, { by, keys: [hashOf('urgent')] }).then(note('revoke'))
      await Promise.all([...ordinary, revoke])
      const before = order.indexOf('revoke')
      expect(before).toBeLessThan(engine.flood - 10)
      const { block, index } = await revoke
      const receipts = await Promise.all(ordinary)
      const later = receipts.filter(
        (one) => one.block.height > block.height || (one.block.height === block.height && one.index > index),
      )
      expect(later.length).toBeGreaterThan(0)
    })

    test('a transaction that its signer made alone is included, and is the same when sent again', async () => {
      const owner = signerOf(`direct ${name}`)
      const commitment = hashOf(`direct ${name}`)
      const call = contractCall(deployment, 'consents', 'revokeDirect', [commitment])
      const { raw, hash } = signTransaction(call, 0, ledger.chainId, owner)
      const receipt = await ledger.submitRaw(raw)
      expect(receipt.transaction).toBe(hash)
      expect(receipt.status).toBe('success')
      expect(await ledger.submitRaw(raw)).toEqual(receipt)
      const id = consentIdOf(commitment, owner.address)
      const { value } = await readContract(ledger, deployment, 'consents', 'consentOf', [id, owner.address])
      expect(value[0]).toBe(2)
    })

    const badRaw: readonly { readonly why: string; raw(): Hex }[] = [
      { why: 'NOT_A_TRANSACTION', raw: () => '0x1234' },
      { why: 'OTHER_CHAIN', raw: () => signTransaction(request('x'), 0, 1, signerOf('lost')).raw },
      {
        why: 'GAS_LIMIT_TOO_LOW',
        raw: () => signTransaction({ ...request('x'), gas: 21_000 }, 0, ledger.chainId, signerOf('lost')).raw,
      },
      {
        why: 'GAS_LIMIT_TOO_HIGH',
        raw: () =>
          signTransaction({ ...request('x'), gas: 100_000_001 }, 0, ledger.chainId, signerOf('lost')).raw,
      },
      {
        why: 'NONCE_TOO_LOW',
        raw: () => signTransaction(request('low'), 0, ledger.chainId, signerOf('north')).raw,
      },
    ]
    test.each(badRaw)('a transaction is refused with the reason $why', async ({ why, raw }) => {
      await expect(ledger.submitRaw(raw())).rejects.toMatchObject({
        code: 'TRANSACTION_REFUSED',
        facts: { why },
      })
    })

    test('a read names the block it was taken at, and an older state is never passed off as another', async () => {
      const outcome = await new Relay({ ledger, deployment, by: signerOf('south') }).grant(
        grantOf(domain(), `${name} read`),
      )
      const granted = outcome.receipt?.block
      if (granted === undefined) throw new Error('no receipt')
      const signer = signerOf(`consent ${name} read`).address
      const state = async (at?: Head) =>
        readContract(ledger, deployment, 'consents', 'consentOf', [outcome.consentId, signer], at)
      const now = await state()
      expect(now.value[0]).toBe(1)
      expect(now.at.height).toBeGreaterThanOrEqual(granted.height)
      const before = await ledger.block(granted.height - 1)
      if (before === undefined) throw new Error('no block before')
      const earlier = await state(before).catch((error: Error) => error)
      if (earlier instanceof Error) expect(earlier).toMatchObject({ code: 'STATE_PRUNED' })
      else expect(earlier.value[0]).toBe(0)
    })

    test('a view that refuses says with which error', async () => {
      const unknown = { to: deployment.membership, data: '0xdeadbeef' as const }
      await expect(ledger.read(unknown)).rejects.toMatchObject({ code: 'CALL_REVERTED' })
    })

    test('logs come in order, each once, and not from beyond the head', async () => {
      const head = await ledger.head()
      const seen: string[] = []
      let last: Head | undefined
      for await (const { block, logs } of ledger.logs({
        from: 0,
        to: head.height + 1_000,
        addresses: Object.values(deployment),
      })) {
        if (last !== undefined) expect(block.height).toBeGreaterThan(last.height)
        last = block
        for (const event of contractEvents(deployment, block, logs))
          seen.push(`${event.block.hash} ${event.index}`)
      }
      expect(last?.height).toBeGreaterThanOrEqual(head.height)
      expect(new Set(seen).size).toBe(seen.length)
      expect(seen.length).toBeGreaterThan(engine.flood)
    })

    test('every new head is reported once, in order, each the child of the one before', async () => {
      const heads: Head[] = []
      const stop = ledger.watchHeads((head) => heads.push(head))
      for (const i of [1, 2, 3]) {
        await ledger.submit(request(`watch ${i}`), { by: signerOf('east'), keys: [hashOf(`watch ${i}`)] })
      }
      await expect.poll(() => heads.length, PATIENT).toBeGreaterThanOrEqual(3)
      stop()
      heads.slice(1).forEach((head, i) => {
        expect(head.parentHash).toBe(heads[i]?.hash)
        expect(head.timestamp).toBeGreaterThanOrEqual(heads[i]?.timestamp ?? 0)
      })
    })

    test('a full line refuses with a time to come back, and loses nothing it took', async () => {
      await ledger.close()
      ledger = await engine.open({ perSender: 20 })
      const results = await Promise.allSettled(
        Array.from({ length: 120 }, (_, i) =>
          ledger.submit(request(`full ${i}`), { by: signerOf('east'), keys: [hashOf(`full ${i}`)] }),
        ),
      )
      const refused = results.filter((result) => result.status === 'rejected')
      expect(refused.length).toBeGreaterThan(0)
      for (const { reason } of refused) {
        expect(reason).toMatchObject({ code: 'LEDGER_BUSY', facts: { retry_after_seconds: 1 } })
      }
      for (const [i, result] of results.entries()) {
        const found = await ledger.lookup(hashOf(`full ${i}`))
        expect(found?.status).toBe(result.status === 'fulfilled' ? 'success' : undefined)
      }
    })

    test('an unknown height and an empty account are told apart from trouble', async () => {
      expect(await ledger.block((await ledger.head()).height + 1_000)).toBeUndefined()
      expect(await ledger.receipt(hash32(toHex(bytesOf('no such transaction'))))).toBeUndefined()
      expect(await ledger.code(signerOf('nobody').address)).toBe('0x')
    })

    test('a halt is told, ordinary calls are refused meanwhile, and work resumes by itself', async ({
      skip,
    }) => {
      const { fault } = engine
      if (fault === undefined) return skip()
      await ledger.close()
      ledger = await engine.open({ haltAfterMs: 1_500 })
      await fault.halt()
      const stuck = ledger
        .submit(request('halt'), { by: signerOf('south'), keys: [hashOf('halt')] })
        .catch((error: unknown) => error)
      await expect.poll(() => ledger.state(), PATIENT).toMatchObject({ status: 'halted', code: fault.code })
      await expect(
        ledger.submit(request('halt 2'), { by: signerOf('south'), keys: [hashOf('halt 2')] }),
      ).rejects.toMatchObject({ code: 'LEDGER_HALTED', facts: { because: fault.code } })
      await fault.mend()
      const after = await stuck
      if (after instanceof Error) expect(after).toMatchObject({ code: 'LEDGER_HALTED' })
      const resumed = await ledger.submit(request('halt'), { by: signerOf('south'), keys: [hashOf('halt')] })
      expect(resumed.status).toBe('success')
      expect(ledger.state()).toEqual({ status: 'running' })
    })

    test('a closed ledger takes nothing', async () => {
      await ledger.close()
      expect(ledger.state()).toMatchObject({ status: 'halted' })
      await expect(
        ledger.submit(request('closed'), { by: signerOf('north'), keys: [hashOf('closed')] }),
      ).rejects.toMatchObject({ code: 'LEDGER_CLOSED' })
    })
  })
}
