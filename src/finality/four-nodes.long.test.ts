import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { CONSORTIUM_CONTRACTS } from '../ledger/consortium.door.ts'
import { type Ledger, Relay, signRevoke, validatorSetAbi } from '../ledger/index.ts'
import { openRpc } from '../ledger/rpc.door.ts'
import { engineIsBuilt } from '../ledger/testing/engine-built.ts'
import {
  FAR_DEADLINE,
  founderOf,
  grantOf,
  hashOf,
  signerOf,
  temporaryFolder,
} from '../ledger/testing/fixtures.ts'
import { type FourNodes, startFourNodes } from '../ledger/testing/four-nodes.ts'
import { keccak256, nobleHasher } from '../vault/index.ts'
import {
  type ConsentId,
  concat,
  consentId,
  fromHex,
  quantity,
  toHex,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { cometNode } from './comet.door.ts'
import {
  agreedBlock,
  anchorOf,
  type BlockAndStateSource,
  proveConsent,
  TRUST_PERIOD_SECONDS,
  type Trusted,
  verifyConsentProof,
} from './index.ts'
import { CRYPTO } from './testing/chain.ts'

const { consents, validators } = CONSORTIUM_CONTRACTS
const BLOCK_LIMIT_MS = 60_000

describe.skipIf(!engineIsBuilt())(
  'proofs from four running validators (left out where the engine is not built)',
  () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>
    let four: FourNodes
    let ledger: Ledger
    let nodes: readonly BlockAndStateSource[]
    let anchored: Trusted

    beforeAll(async () => {
      folder = await temporaryFolder()
      four = await startFourNodes(`${folder.path}/network`)
      const expected = { chainId: four.network.chainId }
      ledger = await openRpc({ urls: four.urls, expect: expected, directory: folder.path, pollMs: 50 })
      nodes = four.network.nodes.map(({ ports }) => cometNode(ports.comet))
      // The first block carries the instant of the genesis, which lies months back.
      await until(2)
      anchored = await agreedBlock(nodes, CRYPTO)
    })
    afterAll(async () => {
      await ledger?.close()
      await four?.stop()
      await folder?.remove()
    })

    const domain = () => ({ chainId: ledger.chainId, consents })
    const relay = () => new Relay({ ledger, deployment: CONSORTIUM_CONTRACTS, by: signerOf('north') })
    const rules = () => ({
      now: quantity<UnixSeconds>(Math.floor(Date.now() / 1_000)),
      trustPeriod: TRUST_PERIOD_SECONDS,
      consents,
    })
    const idOf = (name: string): ConsentId => {
      const { commitment, signer } = grantOf(domain(), name)
      return consentId(toHex(keccak256(concat(fromHex(commitment), new Uint8Array(12), fromHex(signer)))))
    }
    /** The block that names the state that a block left, seen by every node asked. */
    const until = async (height: number): Promise<void> => {
      const limits = { timeout: BLOCK_LIMIT_MS, interval: 100 }
      for (const node of nodes) await vi.waitUntil(async () => (await node.newest()) > height, limits)
    }
    const prove = (name: string, node: BlockAndStateSource) => {
      const question = { consent: idOf(name), signer: grantOf(domain(), name).signer, consents }
      return proveConsent(question, anchored, node, rules(), CRYPTO)
    }
    /** How a consent stands by the proof of one node, verified from the anchor as a file. */
    const standing = async (name: string, place = 0) => {
      const proof = await prove(name, nodes[place]!)
      const reading = verifyConsentProof(proof, anchorOf(anchored, nobleHasher), rules(), CRYPTO)
      return reading.ok ? reading.standing : reading.code
    }

    test('a consent is proven absent, then granted, then revoked, by every node alike', async () => {
      expect(await standing('p')).toEqual({ state: 'none', spent: false })
      await relay().grant(grantOf(domain(), 'p'))
      await until((await ledger.head()).height)
      for (const place of [0, 1, 2, 3]) expect(await standing('p', place)).toMatchObject({ state: 'active' })
      const words = { commitment: grantOf(domain(), 'p').commitment, nonce: 0n, deadline: FAR_DEADLINE }
      await relay().revoke(signRevoke(domain(), signerOf('consent p'), words))
      await until((await ledger.head()).height)
      for (const place of [0, 1, 2, 3]) expect(await standing('p', place)).toEqual({ state: 'revoked' })
    })

    test('the seats change by vote, and an anchor from before still leads to the newest block', async () => {
      const deadline = BigInt(Math.floor(Date.now() / 1_000) + 3_600)
      const move = { institution: founderOf('north').id, key: four.network.nodes[0]!.seatKey, power: 120n }
      const change = { moves: [move], nonce: 1n, deadline }
      for (const voter of ['north', 'south', 'east']) {
        const data = encodeFunctionData({ abi: validatorSetAbi, functionName: 'vote', args: [change] })
        await ledger.submit(
          { to: validators, data, gas: 2_000_000 },
          { by: signerOf(voter), keys: [hashOf(voter)] },
        )
      }
      await until((await ledger.head()).height + 1)
      const { seats } = await nodes[0]!.block(await nodes[0]!.newest())
      expect(seats.map(({ power }) => power).sort()).toEqual([100, 100, 100, 120])
      expect(await standing('p')).toEqual({ state: 'revoked' })
    })

    test('a node that lies about state or blocks is caught while the proof is made', async () => {
      const honest = nodes[0]!
      const flipped: BlockAndStateSource = {
        ...honest,
        state: async (place, height) => {
          const { inStore, ofStore } = await honest.state(place, height)
          inStore[inStore.length - 1] = inStore[inStore.length - 1]! ^ 1
          return { inStore, ofStore }
        },
      }
      await expect(prove('p', flipped)).rejects.toMatchObject({ code: 'STATE_DIFFERS' })
      // The state of another height under this block.
      const older = { ...honest, state: (place: never, height: number) => honest.state(place, height - 4) }
      await expect(prove('p', older)).rejects.toMatchObject({ code: 'STATE_DIFFERS' })
      const forged: BlockAndStateSource = {
        ...honest,
        block: async (height) => {
          const block = await honest.block(height)
          return { ...block, header: { ...block.header, appHash: new Uint8Array(32) } }
        },
      }
      await expect(prove('p', forged)).rejects.toMatchObject({ code: 'HEADER_ALTERED' })
      await expect(agreedBlock([honest, forged], CRYPTO)).rejects.toMatchObject({ code: 'NODES_DIFFER' })
    })

    test('with one of four killed, proofs are made and verified as before', async () => {
      await four.kill([3])
      expect(await standing('p', 1)).toEqual({ state: 'revoked' })
      expect((await agreedBlock(nodes, CRYPTO)).header.chain).toBe(anchored.header.chain)
      await expect(nodes[3]!.newest()).rejects.toMatchObject({ code: 'NODE_SILENT' })
    })
  },
)
