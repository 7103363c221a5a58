/**
 * What every object store promises, as tests that each adapter runs.
 */
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Cid, cid, utf8 } from '../vocabulary/index.ts'
import { cidOf } from './content-id.ts'
import { nobleHasher } from './noble-hasher.ts'
import type { ObjectStore } from './object-store.ts'

/** A store under test and how to look beneath it. */
export interface StoreUnderTest {
  readonly store: ObjectStore
  /** Changes one byte of a stored object behind the store's back. */
  tamper(name: Cid): Promise<void>
  /** Whether names are the CIDs of the bytes put, as they are unless a layer stands between. */
  readonly namesContent: boolean
  dispose(): Promise<void>
}

export function objectStoreSuite(adapter: string, open: () => Promise<StoreUnderTest>): void {
  describe(`object store: ${adapter}`, () => {
    let under: StoreUnderTest
    beforeEach(async () => {
      under = await open()
    })
    afterEach(() => under.dispose())

    const names = async (): Promise<readonly Cid[]> => {
      const all: Cid[] = []
      for await (const name of under.store.list()) all.push(name)
      return all.sort()
    }

    it('gives back the bytes of every name, one by one and in batches', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.uint8Array({ minLength: 1, maxLength: 2000 }), { maxLength: 12 }),
          async (many) => {
            const batch = await under.store.putMany(many)
            for (const [i, bytes] of many.entries()) {
              const name = await under.store.put(bytes)
              if (under.namesContent) expect(batch[i]).toBe(name)
              for (const one of [name, batch[i] ?? name]) {
                expect(new Uint8Array(await under.store.get(one))).toEqual(new Uint8Array(bytes))
              }
            }
          },
        ),
        { numRuns: 15 },
      )
    })

    it('names an object by the hash of its bytes', async () => {
      const bytes = utf8('an object')
      const name = await under.store.put(bytes)
      if (under.namesContent) expect(name).toBe(cidOf(nobleHasher, bytes))
      else expect(name).toMatch(/^bafkrei/)
    })

    it('takes an empty batch and an empty object', async () => {
      expect(await under.store.putMany([])).toEqual([])
      const name = await under.store.put(new Uint8Array(0))
      expect(await under.store.get(name)).toHaveLength(0)
    })

    it('hands out bytes that a caller may change without changing the object', async () => {
      const given = utf8('mine')
      const name = await under.store.put(given)
      given.fill(0)
      const first = await under.store.get(name)
      first.fill(0)
      expect(await under.store.get(name)).toEqual(utf8('mine'))
    })

    it('says which names it holds, lists each once, and forgets a deleted one for good', async () => {
      const kept = await under.store.put(utf8('kept'))
      const many = await under.store.putMany([utf8('a'), utf8('b'), utf8('c')])
      await under.store.put(utf8('kept'))
      if (under.namesContent) expect(await names()).toEqual([kept, ...many].sort())
      const gone = many[1] ?? kept
      expect(await under.store.has(gone)).toBe(true)
      expect(await under.store.delete(gone)).toBe(true)
      expect(await under.store.delete(gone)).toBe(false)
      expect(await under.store.has(gone)).toBe(false)
      expect(await names()).not.toContain(gone)
      await expect(under.store.get(gone)).rejects.toMatchObject({ code: 'OBJECT_MISSING' })
      expect(await under.store.get(kept)).toEqual(utf8('kept'))
    })

    it('refuses a name it does not hold, and a text that is no name', async () => {
      const missing = cidOf(nobleHasher, utf8('never stored'))
      await expect(under.store.get(missing)).rejects.toMatchObject({ code: 'OBJECT_MISSING' })
      const dagPb = cid('bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi')
      await expect(under.store.get(dagPb)).rejects.toMatchObject({ code: 'NOT_A_CID' })
    })

    it('notices a single changed byte, and heals when the object is put again', async () => {
      const bytes = utf8('sealed bytes that somebody will change')
      const name = await under.store.put(bytes)
      await under.tamper(name)
      await expect(under.store.get(name)).rejects.toMatchObject({ code: 'OBJECT_TAMPERED' })
      const again = await under.store.put(bytes)
      expect(await under.store.get(again)).toEqual(bytes)
    })

    it('keeps every object of many writes at once', async () => {
      const texts = Array.from({ length: 40 }, (_, i) => `object ${i}`)
      const single = texts.slice(0, 20).map((text) => under.store.put(utf8(text)))
      const batch = under.store.putMany(texts.slice(20).map(utf8))
      const all = [...(await Promise.all(single)), ...(await batch)]
      const read = await Promise.all(all.map((name) => under.store.get(name)))
      expect(read).toEqual(texts.map(utf8))
    })
  })
}
