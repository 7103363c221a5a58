/**
 * The stores that speak to real servers, by the suite of every store. Left out where no server is named:
 * `ISLET_TEST_KUBO` and `ISLET_TEST_S3` are the binaries that `npm run objects:build` makes.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { utf8 } from '../vocabulary/index.ts'
import { cidOf } from './content-id.ts'
import { kuboStore } from './kubo.door.ts'
import { nodeCrypto, nodeHasher } from './node-cipher.door.ts'
import { outerKeyStore } from './outer-key.ts'
import { s3Store } from './s3.door.ts'
import { objectStoreSuite } from './store.suite.ts'
import { memoryHalves } from './testing/key-halves.ts'
import {
  drawSwarmKey,
  KUBO,
  S3_GATEWAY,
  type ServedBucket,
  type ServedNode,
  startBucket,
  startKubo,
} from './testing/object-servers.ts'

async function flip(path: string): Promise<void> {
  const bytes = await readFile(path)
  bytes[3] = (bytes[3] ?? 0) ^ 1
  await writeFile(path, bytes)
}

const SECRET = new Uint8Array(32).fill(7)
let runs = 0

describe.skipIf(S3_GATEWAY === undefined)('a bucket of a real S3 server', () => {
  let served: ServedBucket
  beforeAll(async () => {
    served = await startBucket(S3_GATEWAY!)
  })
  afterAll(() => served.stop())
  const open = (prefix: string) => s3Store({ hasher: nodeHasher, prefix, ...served })

  objectStoreSuite('s3', async () => {
    const prefix = `run-${++runs}/`
    return {
      store: open(prefix),
      tamper: (name) => flip(served.objectFile(`${prefix}${name}`)),
      namesContent: true,
      dispose: async () => undefined,
    }
  })
  objectStoreSuite('s3 under outer keys', async () => {
    const prefix = `run-${++runs}/`
    return {
      store: outerKeyStore(nodeCrypto, { secret: SECRET, halves: memoryHalves() }, open(prefix)),
      tamper: (name) => flip(served.objectFile(`${prefix}${name}`)),
      namesContent: false,
      dispose: async () => undefined,
    }
  })

  it('lists more objects than a page of the server holds, and none of another prefix', async () => {
    const [mine, theirs] = [open('mine/'), open('theirs/')]
    const names = await mine.putMany(Array.from({ length: 1_005 }, (_, i) => utf8(`object ${i}`)))
    await theirs.put(utf8('not mine'))
    const listed: string[] = []
    for await (const name of mine.list()) listed.push(name)
    expect(listed.sort()).toEqual([...names].sort())
  })

  it('refuses who has another secret', async () => {
    const credentials = { ...served.credentials, secretKey: 'another' }
    const store = s3Store({ hasher: nodeHasher, prefix: '', bucket: served.bucket, credentials })
    await expect(store.put(utf8('x'))).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      facts: { status: 403 },
    })
  })

  it('that is away is told', async () => {
    const store = s3Store({
      ...served,
      hasher: nodeHasher,
      prefix: '',
      bucket: new URL('http://127.0.0.1:9/islet'),
    })
    await expect(store.put(utf8('x'))).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
  })
})

describe.skipIf(KUBO === undefined)('nodes of a private swarm', () => {
  let north: ServedNode
  let south: ServedNode
  let stranger: ServedNode
  const store = (served: ServedNode, pins = 'north') =>
    kuboStore({ hasher: nodeHasher, node: served.node, pins })
  beforeAll(async () => {
    const swarmKey = drawSwarmKey()
    north = await startKubo(KUBO!, swarmKey)
    south = await startKubo(KUBO!, swarmKey, [north.address])
    stranger = await startKubo(KUBO!, drawSwarmKey(), [north.address])
  })
  afterAll(() => Promise.all([north, south, stranger].map((one) => one.stop())))

  objectStoreSuite('kubo', async () => {
    const one = store(north, `run-${++runs}`)
    return {
      store: one,
      tamper: (name) => flip(north.blockFile(name)),
      namesContent: true,
      dispose: async () => {
        for await (const name of one.list()) await one.delete(name)
      },
    }
  })

  it('another member’s node fetches and pins an object; one with another swarm key gets nothing', async () => {
    const bytes = utf8('an object of the swarm')
    const name = await store(north).put(bytes)
    const copy = store(south, 'south')
    await expect(copy.get(name)).rejects.toMatchObject({ code: 'OBJECT_MISSING' })
    await copy.pin(name)
    expect(await copy.get(name)).toEqual(bytes)
    await expect(store(stranger).pin(name)).rejects.toMatchObject({ code: 'OBJECT_MISSING' })

    // Where the first is gone, the pin still holds it; where both are, nobody has it.
    expect(await store(north).delete(name)).toBe(true)
    expect(await copy.get(name)).toEqual(bytes)
    expect(await copy.delete(name)).toBe(true)
    await expect(store(north).pin(name)).rejects.toMatchObject({ code: 'OBJECT_MISSING' })
  })

  it('what lies in the swarm lies under an outer key: the name and the bytes say nothing', async () => {
    const object = utf8('hour object')
    const under = outerKeyStore(nodeCrypto, { secret: SECRET, halves: memoryHalves() }, store(north))
    const name = await under.put(object)
    expect(name).not.toBe(cidOf(nodeHasher, object))
    const copy = store(south, 'south')
    await copy.pin(name)
    expect(Buffer.from(await copy.get(name)).includes(Buffer.from(object))).toBe(false)
    expect(await under.get(name)).toEqual(object)
  })

  it('the pins of two institutions on one node are listed apart', async () => {
    const [mine, theirs] = [store(north, 'mine'), store(north, 'theirs')]
    const name = await mine.put(utf8('mine alone'))
    await theirs.put(utf8('theirs alone'))
    const listed: string[] = []
    for await (const one of mine.list()) listed.push(one)
    expect(listed).toEqual([name])
  })
})
