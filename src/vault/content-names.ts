/**
 * Objects under the names of their own bytes, over a store that names them otherwise: one with an outer layer.
 *
 * Laws: whoever sees the inner bytes knows the object by the same name wherever it lies; an object is acknowledged when
 * both it and its entry in the book of names are durable; what is deleted leaves the book last, so that it can be asked for
 * again after a crash.
 */
import type { Cid } from '../vocabulary/index.ts'
import { checked, cidOf, digestOf } from './content-id.ts'
import { objectMissing } from './memory-store.ts'
import type { ObjectStore } from './object-store.ts'
import type { Hasher } from './suite.ts'

/** Which stored object stands for which: of a name, the one of the bytes as they are stored. */
export interface NameBook {
  get(name: Cid): Cid | undefined
  names(): Iterable<Cid>
  /** Enters names, in the place of what stood there; durable when it returns. */
  enter(entries: readonly (readonly [name: Cid, stored: Cid])[]): Promise<void>
  /** Strikes a name out; durable when it returns. */
  strike(name: Cid): Promise<void>
  close(): Promise<void>
}

/** A store whose objects are named otherwise beneath. */
export interface NamedStore extends ObjectStore {
  /** Under which name an object is stored; undefined for one that is not here. */
  storedAs(name: Cid): Cid | undefined
}

export function contentNames(hasher: Hasher, book: NameBook, store: ObjectStore): NamedStore {
  const putMany = async (objects: readonly Uint8Array[]): Promise<readonly Cid[]> => {
    const names = objects.map((object) => cidOf(hasher, object))
    const stored = await store.putMany(objects)
    const before = names.map((name) => book.get(name))
    await book.enter(
      names.flatMap((name, i) => (stored[i] === undefined ? [] : [[name, stored[i]] as const])),
    )
    // One that was there already lies under a new name now; a batch may hold an object twice.
    const inForce = new Set(names.map((name) => book.get(name)))
    for (const old of [...before, ...stored]) {
      if (old !== undefined && !inForce.has(old)) await store.delete(old)
    }
    return names
  }
  return {
    put: async (bytes) => {
      const name = cidOf(hasher, bytes)
      await putMany([bytes])
      return name
    },
    putMany,
    storedAs: (name) => book.get(name),
    get: async (name) => {
      const digest = digestOf(name)
      const stored = book.get(name)
      if (stored === undefined) throw objectMissing(name)
      return checked(hasher, name, await store.get(stored), digest)
    },
    has: async (name) => {
      const stored = book.get(name)
      return stored !== undefined && (await store.has(stored))
    },
    delete: async (name) => {
      const stored = book.get(name)
      if (stored === undefined) return false
      const gone = await store.delete(stored)
      await book.strike(name)
      return gone
    },
    async *list() {
      yield* [...book.names()]
    },
    close: async () => {
      await store.close()
      await book.close()
    },
  }
}
