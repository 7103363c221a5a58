import type { Cid } from '../vocabulary/index.ts'
import { memoryStore } from './memory-store.ts'
import { nobleHasher } from './noble-hasher.ts'
import { objectStoreSuite } from './store.suite.ts'

objectStoreSuite('memory', async () => {
  const held = new Map<Cid, Uint8Array<ArrayBuffer>>()
  return {
    store: memoryStore(nobleHasher, held),
    tamper: async (name) => {
      const bytes = held.get(name)
      if (bytes !== undefined) bytes[0] = (bytes[0] ?? 0) ^ 1
    },
    namesContent: true,
    dispose: async () => {},
  }
})
