/**
 * The object store in memory: for tests, browsers and nodes that keep nothing.
 */
import { type Bytes, type Cid, IsletError } from '../vocabulary/index.ts'
import { checked, cidOf, digestOf } from './content-id.ts'
import type { ObjectStore } from './object-store.ts'
import type { Hasher } from './suite.ts'

/** A store over a map, by default an empty one of its own. */
export function memoryStore(hasher: Hasher, objects: Map<Cid, Bytes> = new Map()): ObjectStore {
  const put = (bytes: Uint8Array): Cid => {
    const name = cidOf(hasher, bytes)
    objects.set(name, new Uint8Array(bytes))
    return name
  }
  return {
    put: async (bytes) => put(bytes),
    putMany: async (many) => many.map(put),
    get: async (name) => {
      digestOf(name)
      const bytes = objects.get(name)
      if (bytes === undefined) throw objectMissing(name)
      return checked(hasher, name, bytes.slice())
    },
    has: async (name) => objects.has(name),
    delete: async (name) => objects.delete(name),
    async *list() {
      yield* [...objects.keys()]
    },
    close: async () => {},
  }
}

export function objectMissing(name: Cid): IsletError {
  return new IsletError(
    'OBJECT_MISSING',
    'the store does not hold this object',
    { cid: name },
    { remedy: 'Fetch the object from another holder, or restore it from a backup.' },
  )
}
