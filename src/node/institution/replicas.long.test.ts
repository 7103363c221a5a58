/** Copies held by another institution's own node of a private swarm. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { kuboStore } from '../../vault/kubo.door.ts'
import { nodeHasher as hasher } from '../../vault/node-cipher.door.ts'
import { drawSwarmKey, KUBO, type ServedNode, startKubo } from '../../vault/testing/object-servers.ts'
import { utf8 } from '../../vocabulary/index.ts'
import { twoInASwarm } from './testing/two-in-a-swarm.ts'

describe.skipIf(KUBO === undefined)('two nodes of a private swarm (left out without ISLET_TEST_KUBO)', () => {
  const nodes: ServedNode[] = []
  beforeAll(async () => {
    const key = drawSwarmKey()
    const first = await startKubo(KUBO!, key)
    nodes.push(first, await startKubo(KUBO!, key, [first.address]))
  }, 120_000)
  afterAll(async () => {
    for (const { stop } of nodes) await stop()
  })

  it('what a consent covers outlives the custodian’s node, and is gone from both when it is over', async () => {
    const [near, far] = nodes
    const own = kuboStore({ hasher, node: near!.node, pins: 'islet-south' })
    const copies = kuboStore({ hasher, node: far!.node, pins: 'islet-north-held' })
    const name = await own.put(utf8('an object under its outer key'))
    const two = await twoInASwarm(copies)
    try {
      const { custodian, reader } = await two.open()
      two.state.objects = [name]
      await custodian.tell()
      expect(await copies.has(name)).toBe(true)
      expect(await own.delete(name)).toBe(true)
      expect(await copies.get(name)).toEqual(utf8('an object under its outer key'))
      two.state.isHere = false
      await reader.settle()
      expect(await copies.has(name)).toBe(false)
      await expect(own.pin(name)).rejects.toMatchObject({ code: 'OBJECT_MISSING' })
    } finally {
      await two.remove()
    }
  }, 120_000)
})
