import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NetworkDocument } from '../../api/documents.door.ts'
import {
  type ConsortiumProcess,
  configureNodes,
  makeFurtherNode,
  signedPath,
  startConsortiumNode,
} from '../../ledger/consortium.door.ts'
import { engineIsBuilt } from '../../ledger/testing/engine-built.ts'
import { ranHere } from '../cli/testing/ran-here.ts'
import { engineOf } from './network.ts'
import { readNetwork } from './network-file.ts'
import { openNodeSecrets, unlockOf } from './node-secrets.ts'
import { networkStatus } from './status.ts'

const LONG = { timeout: 300_000, interval: 1_000 }

describe.skipIf(!engineIsBuilt())(
  'a seat whose key is used twice, of five (left out where the engine is not built)',
  () => {
    let data: string
    let twin: ConsortiumProcess | undefined
    const shown = async (...words: readonly string[]): Promise<NetworkDocument> => {
      const { code, out } = await ranHere(['network', ...words, '--data', data, '--json'])
      expect([code, JSON.parse(out)]).toMatchObject([0, { schema: 'islet.network/1' }])
      return JSON.parse(out) as NetworkDocument
    }

    beforeAll(async () => {
      data = await mkdtemp(join(tmpdir(), 'islet-twice-'))
      await shown('init', '--local', '5', '--heartbeat', '1')
      await shown('start')
    })
    afterAll(async () => {
      if (twin !== undefined) process.kill(twin.pid, 'SIGKILL')
      await twin?.gone
      await ranHere(['network', 'stop', '--data', data])
      await rm(data, { recursive: true, force: true })
    })

    test('is shown with the height, is voted out, and the four others go on', async () => {
      const network = await readNetwork(data)
      const [binary, folder] = [engineOf(network), join(data, 'network')]
      const thief = network.nodes[4]!
      const stolen = await openNodeSecrets(thief.home, await unlockOf(data))
      const { genesis } = network
      const made = await makeFurtherNode({ binary, directory: folder, number: 9, genesis })
      const nodes = network.nodes.map((node) => ({ ...node, signed: signedPath(folder, node.seatKey) }))
      await configureNodes(binary, [...nodes, made], [nodes.length], 1)
      // Another temporary folder, as on another machine: the lock of this one is not seen there.
      twin = startConsortiumNode(
        binary,
        made.home,
        { seat: stolen.seat, peer: made.secrets.peer },
        { within: ['env', `TMPDIR=${made.home}`] },
      )
      const seatOf = ({ validators }: NetworkDocument) =>
        validators.find(({ institution }) => institution === thief.institution)!
      await expect
        .poll(async () => seatOf(await networkStatus(network)).signed_twice_height, LONG)
        .toBeGreaterThan(1)
      const told = await ranHere(['network', 'status', '--data', data])
      expect(told.out).toMatch(new RegExp(`${thief.institution} signed twice at height \\d+`))
      const others = (await shown('status')).validators.filter((one) => one.id !== thief.seatKey)
      expect(others.map(({ signed_twice_height: height }) => height)).toEqual([null, null, null, null])
      const after = await shown('remove', thief.institution)
      expect(after.validators.filter(({ power }) => power > 0).map(({ id }) => id)).toEqual(
        others.map(({ id }) => id),
      )
      const { height } = after.head!
      await expect.poll(async () => (await shown('status')).head!.height, LONG).toBeGreaterThan(height + 2)
    })
  },
)
