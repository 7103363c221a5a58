/** How an export is written: whole or not at all, never over anything, of one moment. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { quantity, type UnixSeconds } from '../vocabulary/index.ts'
import type { DumpSlot } from './dump-format.ts'
import { exportDump } from './export-dump.ts'
import { sourceOf } from './source.ts'
import { type Consortium, DAY, openConsortium, START, trace } from './testing/consortium.ts'
import { Forger } from './testing/forger.ts'
import { verifyDocument, verifyWords } from './verify-document.ts'
import { verifyDump } from './verify-dump.ts'

let place: Consortium
const at = (seconds: number): UnixSeconds => quantity<UnixSeconds>(seconds)

beforeAll(async () => {
  place = await openConsortium()
  const anna = await place.patient('anna')
  await anna.enrol(place.houses.south.id)
  await anna.add(trace(START - DAY, START), { fill: true })
  await place.tick()
})
afterAll(async () => {
  await place?.close()
  await place?.remove()
})

const leftovers = async (): Promise<readonly string[]> =>
  (await readdir(place.directory)).filter((name) => name.endsWith('.part'))

describe('an export', () => {
  it('never writes into a folder that holds something, nor over a file, and leaves nothing behind', async () => {
    const source = await sourceOf(place.directory)
    const full = join(place.directory, 'full')
    await mkdir(full)
    await writeFile(join(full, 'something'), 'mine')
    await expect(exportDump({ source, target: full })).rejects.toMatchObject({ code: 'TARGET_NOT_EMPTY' })
    const file = join(full, 'something')
    await expect(exportDump({ source, target: file })).rejects.toMatchObject({ code: 'NOT_A_DIRECTORY' })
    expect(await readdir(full)).toEqual(['something'])
    expect(await leftovers()).toEqual([])
  })

  it('of a directory without a ledger, or of none at all, is refused', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'islet-empty-'))
    await expect(sourceOf(empty)).rejects.toMatchObject({ code: 'NO_DATA' })
    await writeFile(join(empty, 'consortium.json'), '{')
    await expect(sourceOf(empty)).rejects.toMatchObject({ code: 'CONSORTIUM_FILE_DAMAGED' })
    const source = { ...(await sourceOf(place.directory)), ledger: empty }
    await expect(exportDump({ source, target: join(empty, 'dump') })).rejects.toMatchObject({
      code: 'NO_LEDGER',
    })
    await rm(empty, { recursive: true })
  })

  it('that is interrupted leaves nothing', async () => {
    const source = await sourceOf(place.directory)
    const target = join(place.directory, 'interrupted')
    const signal = AbortSignal.abort()
    await expect(exportDump({ source, target, signal })).rejects.toMatchObject({ name: 'AbortError' })
    expect(await readdir(place.directory)).not.toContain('interrupted')
    expect(await leftovers()).toEqual([])
  })

  it('goes into an empty folder that is there already', async () => {
    const target = join(place.directory, 'prepared')
    await mkdir(target)
    await exportDump({ source: await sourceOf(place.directory), target })
    expect((await verifyDump(target)).findings).toEqual([])
  })

  it('by names only holds no object, says nothing of what a leaf stands for, and verifies', async () => {
    const target = join(place.directory, 'names')
    await exportDump({ source: await sourceOf(place.directory), target, objects: 'names' })
    const files = await readdir(target, { recursive: true })
    expect(files.filter((name) => name.includes('/objects/'))).toEqual([])
    const report = await verifyDump(target)
    expect(report.findings).toEqual([])
    expect(report.checked.objects).toBeGreaterThan(0)
    expect(report.checked.leaves).toBeGreaterThan(0)
  })

  it('says how many entries of a log nobody has signed yet, and leaves them out', async () => {
    const fay = await place.patient('fay')
    await fay.enrol(place.houses.south.id)
    place.now += 3600
    await place.tick()
    await fay.add(trace(place.now - 7200, place.now), { fill: true })
    const now = (): UnixSeconds => at(place.now)
    const target = join(place.directory, 'unsigned')
    const source = await sourceOf(place.directory)
    expect((await exportDump({ source, target })).unsigned).toBe(1)
    const report = await verifyDump(target, { now })
    const [note, ...more] = verifyDocument(report).notes
    expect([report.ok, more]).toEqual([true, []])
    expect(note).toMatchObject({ code: 'LOG_TAIL_UNSIGNED', where: 'log of south' })
    expect(note?.what).toContain('1 entry')
    expect(verifyWords(report).join('\n')).toContain('LOG_TAIL_UNSIGNED')
    // Signed when the institution next wakes, in the middle of its slot.
    await place.houses.south.institution.tick()
    const after = join(place.directory, 'signed')
    expect((await exportDump({ source, target: after })).unsigned).toBe(0)
    expect(await verifyDump(after, { now })).toMatchObject({ findings: [], notes: [] })
  })

  it('accounts for the leaves of each person who left by that person’s own entry of the list', async () => {
    const people = [await place.patient('dora'), await place.patient('emil')]
    for (const person of people) {
      await person.enrol(place.houses.east.id)
      place.now += 3600
      await person.add(trace(place.now - 3600, place.now), { fill: true })
    }
    await place.tick()
    for (const person of people) await person.erase()
    const target = join(place.directory, 'erased')
    await exportDump({ source: await sourceOf(place.directory), target })
    const now = (): UnixSeconds => at(place.now)
    expect((await verifyDump(target, { now })).findings).toEqual([])
    const list = await readFile(join(target, 'institutions/east/erased.txt'), 'utf8')
    const lines = (await readFile(join(target, 'institutions/east/slots.jsonl'), 'utf8')).trim().split('\n')
    const slots = lines.map((line) => JSON.parse(line) as DumpSlot)
    const told = slots
      .flatMap(({ stands }) => stands?.batches ?? [])
      .flatMap((batch) => ('erased' in batch ? [batch.entry] : []))
    expect(told.length).toBe(2)
    expect([...told].toSorted()).toEqual(list.trim().split('\n'))
    // A list that lost one of the two no longer accounts for that one's leaves.
    const forger = await Forger.of(target)
    await forger.write('institutions/east/erased.txt', `${told[0]}\n`)
    await forger.reseal()
    const codes = (await verifyDump(forger.dump, { now })).findings.map(({ code }) => code)
    expect(codes).toEqual(['ERASURE_NOT_LISTED'])
  })

  it('beside a node that goes on writing is of one moment', async () => {
    const anna = await place.patient('ben')
    await anna.enrol(place.houses.south.id)
    let going = true
    const writing = (async () => {
      for (let i = 0; going && i < 40; i++) {
        place.now += 3600
        await anna.add(trace(place.now - 3600, place.now), { fill: true })
        if (i % 4 === 0) await place.tick()
      }
    })()
    const dumps: string[] = []
    for (let i = 0; i < 3; i++) {
      const target = join(place.directory, `live-${i}`)
      const source = await sourceOf(place.directory)
      const done = await exportDump({ source, target }).catch((error: unknown) => {
        // A node that never rests may outrun it, and it says so.
        expect(error).toMatchObject({ code: 'EXPORT_UNSETTLED' })
        return undefined
      })
      if (done !== undefined) dumps.push(target)
    }
    going = false
    await writing
    const now = (): UnixSeconds => at(place.now)
    for (const dump of dumps) expect((await verifyDump(dump, { now })).findings, dump).toEqual([])
    const last = join(place.directory, 'rested')
    await exportDump({ source: await sourceOf(place.directory), target: last })
    expect((await verifyDump(last, { now })).findings).toEqual([])
  })
})
