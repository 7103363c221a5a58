import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Bytes, type Cid, utf8 } from '../vocabulary/index.ts'
import { cidOf, digestOf } from './content-id.ts'
import { contentNames } from './content-names.ts'
import { openKeyHalves, readKeyHalves } from './key-halves.door.ts'
import { memoryStore } from './memory-store.ts'
import { openNameBook } from './name-book.door.ts'
import { nodeCrypto, nodeHasher } from './node-cipher.door.ts'
import { outerKeyStore } from './outer-key.ts'
import { objectStoreSuite } from './store.suite.ts'

const SECRET = new Uint8Array(32).fill(5)

async function opened(folder: string, held: Map<Cid, Bytes>) {
  const book = await openNameBook(join(folder, 'names'))
  const halves = await openKeyHalves(join(folder, 'keys'))
  const store = outerKeyStore(nodeCrypto, { secret: SECRET, halves }, memoryStore(nodeHasher, held))
  return { book, store: contentNames(nodeHasher, book, store) }
}

objectStoreSuite('memory under outer keys and a book of names', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'islet-names-'))
  const held = new Map<Cid, Bytes>()
  const { book, store } = await opened(folder, held)
  return {
    store,
    tamper: async (name) => {
      const bytes = held.get(book.get(name) ?? name)
      if (bytes !== undefined) bytes[20] = (bytes[20] ?? 0) ^ 1
    },
    namesContent: true,
    dispose: async () => {
      await store.close()
      await rm(folder, { recursive: true })
    },
  }
})

describe('a book of names', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'islet-names-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  it('is there again after a restart, but for a line that a crash cut short', async () => {
    const held = new Map<Cid, Bytes>()
    const first = await opened(folder, held)
    const [a, b, c] = await first.store.putMany(['a', 'b', 'c'].map(utf8))
    await first.store.delete(b!)
    await first.store.close()
    const path = join(folder, 'names')
    await writeFile(path, `${await readFile(path, 'utf8')}+ ${a} bafkr`)
    const again = await opened(folder, held)
    expect([...again.book.names()].sort()).toEqual([a!, c!].sort())
    expect(await again.store.get(a!)).toEqual(utf8('a'))
    await expect(again.store.get(b!)).rejects.toMatchObject({ code: 'OBJECT_MISSING' })
    await again.store.put(utf8('d'))
    await again.store.close()
    expect((await readFile(path, 'utf8')).split('\n').length).toBe(4)
  })

  it('loses an object’s key with it: the file of halves holds no trace, and a copy that is left opens no more', async () => {
    const held = new Map<Cid, Bytes>()
    const { book, store } = await opened(folder, held)
    const [a, b] = await store.putMany(['a', 'b'].map(utf8))
    const stored = book.get(a!)!
    const copy = held.get(stored)!
    const records = await readFile(join(folder, 'keys'))
    const at = records.indexOf(Buffer.from(digestOf(stored)))
    const half = records.subarray(at + 32, at + 64)
    await store.delete(a!)
    const after = await readFile(join(folder, 'keys'))
    expect(after.includes(half)).toBe(false)
    expect(after.subarray(at, at + 64)).toEqual(Buffer.alloc(64))
    held.set(stored, copy)
    await book.enter([[a!, stored]])
    await expect(store.get(a!)).rejects.toMatchObject({ code: 'OUTER_KEY_DESTROYED' })
    // Its place is another's now, also after a restart, with a record that a crash cut short behind it.
    const c = await store.put(utf8('c'))
    await store.close()
    expect((await readFile(join(folder, 'keys'))).length).toBe(128)
    await appendFile(join(folder, 'keys'), 'cut')
    const again = await opened(folder, held)
    expect(await again.store.get(b!)).toEqual(utf8('b'))
    expect(await again.store.get(c)).toEqual(utf8('c'))
    await again.store.close()
    const reader = await readKeyHalves(join(folder, 'keys'))
    expect(await reader.get(stored)).toBeUndefined()
    await expect(reader.destroy(stored)).rejects.toMatchObject({ code: 'KEY_HALVES_READ_ONLY' })
    await reader.close()
  })

  it('that holds a line of no such form is refused', async () => {
    await writeFile(join(folder, 'names'), 'something else\n')
    await expect(openNameBook(join(folder, 'names'))).rejects.toMatchObject({ code: 'NAME_BOOK_DAMAGED' })
  })

  it('of an object that is put again leaves one copy with the strangers', async () => {
    const held = new Map<Cid, Bytes>()
    const { store } = await opened(folder, held)
    const object = utf8('the same')
    await store.putMany([object, object])
    expect(await store.put(object)).toBe(cidOf(nodeHasher, object))
    expect(held.size).toBe(1)
    expect(await store.get(cidOf(nodeHasher, object))).toEqual(object)
    await store.close()
  })

  it('held against another object of the same secret is not believed', async () => {
    const { book, store } = await opened(folder, new Map())
    const [a, b] = await store.putMany(['a', 'b'].map(utf8))
    await book.enter([[a!, book.get(b!)!]])
    await expect(store.get(a!)).rejects.toMatchObject({ code: 'OBJECT_TAMPERED' })
    await store.close()
  })
})
