import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { Registry } from 'prom-client'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  signedHeight,
  signedPath,
  startConsortiumNode,
  untilAnswering,
} from '../../ledger/consortium.door.ts'
import { engineIsBuilt } from '../../ledger/testing/engine-built.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { ranHere } from '../cli/testing/ran-here.ts'
import { engineOf, foundNetwork, startNetwork, startNodes, stopNetwork, stopNodes } from './network.ts'
import type { NetworkFile } from './network-file.ts'
import { networkMetrics } from './network-metrics.ts'
import { openNodeSecrets, unlockOf } from './node-secrets.ts'
import { networkStatus } from './status.ts'

const quiet = (): void => undefined

describe.skipIf(!engineIsBuilt())(
  'the keys of four validators (left out where the engine is not built)',
  () => {
    let data: string
    let network: NetworkFile
    const recordOf = (place: number): string =>
      signedPath(join(data, 'network'), network.nodes[place]!.seatKey)
    const restart = (institution: string): Promise<NetworkFile> => startNodes(data, [institution], quiet)
    const halted = async (): Promise<string | null> => (await networkStatus(network)).halted_because

    beforeAll(async () => {
      data = await mkdtemp(join(tmpdir(), 'islet-seats-'))
      const now = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
      await foundNetwork({ directory: data, seats: 4, heartbeatSeconds: 1, now, progress: quiet })
      network = await startNetwork(data, quiet)
    })
    afterAll(async () => {
      await stopNetwork(data, quiet)
      await rm(data, { recursive: true, force: true })
    })

    test('no file of a running network holds a seed in any spelling', async () => {
      const unlock = await unlockOf(data)
      const spellings: string[] = []
      for (const { home } of network.nodes) {
        const { seat, peer } = await openNodeSecrets(home, unlock)
        for (const seed of [seat, peer]) {
          const bytes = Buffer.from(seed)
          // The middle of the base64 spelling: its ends depend on what stands beside the seed.
          spellings.push(
            bytes.toString('hex'),
            bytes.toString('base64').slice(4, 36),
            bytes.toString('latin1'),
          )
        }
      }
      let files = 0
      for (const entry of await readdir(data, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue
        // What the engine writes beside and renames may be gone by now.
        const bytes = await readFile(join(entry.parentPath, entry.name)).catch(() => undefined)
        if (bytes === undefined) continue
        files += 1
        const text = bytes.toString('latin1')
        expect(spellings.filter((one) => text.toLowerCase().includes(one) || text.includes(one))).toEqual([])
      }
      expect(files).toBeGreaterThan(40)
    })

    test('a running validator is not backed up, and a stopped one without what it signed', async () => {
      const file = join(data, '..', `${basename(data)}.backup`)
      const refused = await ranHere(['backup', file, '--data', data, '--json'])
      expect(JSON.parse(refused.out)).toMatchObject({ error: { code: 'NETWORK_RUNS' } })
      await stopNetwork(data, quiet)
      const elsewhere = `${data}-restored`
      try {
        expect((await ranHere(['network', 'backup', file, '--data', data, '--json'])).code).toBe(0)
        expect((await ranHere(['network', 'restore', file, '--data', elsewhere, '--json'])).code).toBe(0)
        expect(await readdir(join(elsewhere, 'network'))).toEqual(
          expect.arrayContaining(['node-1', 'node-4']),
        )
        expect(await readdir(join(elsewhere, 'network'))).not.toContain('signed')
        await expect(startNetwork(elsewhere, quiet)).rejects.toMatchObject({ code: 'SIGNATURES_UNKNOWN' })
      } finally {
        await rm(file, { force: true })
        await rm(elsewhere, { recursive: true, force: true })
      }
      network = await startNetwork(data, quiet)
    })

    test('the same seat a second time is refused, and the first goes on', async () => {
      const twin = join(data, 'twin')
      await cp(join(network.nodes[0]!.home, 'config'), join(twin, 'config'), { recursive: true })
      await mkdir(join(twin, 'data'))
      const secrets = await openNodeSecrets(network.nodes[0]!.home, await unlockOf(data))
      const second = startConsortiumNode(engineOf(network), twin, secrets)
      await expect(untilAnswering('127.0.0.1:9', second)).rejects.toMatchObject({ code: 'SEAT_RUNS_ALREADY' })
      expect(await halted()).toBeNull()
    })

    test('a record older than what was signed does not start: the node sees it itself, and others show it', async () => {
      await stopNodes(data, ['north'], quiet)
      const sound = await readFile(recordOf(0), 'utf8')
      await writeFile(recordOf(0), sound.replace(/"height": "\d+"/, '"height": "1"'))
      await expect(restart('north')).rejects.toMatchObject({ code: 'SEAT_WOULD_SIGN_TWICE' })
      // Alone, nobody is there to be asked: its own blocks tell.
      await stopNodes(data, ['south', 'east', 'west'], quiet)
      await expect(restart('north')).rejects.toMatchObject({ code: 'SEAT_WOULD_SIGN_TWICE' })
      await writeFile(recordOf(0), sound)
      network = await startNetwork(data, quiet)
      expect(await halted()).toBeNull()
    })

    test('a seat without a record begins above what the others decided, and not at all where nobody answers', async () => {
      await stopNetwork(data, quiet)
      await rename(recordOf(3), `${recordOf(3)}.lost`)
      await expect(restart('west')).rejects.toMatchObject({ code: 'SIGNATURES_UNKNOWN' })
      await startNodes(data, ['north', 'south', 'east'], quiet)
      const { head } = await networkStatus(network)
      network = await restart('west')
      expect(await signedHeight(recordOf(3))).toBeGreaterThan(head!.height + 1)
      await expect
        .poll(async () => (await networkStatus(network)).validators[3]!.signing, { timeout: 120_000 })
        .toBe(true)
    })

    test('a node shows each validator’s height, round, missed blocks, peers and power among its own figures', async () => {
      const registry = new Registry()
      networkMetrics(registry, network)
      await expect
        .poll(() => registry.metrics(), { timeout: 60_000 })
        .toContain('power{institution="west"} 100')
      const text = await registry.metrics()
      for (const { institution } of network.nodes) {
        for (const name of ['height_blocks', 'round', 'peers', 'power'])
          expect(text).toMatch(new RegExp(`islet_consortium_${name}\\{institution="${institution}"\\} \\d`))
      }
    })

    test('the dashboard and the alert rules name figures that a validator has', async () => {
      const { validators } = await networkStatus(network)
      for (const file of ['consortium-dashboard.json', 'consortium-alerts.yml']) {
        const text = await readFile(new URL(`../../../docs/monitoring/${file}`, import.meta.url), 'utf8')
        const named = [...new Set(text.match(/cometbft_\w+/g))]
        expect(named.length).toBeGreaterThan(3)
        // West has just missed a block: before the first, that figure is absent.
        const absent = async (): Promise<readonly string[]> => {
          const shown = await (await fetch(validators[3]!.metrics!)).text()
          return named.filter((name) => !shown.includes(`\n${name}{`))
        }
        await expect.poll(absent, { timeout: 60_000, interval: 500 }).toEqual([])
      }
    })
  },
)
