import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { utf8 } from '../../vocabulary/index.ts'
import { openObjects } from './object-place.ts'

const unlock = { nodeKey: nodeCrypto.cipher.random(32) }
const SWARM = { ISLET_OBJECTS_URL: 'kubo+http://127.0.0.1:9' }

describe('where an institution’s objects lie', () => {
  let directory: string
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'islet-objects-'))
  })
  afterEach(() => rm(directory, { recursive: true, force: true }))
  const open = (environment: Readonly<Record<string, string>>, with_ = unlock) =>
    openObjects({ directory, key: 'north', unlock: with_, environment })

  it('is its disk, unless said otherwise', async () => {
    const store = await open({})
    const name = await store.put(utf8('an object'))
    await store.close()
    const again = await open({})
    expect(await again.get(name)).toEqual(utf8('an object'))
    await again.close()
  })

  it('stays where it began: a forgotten or a new setting is refused', async () => {
    await (await open(SWARM)).close()
    await expect(open({})).rejects.toMatchObject({ code: 'OBJECTS_ELSEWHERE' })
    await rm(join(directory, 'outer.json'))
    await (await open({})).close()
    await expect(open(SWARM)).rejects.toMatchObject({ code: 'OBJECTS_ELSEWHERE' })
  })

  it('outside needs the secret that it began with', async () => {
    await (await open(SWARM)).close()
    const other = { nodeKey: nodeCrypto.cipher.random(32) }
    await expect(open(SWARM, other)).rejects.toMatchObject({ code: 'KEY_FILE_LOCKED' })
  })

  it.each(['ftp://127.0.0.1/islet', 'kubo+127.0.0.1:5001', 's3+https://s3.example.org/islet'])(
    '%s is refused',
    async (url) => {
      await expect(open({ ISLET_OBJECTS_URL: url })).rejects.toMatchObject({ code: 'OBJECTS_URL_WRONG' })
    },
  )
})
