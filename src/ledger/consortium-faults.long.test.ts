import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { configureNodes, consortiumEngine, type FoundedConsortium } from './consortium.door.ts'
import type { Ledger } from './port.ts'
import { openRpc } from './rpc.door.ts'
import { engineIsBuilt } from './testing/engine-built.ts'
import { temporaryFolder } from './testing/fixtures.ts'
import { type FourNodes, foundFourNodes, runFourNodes } from './testing/four-nodes.ts'
import { startLoad } from './testing/load.ts'
import { heightOf, LONG, oneHistory } from './testing/one-history.ts'
import { slowLine } from './testing/slow-lines.ts'
import { mayMount, mountSmallDisk } from './testing/small-disk.ts'

const DELAY_MS = 50
const DISK_MIB = 48

describe.skipIf(!engineIsBuilt())('four validators (left out where the engine is not built)', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>
  let founded: FoundedConsortium
  let four: FourNodes
  let ledger: Ledger
  const cleanings: (() => Promise<void> | void)[] = []
  const comets = (): readonly string[] => founded.nodes.map(({ ports }) => ports.comet)
  const open = async (): Promise<void> => {
    four = await runFourNodes(founded)
    ledger = await openRpc({
      urls: four.urls,
      expect: { chainId: founded.chainId },
      directory: `${folder.path}/outbox`,
      ...{ pollMs: 100, haltAfterMs: 600_000, resendMs: 2_000 },
    })
  }

  beforeEach(async () => {
    folder = await temporaryFolder()
    founded = await foundFourNodes(`${folder.path}/network`)
  })
  afterEach(async () => {
    await ledger?.close()
    await four?.stop()
    for (const clean of cleanings.splice(0)) await clean()
    await folder?.remove()
  })

  test('with 50 ms on every line between them blocks go on, also while one is away, and there is one history', async () => {
    const lines = await Promise.all(founded.nodes.map(({ ports }) => slowLine(ports.peer, DELAY_MS)))
    for (const { close } of lines) cleanings.push(close)
    for (const place of founded.nodes.keys()) {
      const seen = founded.nodes.map((node, at) =>
        at === place ? node : { ...node, ports: { ...node.ports, peer: lines[at]!.at } },
      )
      await configureNodes(consortiumEngine(), seen, [place], 2)
    }
    await open()
    const load = startLoad(ledger, 'late', 4)
    await expect.poll(() => load.acknowledged.length, LONG).toBeGreaterThan(20)
    await four.kill([3])
    const had = load.acknowledged.length
    await expect.poll(() => load.acknowledged.length, LONG).toBeGreaterThan(had + 20)
    await four.start([3])
    await expect.poll(() => heightOf(comets()[3]!), LONG).toBeGreaterThanOrEqual((await ledger.head()).height)
    await oneHistory(comets(), ledger, await load.end())
  })

  test.skipIf(!mayMount())(
    'one whose disk is full falls behind and three go on; with room again it is level (left out without root, to mount a small disk)',
    async () => {
      const disk = mountSmallDisk(join(founded.nodes[3]!.home, 'data'), DISK_MIB)
      cleanings.push(() => disk.remove())
      await open()
      const load = startLoad(ledger, 'full', 4)
      await expect.poll(() => load.acknowledged.length, LONG).toBeGreaterThan(4)
      disk.fill()
      await expect
        .poll(async () => (await heightOf(comets()[0]!)) - (await heightOf(comets()[3]!)), LONG)
        .toBeGreaterThan(5)
      const had = load.acknowledged.length
      await expect.poll(() => load.acknowledged.length, LONG).toBeGreaterThan(had + 4)
      await four.kill([3])
      disk.free()
      await four.start([3])
      await expect
        .poll(() => heightOf(comets()[3]!), LONG)
        .toBeGreaterThanOrEqual((await ledger.head()).height)
      await oneHistory(comets(), ledger, await load.end())
    },
  )
})
