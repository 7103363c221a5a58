import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { anchor, vectors } from '../../audit/testing/captured-consortium.ts'
import { type NetworkFile, writeNetwork } from '../network/network-file.ts'
import { writeConsortium } from '../world/consortium-file.ts'
import { expectedChain, pinnedBlock } from '../world/pinned-block.ts'
import { engineOf, pinGiven } from './engine-of.ts'

const context = {
  terminal: { out: () => undefined, err: () => undefined, interactive: false, colour: false, columns: 80 },
}
const NETWORK: NetworkFile = {
  schema: 'islet.network-file/1',
  chainId: 4_294_967_297,
  genesis: '0x',
  engine: null,
  heartbeatSeconds: 10,
  nodes: [],
}
const account = `0x${'1'.repeat(40)}`

describe('the engine of a data directory', () => {
  let directory: string
  const engine = (options: object) => engineOf(context, directory, { ...options })
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'islet-engine-'))
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(directory, { recursive: true, force: true })
  })

  test('is embedded where nothing is asked for, and nothing is made', async () => {
    expect(await engine({})).toBe('embedded')
    expect(await engine({ engine: 'embedded' })).toBe('embedded')
    expect(await readdir(directory)).toEqual([])
  })

  test('is a consortium’s where validators are asked for; without the engine that is said', async () => {
    vi.stubEnv('ISLET_CONSORTIUM_ENGINE', join(directory, 'none'))
    await expect(engine({ local: 4 })).rejects.toMatchObject({ code: 'ENGINE_MISSING' })
    await expect(engine({ engine: 'consortium' })).rejects.toMatchObject({ code: 'ENGINE_MISSING' })
  })

  test('takes no number of validators where it is embedded', async () => {
    await expect(engine({ engine: 'embedded', local: 4 })).rejects.toMatchObject({ code: 'BAD_USAGE' })
  })

  test('stays what the directory began with, and the other is refused', async () => {
    await writeConsortium(join(directory, 'consortium.json'), {
      schema: 'islet.consortium/1',
      deployment: { membership: account, consents: account, anchors: account },
      institutions: [],
    })
    expect(await engine({})).toBe('embedded')
    await expect(engine({ engine: 'consortium' })).rejects.toMatchObject({
      code: 'ENGINE_OF_DIRECTORY',
      facts: { engine: 'embedded' },
    })
    await writeNetwork(directory, NETWORK)
    expect(await engine({})).toBe('consortium')
    await expect(engine({ engine: 'embedded' })).rejects.toMatchObject({ code: 'ENGINE_OF_DIRECTORY' })
  })

  test('takes a block to be held to where it has a consortium, and keeps it', async () => {
    const file = join(directory, 'given.json')
    const given = (anchor: object) => writeFile(file, JSON.stringify(anchor))
    await given(anchor)
    await expect(pinGiven(directory, file)).rejects.toMatchObject({ code: 'BAD_USAGE' })
    await writeNetwork(directory, NETWORK)
    expect(await pinnedBlock(directory)).toBeUndefined()
    await pinGiven(directory, file)
    expect(await pinnedBlock(directory)).toEqual(anchor)
    await given({ ...anchor, seats: '' })
    await expect(pinGiven(directory, file)).rejects.toMatchObject({ code: 'ANCHOR_ALTERED' })
    await given({ ...anchor, height: anchor.height + 1 })
    await expect(pinGiven(directory, file)).rejects.toMatchObject({ code: 'ANCHOR_ALTERED' })
    await given({ ...anchor, hash: 'none' })
    await expect(pinGiven(directory, file)).rejects.toMatchObject({ code: 'NOT_A_TRUST_ANCHOR' })
    expect(await pinnedBlock(directory)).toEqual(anchor)
  })

  test('of another chain than the block that it is held to is told with both names', () => {
    const { height, hash } = anchor
    expect(expectedChain(vectors.chainId, anchor)).toEqual({
      chainId: vectors.chainId,
      block: { height, hash },
    })
    expect(expectedChain(5, undefined)).toEqual({ chainId: 5 })
    expect(() => expectedChain(5, anchor)).toThrow(
      expect.objectContaining({
        code: 'ANCHOR_OF_ANOTHER_CHAIN',
        message: `the anchor pins a block of islet-${vectors.chainId}, and this data directory is of islet-5`,
      }),
    )
  })
})
