import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../vocabulary/index.ts'
import type { Shelf } from './shelf.ts'
import { diskShelf } from './shelf-disk.door.ts'
import { recordShelf } from './shelf-records.door.ts'

const folders: string[] = []
afterAll(() => Promise.all(folders.map((path) => rm(path, { recursive: true, force: true }))))

async function place(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-records-'))
  folders.push(folder)
  return join(folder, 'shelf')
}

async function texts(shelf: Shelf): Promise<Record<string, string>> {
  const names = await shelf.list('')
  const found = names.map(async (name) => [name, fromUtf8((await shelf.get(name)) ?? utf8('none'))] as const)
  return Object.fromEntries(await Promise.all(found))
}

describe('a shelf in one file', () => {
  it('is after any puts and deletes, opened again at any time, what a map would be', async () => {
    const name = fc.constantFrom('a', 'b', 'c/d')
    const act = fc.oneof(
      fc.record({ is: fc.constant('put' as const), name, text: fc.string({ maxLength: 6 }) }),
      fc.record({ is: fc.constant('delete' as const), name }),
      fc.record({ is: fc.constant('open' as const) }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 8 }), async (acts) => {
        const path = await place()
        const model = new Map<string, string>()
        let shelf = await recordShelf(path)
        for (const one of acts) {
          if (one.is === 'open') shelf = await recordShelf(path)
          else if (one.is === 'put') {
            await shelf.put(one.name, utf8(one.text))
            model.set(one.name, one.text)
          } else expect(await shelf.delete(one.name)).toBe(model.delete(one.name))
        }
        for (const seen of [shelf, await recordShelf(path)])
          expect(await texts(seen)).toEqual(Object.fromEntries(model))
      }),
      { numRuns: 20 },
    )
  })

  it('after a power cut at any byte of an append has what was acknowledged, and takes what is put again', async () => {
    const path = await place()
    const shelf = await recordShelf(path)
    await shelf.put('kept', utf8('before'))
    const { size } = await stat(`${path}.records`)
    await Promise.all([shelf.put('one', utf8('1')), shelf.put('two', utf8('22'))])
    const whole = await readFile(`${path}.records`)
    for (let cut = size; cut < whole.length; cut += 11) {
      // Its length may be on the disk before its bytes are.
      for (const zeros of [0, whole.length - cut]) {
        await writeFile(`${path}.records`, Buffer.concat([whole.subarray(0, cut), Buffer.alloc(zeros)]))
        const again = await recordShelf(path)
        expect(await texts(again), `${cut} ${zeros}`).toEqual({ kept: 'before' })
        await again.put('one', utf8('again'))
        expect(await texts(await recordShelf(path))).toEqual({ kept: 'before', one: 'again' })
      }
    }
  })

  it('refuses what is damaged before its end, and gives back no other bytes than were put', async () => {
    const path = await place()
    const shelf = await recordShelf(path)
    await shelf.put('first', utf8('letters'))
    const { size } = await stat(`${path}.records`)
    await shelf.put('second', utf8('more'))
    const whole = await readFile(`${path}.records`)
    const changed = async (at: number): Promise<void> => {
      const bytes = Uint8Array.from(whole)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      await writeFile(`${path}.records`, bytes)
    }
    for (let at = 0; at < size - 'letters'.length; at += 9) {
      await changed(at)
      await expect(recordShelf(path), String(at)).rejects.toMatchObject({ code: 'RECORDS_CORRUPT' })
    }
    await changed(size - 1)
    const again = await recordShelf(path)
    await expect(again.get('first')).rejects.toMatchObject({ code: 'RECORDS_CORRUPT' })
    expect(fromUtf8((await again.get('second'))!)).toBe('more')
  })

  it('appends what is put in one turn at once, in the order of putting', async () => {
    const path = await place()
    const shelf = await recordShelf(path)
    await Promise.all(['a', 'b', 'a'].map((name, i) => shelf.put(name, utf8(`${i}`))))
    expect(await texts(shelf)).toEqual({ a: '2', b: '1' })
    const apart = await place()
    const other = await recordShelf(apart)
    for (const name of ['a', 'b', 'a']) await other.put(name, utf8('0'))
    expect((await stat(`${path}.records`)).size).toBeLessThan((await stat(`${apart}.records`)).size)
  })

  it('shows what another shelf over the same file has put', async () => {
    const path = await place()
    const [one, other] = [await recordShelf(path), await recordShelf(path)]
    await Promise.all([one.put('a', utf8('1')), other.put('b', utf8('2'))])
    await one.put('c', utf8('3'))
    for (const shelf of [one, other]) expect(await texts(shelf)).toEqual({ a: '1', b: '2', c: '3' })
  })

  it('finds documents that lay in its folder before, until they are put or deleted here', async () => {
    const path = await place()
    const before = await diskShelf(path)
    for (const name of ['a', 'b', 'c']) await before.put(name, utf8(`${name} before`))
    const shelf = await recordShelf(path)
    await shelf.put('a', utf8('now'))
    expect(await shelf.delete('b')).toBe(true)
    for (const seen of [shelf, await recordShelf(path)]) {
      expect(await texts(seen)).toEqual({ a: 'now', c: 'c before' })
      expect(await seen.get('b')).toBeUndefined()
    }
  })

  it.runIf(existsSync('/dev/full'))('says that the disk is full, and acknowledges nothing', async () => {
    const path = await place()
    await mkdir(path)
    await symlink('/dev/full', `${path}.records`)
    const shelf = await recordShelf(path)
    await expect(shelf.put('a', utf8('1'))).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(await shelf.get('a')).toBeUndefined()
  })
})
