import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import {
  type ConsortiumProcess,
  configureNodes,
  consortiumEngine,
  type FoundedNode,
  foundConsortium,
  startConsortiumNode,
  untilAnswering,
} from './consortium.door.ts'
import type { Ledger, Receipt } from './port.ts'
import { openRpc } from './rpc.door.ts'
import { engineIsBuilt } from './testing/engine-built.ts'
import { founderOf, temporaryFolder } from './testing/fixtures.ts'
import { startLoad } from './testing/load.ts'
import { makeNamespaces, mayNamespaces, type Namespaces } from './testing/namespaces.ts'
import { heightOf, LONG, oneHistory } from './testing/one-history.ts'

const ALL = [0, 1, 2, 3]

describe.skipIf(!engineIsBuilt() || !mayNamespaces())(
  'four validators on a network that breaks (left out without the engine, or without root for network namespaces)',
  () => {
    let folder: Awaited<ReturnType<typeof temporaryFolder>>
    let spaces: Namespaces
    let nodes: readonly FoundedNode[]
    let ledger: Ledger
    const running: ConsortiumProcess[] = []
    const acknowledged: Receipt[] = []

    const heightAt = (place: number): Promise<number> => heightOf(nodes[place]!.ports.comet)
    const heights = (): Promise<readonly number[]> => Promise.all(ALL.map(heightAt))

    const level = (): Promise<void> =>
      oneHistory(
        nodes.map(({ ports }) => ports.comet),
        ledger,
        acknowledged,
      )

    beforeAll(async () => {
      folder = await temporaryFolder()
      spaces = await makeNamespaces(4, 77)
      const binary = consortiumEngine()
      const founded = await foundConsortium({
        ...{ binary, directory: `${folder.path}/network`, threshold: 3, seats: 4 },
        founders: ['north', 'south', 'east', 'west'].map(founderOf),
        begins: quantity<UnixSeconds>(1_767_225_600),
        ...{ epochSeconds: 3_600, heartbeatSeconds: 1 },
      })
      nodes = founded.nodes.map((node, place) => {
        const own = (port: number): string => `${spaces.host(place)}:${port}`
        const peer = `${spaces.peer(place)}:26656`
        return {
          ...node,
          ports: { peer, comet: own(26657), rpc: own(8545), ws: own(8546), metrics: own(26660) },
        }
      })
      await configureNodes(binary, nodes, ALL, 1)
      for (const [place, { home, secrets }] of nodes.entries()) {
        running.push(startConsortiumNode(binary, home, secrets, { within: spaces.within(place) }))
      }
      for (const [place, node] of running.entries())
        await untilAnswering(nodes[place]!.ports.rpc, node, 300_000)
      ledger = await openRpc({
        urls: nodes.map(({ ports }) => `http://${ports.rpc}/`),
        expect: { chainId: founded.chainId },
        directory: `${folder.path}/outbox`,
        ...{ pollMs: 100, haltAfterMs: 600_000, resendMs: 2_000 },
      })
    })
    afterAll(async () => {
      await ledger?.close()
      for (const { pid } of running) process.kill(pid, 'SIGKILL')
      await Promise.all(running.map(({ gone }) => gone))
      await spaces?.remove()
      await folder?.remove()
    })

    test('one of four cut off: three go on under load, and it is level again after', async () => {
      const load = startLoad(ledger, 'one', 4)
      await spaces.split([3])
      const cut = await heightAt(3)
      await expect.poll(() => heightAt(0), LONG).toBeGreaterThan(cut + 5)
      // A block that was under way when the line broke may still have reached it.
      expect(await heightAt(3)).toBeLessThanOrEqual(cut + 1)
      await spaces.split([])
      const goal = await heightAt(0)
      await expect.poll(() => heightAt(3), LONG).toBeGreaterThanOrEqual(goal)
      acknowledged.push(...(await load.end()))
      expect(acknowledged.length).toBeGreaterThan(4)
      await level()
    })

    test('two and two: no block on either side that the others lack; what waits arrives once after', async () => {
      const load = startLoad(ledger, 'two', 4)
      await expect.poll(() => load.acknowledged.length, LONG).toBeGreaterThan(4)
      await spaces.split([2, 3])
      let before: readonly number[] = []
      await expect
        .poll(
          async () => {
            const last = before
            before = await heights()
            return before.every((height, place) => height === last[place])
          },
          { timeout: LONG.timeout, interval: 8_000 },
        )
        .toBe(true)
      // The one block more is final: three had signed it, and the line broke before all knew.
      expect(Math.max(...before) - Math.min(...before)).toBeLessThanOrEqual(1)
      const waiting = load.acknowledged.length
      await spaces.split([])
      await expect.poll(() => load.acknowledged.length, LONG).toBeGreaterThan(waiting + 4)
      acknowledged.push(...(await load.end()))
      expect(new Set(acknowledged.map(({ transaction }) => transaction)).size).toBe(acknowledged.length)
      await level()
    })
  },
)
