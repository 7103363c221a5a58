import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Hash32, type Hex, hash32, toHex } from '../vocabulary/index.ts'
import { validatorSetAbi } from './abi/index.ts'
import { CONSORTIUM_CONTRACTS, consortiumEngine, startConsortiumNode } from './consortium.door.ts'
import { attachContracts } from './deploy.ts'
import type { Ledger, Receipt } from './port.ts'
import { openRpc } from './rpc.door.ts'
import { engineIsBuilt } from './testing/engine-built.ts'
import { bytesOf, founderOf, hashOf, PROBE_INIT, signerOf, temporaryFolder } from './testing/fixtures.ts'
import { type FourNodes, startFourNodes } from './testing/four-nodes.ts'
import { startLoad } from './testing/load.ts'
import { heightOf, LONG, oneHistory } from './testing/one-history.ts'

const MEMBERS = ['north', 'south', 'east', 'west']

describe.skipIf(!engineIsBuilt())(
  'four institutions with a seat each (left out where the engine is not built)',
  () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>
    let four: FourNodes
    let ledger: Ledger

    beforeAll(async () => {
      folder = await temporaryFolder()
      four = await startFourNodes(`${folder.path}/network`)
      const expected = { chainId: four.network.chainId }
      ledger = await openRpc({ urls: four.urls, expect: expected, directory: folder.path, pollMs: 50 })
    })
    afterAll(async () => {
      await ledger?.close()
      await four?.stop()
      await folder?.remove()
    })

    /** What CometBFT of a node says: key → power, at its newest height. */
    const powers = async (place: number): Promise<Readonly<Record<string, number>>> => {
      const answer = await fetch(`http://${four.network.nodes[place]!.ports.comet}/validators?per_page=100`)
      const { result } = (await answer.json()) as {
        result: { validators: { pub_key: { value: string }; voting_power: string }[] }
      }
      return Object.fromEntries(
        result.validators.map(({ pub_key, voting_power }) => [
          toHex(Buffer.from(pub_key.value, 'base64')),
          Number(voting_power),
        ]),
      )
    }
    const keyOf = (place: number): Hash32 => four.network.nodes[place]!.seatKey
    const call = (data: Hex, gas = 2_000_000) => ({ to: CONSORTIUM_CONTRACTS.validators, data, gas })

    /** Members vote in turn; the receipts. */
    const vote = async (
      voters: readonly string[],
      nonce: number,
      ...moves: readonly (readonly [who: string, key: Hash32, power: number])[]
    ): Promise<readonly Receipt[]> => {
      // By a clock: the first block carries the instant of the genesis, which may lie far back.
      const now = Math.floor(Date.now() / 1_000)
      const change = {
        moves: moves.map(([who, key, power]) => ({
          institution: founderOf(who).id,
          key,
          power: BigInt(power),
        })),
        nonce: BigInt(nonce),
        deadline: BigInt(now + 3_600),
      }
      const data = encodeFunctionData({ abi: validatorSetAbi, functionName: 'vote', args: [change] })
      const receipts: Receipt[] = []
      for (const voter of voters) {
        const key = hashOf(`${voter} ${nonce}`)
        receipts.push(await ledger.submit(call(data), { by: signerOf(voter), keys: [key] }))
      }
      return receipts
    }

    test('the genesis holds the contracts of this version, and the first set is what ValidatorSet answers', async () => {
      await expect(attachContracts(ledger, CONSORTIUM_CONTRACTS)).resolves.toBeDefined()
      const genesis = await Promise.all(
        four.network.nodes.map(({ home }) => readFile(join(home, 'config/genesis.json'), 'utf8')),
      )
      expect(new Set(genesis).size).toBe(1)
      for (const place of [0, 3]) {
        expect(await powers(place)).toEqual(Object.fromEntries([0, 1, 2, 3].map((i) => [keyOf(i), 100])))
      }
    })

    test('three of four members give a seat more power, and it counts two blocks later on every node', async () => {
      const receipts = await vote(MEMBERS.slice(0, 3), 1, ['north', keyOf(0), 120])
      expect(receipts.map(({ status }) => status)).toEqual(['success', 'success', 'success'])
      const decided = receipts.at(-1)!.block.height
      await expect
        .poll(async () => (await ledger.head()).height, { timeout: 10_000 })
        .toBeGreaterThanOrEqual(decided + 2)
      for (const place of [0, 1, 2, 3]) {
        await expect.poll(async () => (await powers(place))[keyOf(0)], { timeout: 10_000 }).toBe(120)
      }
    })

    test('a set that would let one seat stop the ledger, or have three seats, is never in force', async () => {
      const before = await powers(0)
      const tooMuch = await vote(MEMBERS.slice(0, 3), 2, ['north', keyOf(0), 160])
      const tooFew = await vote(MEMBERS.slice(0, 3), 3, ['west', keyOf(3), 0])
      for (const receipts of [tooMuch, tooFew]) expect(receipts.at(-1)!.status).toBe('reverted')
      expect(await powers(0)).toEqual(before)
    })

    test('two members decide nothing, a stranger may not even vote', async () => {
      const before = await powers(0)
      const [first, second] = await vote(['north', 'south'], 4, ['south', keyOf(1), 110])
      expect([first!.status, second!.status]).toEqual(['success', 'success'])
      const [refused] = await vote(['stranger'], 5, ['south', keyOf(1), 110])
      expect(refused!.status).toBe('reverted')
      expect(await powers(0)).toEqual(before)
    })

    test('the council creates contracts, others do not; anybody calls them without owning anything', async () => {
      const create = { to: null, data: PROBE_INIT, gas: 2_000_000 }
      const made = await ledger.submit(create, { by: signerOf('north'), keys: [hashOf('probe')] })
      const refused = await ledger.submit(create, { by: signerOf('stranger'), keys: [hashOf('probe 2')] })
      expect([made.status, refused.status]).toEqual(['success', 'reverted'])
      const used = { to: made.created!, data: toHex(bytesOf('anything')), gas: 200_000 }
      const receipt = await ledger.submit(used, { by: signerOf('nobody'), keys: [hashOf('used')] })
      expect(receipt.status).toBe('success')
      expect(await ledger.code(made.created!)).not.toBe('0x')
    })

    test('after kill -9 of one of four under load three go on, it is level again, and nothing acknowledged is missing', async () => {
      const comets = four.network.nodes.map(({ ports }) => ports.comet)
      const load = startLoad(ledger, 'one killed', 4)
      await expect.poll(() => load.acknowledged.length, LONG).toBeGreaterThan(4)
      await four.kill([3])
      const [at, had] = [(await ledger.head()).height, load.acknowledged.length]
      await expect.poll(async () => (await ledger.head()).height, LONG).toBeGreaterThan(at + 3)
      await expect.poll(() => load.acknowledged.length, LONG).toBeGreaterThan(had + 4)
      await four.start([3])
      await expect.poll(() => heightOf(comets[3]!), LONG).toBeGreaterThanOrEqual((await ledger.head()).height)
      await oneHistory(comets, ledger, await load.end())
    })

    test('after kill -9 of all four nothing acknowledged is missing and blocks go on', async () => {
      const { hash, height } = await ledger.head()
      await four.kill([0, 1, 2, 3])
      await four.start([0, 1, 2, 3])
      expect((await ledger.block(height))?.hash).toBe(hash)
      const after = await ledger.submit(
        { to: CONSORTIUM_CONTRACTS.consents, data: '0x', gas: 100_000 },
        { by: signerOf('south'), keys: [hash32(toHex(bytesOf('after')))] },
      )
      expect(after.block.height).toBeGreaterThan(height)
    })

    test('a node whose own configuration names another EVM chain id does not start', async () => {
      const { home, secrets } = four.network.nodes[3]!
      await four.kill([3])
      const path = join(home, 'config/app.toml')
      const sound = await readFile(path, 'utf8')
      await writeFile(path, sound.replace(/^evm-chain-id = .*$/m, 'evm-chain-id = 5'))
      await startConsortiumNode(consortiumEngine(), home, secrets).gone
      const log = await readFile(join(home, 'engine.log'), 'utf8')
      expect(log).toContain(`app.toml says EVM chain id 5, the genesis ${four.network.chainId}`)
      await writeFile(path, sound)
      await four.start([3])
    })
  },
)
