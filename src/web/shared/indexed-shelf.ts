/**
 * A shelf in the browser: one IndexedDB database per person, so that what was begun survives a closed tab.
 *
 * Law: `put` returns when the transaction is complete under strict durability; names sort bytewise, as every shelf's do.
 * Limit, stated: the agent's state (which consents there are) lies there unsealed, as the browser profile protects it;
 * the root key never does.
 */
import { checkShelfName, type Shelf } from '../../consent/browser.door.ts'
import { IsletError } from '../../vocabulary/index.ts'

const STORE = 'documents'

/** Opens the shelf of a name. Throws `BROWSER_STORE_SHUT`. */
export async function indexedShelf(name: string): Promise<Shelf> {
  const opening = indexedDB.open(name, 1)
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE)
  const database = await outcomeOf(opening)
  // Whoever takes the shelf away waits for nobody.
  database.onversionchange = () => database.close()
  const store = (mode: IDBTransactionMode): IDBObjectStore =>
    database.transaction(STORE, mode, { durability: 'strict' }).objectStore(STORE)
  /** Changes one thing and waits for its transaction. */
  const change = async (step: (documents: IDBObjectStore) => void): Promise<void> => {
    const documents = store('readwrite')
    step(documents)
    await completed(documents.transaction)
  }
  const read = async (key: string): Promise<Uint8Array<ArrayBuffer> | undefined> => {
    const found: unknown = await outcomeOf(store('readonly').get(checkShelfName(key)))
    return found instanceof Uint8Array ? new Uint8Array(found) : undefined
  }
  return {
    get: read,
    put: (key, bytes) => change((documents) => documents.put(new Uint8Array(bytes), checkShelfName(key))),
    delete: async (key) => {
      const there = (await read(key)) !== undefined
      await change((documents) => documents.delete(checkShelfName(key)))
      return there
    },
    list: async (prefix) => {
      const keys = await outcomeOf(store('readonly').getAllKeys())
      return keys.flatMap((key) => (typeof key === 'string' && key.startsWith(prefix) ? [key] : [])).sort()
    },
  }
}

/** Takes a shelf away with everything on it, its name too; whoever has it open puts nothing on it any more. Throws `BROWSER_STORE_SHUT`. */
export async function takeAwayShelf(name: string): Promise<void> {
  await outcomeOf(indexedDB.deleteDatabase(name))
}

function outcomeOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(shut())
  })
}

function completed(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onerror = () => reject(shut())
    transaction.onabort = () => reject(shut())
  })
}

function shut(): IsletError {
  return new IsletError(
    'BROWSER_STORE_SHUT',
    'this browser does not let the app keep anything',
    {},
    { remedy: 'leave private browsing, or free some space' },
  )
}
