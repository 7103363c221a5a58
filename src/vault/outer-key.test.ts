import { describe, expect, it } from 'vitest'
import type { Bytes, Cid } from '../vocabulary/index.ts'
import { utf8 } from '../vocabulary/index.ts'
import { memoryStore } from './memory-store.ts'
import { nodeCrypto, nodeHasher } from './node-cipher.door.ts'
import { OUTER_OVERHEAD, openOuter, outerKeyOf, outerKeyStore } from './outer-key.ts'
import { objectStoreSuite } from './store.suite.ts'
import { webCrypto } from './web-cipher.door.ts'

const SECRET = new Uint8Array(32).fill(6)

objectStoreSuite('memory under outer keys', async () => {
  const held = new Map<Cid, Bytes>()
  return {
    store: outerKeyStore(nodeCrypto, SECRET, memoryStore(nodeHasher, held)),
    tamper: async (name) => {
      const bytes = held.get(name)
      if (bytes !== undefined) bytes[20] = (bytes[20] ?? 0) ^ 1
    },
    namesContent: false,
    dispose: async () => {},
  }
})

describe('objects with strangers', () => {
  const object = utf8('islt: stream, kind, generation, hour and a sealed chunk')
  const stranger = memoryStore(nodeHasher)
  const custodian = outerKeyStore(nodeCrypto, SECRET, stranger)

  it('show nothing of what they hold, and the same object twice looks like two', async () => {
    const [a, b] = await custodian.putMany([object, object])
    if (a === undefined || b === undefined) throw new Error('two names expected')
    expect(a).not.toBe(b)
    const stored = Buffer.from(await stranger.get(a))
    expect(stored.length).toBe(object.length + OUTER_OVERHEAD)
    expect(stored.includes('islt')).toBe(false)
    expect(stored.includes('stream')).toBe(false)
  })

  it('open with the key that the custodian releases, which opens no other object', async () => {
    const [a, b] = await custodian.putMany([object, object])
    if (a === undefined || b === undefined) throw new Error('two names expected')
    const stored = await stranger.get(a)
    const released = outerKeyOf(nodeHasher, SECRET, stored)
    expect(await openOuter(webCrypto, released, stored)).toEqual(object)
    await expect(openOuter(webCrypto, released, await stranger.get(b))).rejects.toMatchObject({
      code: 'OUTER_LAYER_BROKEN',
    })
  })

  it('open under no other secret, and not when altered under a right name', async () => {
    const name = await custodian.put(object)
    const other = outerKeyStore(nodeCrypto, new Uint8Array(32), stranger)
    await expect(other.get(name)).rejects.toMatchObject({ code: 'OUTER_LAYER_BROKEN' })
    const stored = await stranger.get(name)
    for (let at = 0; at < stored.length; at++) {
      const altered = await stranger.put(stored.with(at, (stored[at] ?? 0) ^ 1))
      await expect(custodian.get(altered)).rejects.toMatchObject({ code: 'OUTER_LAYER_BROKEN' })
    }
    const short = await stranger.put(utf8('islo'))
    await expect(custodian.get(short)).rejects.toMatchObject({ code: 'OUTER_LAYER_BROKEN' })
  })

  it('need a secret of 32 bytes', () => {
    expect(() => outerKeyStore(nodeCrypto, new Uint8Array(16), stranger)).toThrow(
      expect.objectContaining({ code: 'OUTER_SECRET_MALFORMED' }),
    )
  })
})
