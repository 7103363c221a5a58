import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { writeNetwork } from '../network/network-file.ts'
import { passingDirectory, sweepPassing } from './temporary.ts'

let parent: string
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'islet-sweep-'))
})
afterEach(() => rm(parent, { recursive: true, force: true }))

async function leftBehind(minutesAgo: number): Promise<string> {
  const { root, data } = await passingDirectory(parent)
  await mkdir(data, { recursive: true })
  await writeFile(join(data, 'keys.json'), 'sealed')
  const at = new Date(Date.now() - minutesAgo * 60_000)
  await utimes(data, at, at)
  return root
}

describe('directories that vanish', () => {
  it('of a process that was killed are wiped by the next one', async () => {
    await leftBehind(5)
    expect(await sweepPassing(parent)).toBe(1)
    expect(await readdir(parent)).toEqual([])
  })

  it('take the nodes of their consortium with them', async () => {
    const data = join(await leftBehind(0), 'data')
    const home = join(data, 'network', 'node-1')
    const node = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)', home])
    const ended = once(node, 'exit')
    const keys = { institution: 'north', seatKey: '0x', nodeId: '' }
    const ports = { peer: '', comet: '', rpc: '', ws: '', metrics: '' }
    await writeNetwork(data, {
      ...{ schema: 'islet.network-file/1', chainId: 1, genesis: '0x', engine: null, heartbeatSeconds: 1 },
      nodes: [{ ...keys, home, ports, pid: node.pid ?? null }],
    })
    const at = new Date(Date.now() - 300_000)
    await utimes(data, at, at)
    expect(await sweepPassing(parent)).toBe(1)
    expect(await ended).toEqual([null, 'SIGTERM'])
  })

  it('in use, young, or of another kind are left alone', async () => {
    const used = await leftBehind(5)
    const lock = await lockDataDirectory(join(used, 'data'))
    await leftBehind(0)
    await mkdir(join(parent, 'something-else', 'data'), { recursive: true })
    expect(await sweepPassing(parent)).toBe(0)
    expect(await readdir(parent)).toHaveLength(3)
    await lock.release()
  })

  it('keep what lies beside the data, unless it is named', async () => {
    const { root, data, wipe } = await passingDirectory(parent)
    await mkdir(data)
    await mkdir(join(root, 'dump'))
    await wipe()
    expect(await readdir(root)).toEqual(['dump'])
    await wipe(['dump'])
    expect(await readdir(parent)).toEqual([])
  })
})
