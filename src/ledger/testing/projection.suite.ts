/** What every store of the projection does alike, on a bare anvil, because a chain that can be taken back is needed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contractCall, type Deployment, readContract } from '../contracts.ts'
import { deployContracts } from '../deploy.ts'
import { consentIdOf, signRevoke } from '../intents.ts'
import type { Ledger } from '../port.ts'
import { MemoryStore, type ProjectionStore } from '../projection-store.ts'
import { projector } from '../projector.ts'
import { Relay } from '../relay.ts'
import { openRpc } from '../rpc.door.ts'
import { type BareAnvil, startBareAnvil } from './bare-anvil.ts'
import { FAR_DEADLINE, founderOf, grantOf, hashOf, signerOf, temporaryFolder } from './fixtures.ts'

export interface NamedStore {
  readonly name: string
  /** An empty store. */
  make(): Promise<ProjectionStore>
}

const names = ['north', 'south', 'east']
const north = founderOf('north').id

/** Runs the suite over each store, on one chain. */
export function projectionSuite(stores: readonly NamedStore[]): void {
  let anvil: BareAnvil
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let ledger: Ledger
  let deployment: Deployment

  const anchor = (slot: number, corrects: number, previous: `0x${string}`) =>
    ledger.submit(
      contractCall(deployment, 'anchors', 'anchor', [
        {
          stream: 0,
          slot: BigInt(slot),
          corrects: BigInt(corrects),
          root: hashOf(`root ${slot}`),
          count: 16n,
          previous,
        },
      ]),
      { by: signerOf('north'), keys: [] },
    )
  const request = (word: string) =>
    ledger.submit(contractCall(deployment, 'consents', 'requestAccess', [hashOf(word)]), {
      by: signerOf('east'),
      keys: [],
    })

  beforeAll(async () => {
    folder = await temporaryFolder()
    anvil = await startBareAnvil()
    ledger = await openRpc({ urls: [anvil.url], directory: folder.path, pollMs: 20 })
    deployment = await deployContracts(ledger, {
      by: signerOf('north'),
      founders: names.map(founderOf),
      threshold: 2,
    })
    const domain = { chainId: ledger.chainId, consents: deployment.consents }
    const relay = new Relay({ ledger, deployment, by: signerOf('north') })
    for (const name of ['a', 'b']) await relay.grant(grantOf(domain, name))
    for (const name of ['b', 'c']) {
      const words = { commitment: grantOf(domain, name).commitment, nonce: 0n, deadline: FAR_DEADLINE }
      await relay.revoke(signRevoke(domain, signerOf(`consent ${name}`), words))
    }
    const empty = `0x${'00'.repeat(32)}` as const
    await anchor(100, 0, empty)
    const { value: head } = await readContract(ledger, deployment, 'anchors', 'headOf', [north, 0])
    await anchor(101, 100, head)
    await request('asked')
    const change = {
      kind: 1,
      member: {
        ...founderOf('south'),
        ledgerKey: `0x${'00'.repeat(20)}` as const,
        messageKey: empty,
        hpkeKeyHash: empty,
        roles: 0,
      },
      threshold: 0,
      nonce: 1n,
      deadline: BigInt((await ledger.head()).timestamp + 3600),
    }
    for (const voter of ['north', 'east']) {
      const call = contractCall(deployment, 'membership', 'vote', [change])
      await ledger.submit(call, { by: signerOf(voter), keys: [] })
    }
  })
  afterAll(async () => {
    await ledger?.close()
    await anvil?.stop()
    await folder?.remove()
  })

  describe.each(stores)('the projection $name', ({ make }) => {
    test('shows consents, institutions, anchors and requests as the contracts said', async () => {
      const store = await make()
      await projector(ledger, deployment, store).catchUp()
      const domain = { chainId: ledger.chainId, consents: deployment.consents }
      const state = async (name: string) => {
        const { commitment, signer } = grantOf(domain, name)
        return store.consent(consentIdOf(commitment, signer))
      }
      expect(await state('a')).toMatchObject({ state: 'ACTIVE', expiryDay: 42_000, revokedHeight: null })
      expect(await state('b')).toMatchObject({ state: 'REVOKED', expiryDay: 42_000 })
      expect(await state('c')).toMatchObject({ state: 'REVOKED', commitment: null, grantedHeight: null })
      expect(await state('never')).toBeUndefined()
      expect((await store.institutions()).map(({ status }) => status).sort()).toEqual([
        'ACTIVE',
        'ACTIVE',
        'SUSPENDED',
      ])
      expect(await store.institutionOf(signerOf('east').address)).toMatchObject({ id: founderOf('east').id })
      expect(await store.anchor(north, 0, 100)).toMatchObject({
        root: hashOf('root 100'),
        count: '16',
        corrects: null,
      })
      expect(
        (await store.anchors({ institution: north, stream: 0, fromSlot: 101 })).map(
          ({ corrects }) => corrects,
        ),
      ).toEqual([100])
      expect(await store.request(founderOf('east').id, hashOf('asked'))).toMatchObject({
        height: expect.any(Number),
      })
      expect(await store.counts()).toEqual({
        consents: 3,
        revoked: 2,
        anchors: 2,
        requests: expect.any(Number),
        institutions: 3,
      })
    })

    test('dropped and rebuilt it has the same content, and taking in nothing new changes nothing', async () => {
      const store = await make()
      const project = projector(ledger, deployment, store)
      await project.catchUp()
      const digest = await store.digest()
      await project.catchUp()
      expect(await store.digest()).toBe(digest)
      await project.rebuild()
      expect(await store.digest()).toBe(digest)
      await store.rewind(undefined)
      expect(await store.digest()).not.toBe(digest)
      const memory = new MemoryStore()
      await projector(ledger, deployment, memory).catchUp()
      expect(await memory.digest()).toBe(digest)
    })

    test('goes back to the last common block when the chain turns out another', async () => {
      const store = await make()
      const project = projector(ledger, deployment, store)
      await project.catchUp()
      const before = await store.digest()
      const fork = await anvil.rpc.call('evm_snapshot', [])
      await request('taken back 1')
      await request('taken back 2')
      await project.catchUp()
      expect(await store.request(founderOf('east').id, hashOf('taken back 2'))).toBeDefined()
      await anvil.rpc.call('evm_revert', [fork])
      await anvil.rpc.call('anvil_mine', ['0x5', '0x7'])
      await project.catchUp()
      expect(await store.request(founderOf('east').id, hashOf('taken back 1'))).toBeUndefined()
      expect(await store.digest()).toBe(before)
      expect((await store.head())?.hash).toBe((await ledger.head()).hash)
    })

    test('follows new heads by itself', async () => {
      const store = await make()
      const stop = projector(ledger, deployment, store).follow()
      const word = `followed ${await store.digest()}`
      await request(word).catch(() => undefined)
      await expect
        .poll(async () => (await store.head())?.hash, { timeout: 120_000 })
        .toBe((await ledger.head()).hash)
      stop()
    })
  })
}
