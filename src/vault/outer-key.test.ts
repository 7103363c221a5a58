import { describe, expect, it } from 'vitest'
import type { Bytes, Cid } from '../vocabulary/index.ts'
import { utf8 } from '../vocabulary/index.ts'
import { memoryStore } from './memory-store.ts'
import { nodeCrypto, nodeHasher } from './node-cipher.door.ts'
import { OUTER_OVERHEAD, openOuter, outerKeyOf, outerKeyStore } from './outer-key.ts'
import { objectStoreSuite } from './store.suite.ts'
import { memoryHalves } from './testing/key-halves.ts'
import { webCrypto } from './web-cipher.door.ts'

const SECRET = new Uint8Array(32).fill(6)

objectStoreSuite('memory under outer keys', async () => {
  const held = new Map<Cid, Bytes>()
  return {
    store: outerKeyStore(
      nodeCrypto,
      { secret: SECRET, halves: memoryHalves() },
      memoryStore(nodeHasher, held),
    ),
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
  const kept = new Map<Cid, Bytes>()
  const custodian = outerKeyStore(nodeCrypto, { secret: SECRET, halves: memoryHalves(kept) }, stranger)
  const partsOf = (name: Cid) => ({ secret: SECRET, half: kept.get(name)! })

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
    const released = outerKeyOf(nodeHasher, partsOf(a), stored)
    expect(await openOuter(webCrypto, released, stored)).toEqual(object)
    await expect(openOuter(webCrypto, released, await stranger.get(b))).rejects.toMatchObject({
      code: 'OUTER_LAYER_BROKEN',
    })
  })

  it('open under no other secret, and not when altered under a right name', async () => {
    const name = await custodian.put(object)
    const other = outerKeyStore(
      nodeCrypto,
      { secret: new Uint8Array(32), halves: memoryHalves(kept) },
      stranger,
    )
    await expect(other.get(name)).rejects.toMatchObject({ code: 'OUTER_LAYER_BROKEN' })
    const stored = await stranger.get(name)
    for (let at = 0; at < stored.length; at++) {
      const altered = await stranger.put(stored.with(at, (stored[at] ?? 0) ^ 1))
      kept.set(altered, partsOf(name).half)
      await expect(custodian.get(altered)).rejects.toMatchObject({ code: 'OUTER_LAYER_BROKEN' })
    }
    const short = await stranger.put(utf8('islo'))
    kept.set(short, partsOf(name).half)
    await expect(custodian.get(short)).rejects.toMatchObject({ code: 'OUTER_LAYER_BROKEN' })
  })

  it('that are deleted leave copies which open for nobody, with the secret neither', async () => {
    const [a, b] = await custodian.putMany([object, object])
    if (a === undefined || b === undefined) throw new Error('two names expected')
    const copy = await stranger.get(a)
    expect(await custodian.delete(a)).toBe(true)
    await stranger.put(copy)
    await expect(custodian.get(a)).rejects.toMatchObject({ code: 'OUTER_KEY_DESTROYED' })
    expect(kept.has(a)).toBe(false)
    for (const half of [new Uint8Array(0), new Uint8Array(32), SECRET, ...kept.values()]) {
      const key = outerKeyOf(nodeHasher, { secret: SECRET, half }, copy)
      await expect(openOuter(nodeCrypto, key, copy)).rejects.toMatchObject({ code: 'OUTER_LAYER_BROKEN' })
    }
    expect(await custodian.get(b)).toEqual(object)
  })

  it('need a secret of 32 bytes', () => {
    expect(() =>
      outerKeyStore(nodeCrypto, { secret: new Uint8Array(16), halves: memoryHalves() }, stranger),
    ).toThrow(expect.objectContaining({ code: 'OUTER_SECRET_MALFORMED' }))
  })
})
