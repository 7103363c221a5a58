/**
 * The port to a party's own durable documents: openings, envelopes, handles, pending revokes, the agent's state.
 *
 * What every shelf promises: when `put` or `delete` has returned, the change survives a power cut; nobody ever sees
 * half a document; names sort bytewise. Names are small letters, digits, dots and dashes, with slashes between parts.
 */
import { type Bytes, fromUtf8, IsletError, utf8 } from '../vocabulary/index.ts'

export interface Shelf {
  get(name: string): Promise<Bytes | undefined>
  put(name: string, bytes: Uint8Array): Promise<void>
  /** True when it was there. */
  delete(name: string): Promise<boolean>
  /** Names that begin with a prefix, in order. */
  list(prefix: string): Promise<readonly string[]>
}

const NAME = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/

/** Throws `SHELF_NAME_REFUSED`: nothing that comes from outside becomes a path by accident. */
export function checkShelfName(name: string): string {
  if (name.length > 200 || !NAME.test(name) || name.includes('..')) {
    throw new IsletError('SHELF_NAME_REFUSED', 'a document name is made of a–z, 0–9, dot, dash and slash')
  }
  return name
}

/** A shelf in memory: for tests and for agents that keep nothing. */
export function memoryShelf(): Shelf {
  const documents = new Map<string, Bytes>()
  return {
    get: async (name) => documents.get(checkShelfName(name))?.slice(),
    put: async (name, bytes) => {
      documents.set(checkShelfName(name), new Uint8Array(bytes))
    },
    delete: async (name) => documents.delete(checkShelfName(name)),
    list: async (prefix) => [...documents.keys()].filter((name) => name.startsWith(prefix)).sort(),
  }
}

/** A part of a shelf under a folder of its own. */
export function shelfPart(shelf: Shelf, folder: string): Shelf {
  const inside = (name: string): string => `${folder}/${name}`
  return {
    get: (name) => shelf.get(inside(name)),
    put: (name, bytes) => shelf.put(inside(name), bytes),
    delete: (name) => shelf.delete(inside(name)),
    list: async (prefix) => (await shelf.list(inside(prefix))).map((name) => name.slice(folder.length + 1)),
  }
}

/** Stores a document as JSON. */
export async function putJson(shelf: Shelf, name: string, document: object): Promise<void> {
  await shelf.put(name, utf8(JSON.stringify(document)))
}

/** The text of a document, or undefined. Throws `NOT_UTF8`. */
export async function getText(shelf: Shelf, name: string): Promise<string | undefined> {
  const bytes = await shelf.get(name)
  return bytes === undefined ? undefined : fromUtf8(bytes)
}
