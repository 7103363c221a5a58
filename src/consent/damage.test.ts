/** Stored objects that are damaged: whatever else was recorded is read, and what is missing is told by its hours. */
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { chunksOf } from '../vault/index.ts'
import { type Cid, type ConsentId, IsletError, type Json, startOfHour } from '../vocabulary/index.ts'
import { hoursIn } from './damage.ts'
import { granted, type Scene, scene } from './testing/scene.ts'
import { at, DAY, HOUR, START } from './testing/town.ts'

/** What may have happened to an object, as the stores tell it. */
const HARMS = ['flipped', 'missing', 'cut', 'refused'] as const
type Harm = (typeof HARMS)[number] | 'none'

describe('damaged objects', () => {
  let s: Scene
  let id: ConsentId
  let objects: readonly { readonly cid: Cid; readonly hours: ReadonlySet<number> }[]
  const harmed = new Map<Cid, Harm>()

  beforeAll(async () => {
    s = await scene()
    id = await granted(s, s.north, { from: at(START - 5 * DAY), until: at(START) })
    const found: { cid: Cid; hours: ReadonlySet<number> }[] = []
    for await (const cid of s.south.store.list()) {
      const chunks = chunksOf(await s.south.store.get(cid))
      found.push({ cid, hours: new Set(chunks.map(({ context }) => context.hour)) })
    }
    objects = found
    const whole = s.south.store.get
    Object.assign(s.south.store, {
      get: async (cid: Cid) => {
        const bytes = await whole(cid)
        switch (harmed.get(cid) ?? 'none') {
          case 'none':
            return bytes
          case 'flipped':
            throw new IsletError('OBJECT_TAMPERED', 'a stored object is not what its name says')
          case 'missing':
            throw new IsletError('OBJECT_MISSING', 'no such object')
          case 'cut':
            return bytes.subarray(0, 20)
          case 'refused':
            throw new IsletError('OUTER_LAYER_BROKEN', 'the outer layer does not open')
        }
      },
    })
  })

  it('leave exactly the others’ readings, and are counted by the hour, whichever they are', async () => {
    const { reader } = s.north.open
    harmed.clear()
    const all = await reader.read(id)
    expect([all.records.length, all.damaged]).toEqual([5 * 288, []])
    const harms = fc.array(fc.constantFrom<Harm>('none', ...HARMS), {
      minLength: objects.length,
      maxLength: objects.length,
    })
    await fc.assert(
      fc.asyncProperty(harms, async (drawn) => {
        harmed.clear()
        objects.forEach(({ cid }, i) => {
          harmed.set(cid, drawn[i] ?? 'none')
        })
        const lost = new Set(
          objects.filter(({ cid }) => harmed.get(cid) !== 'none').flatMap(({ hours }) => [...hours]),
        )
        const reading = await reader.read(id)
        expect(reading.records).toEqual(
          all.records.filter((record) => ![...lost].some((hour) => isIn(record.at, hour))),
        )
        expect(hoursIn(reading.damaged)).toBe(lost.size)
        const told = reading.damaged.flatMap(({ first, end }) =>
          Array.from({ length: end - first }, (_, i) => first + i),
        )
        expect(new Set(told)).toEqual(lost)
        // Nothing that is partial is held as an answer, so that what is mended is read again.
        expect(reading.held === undefined).toBe(lost.size > 0)
      }),
      { numRuns: 12 },
    )
  })

  it('count where they open and are under no root, and nothing of them stands among the records', async () => {
    harmed.clear()
    const all = await s.north.open.reader.read(id)
    const honest = s.south.open.handle
    Object.assign(s.south.open, {
      handle: async (type: string, body: Json): Promise<Json> => {
        const answer = await honest(type, body)
        if (type !== 'read') return answer
        const { salts } = answer as { readonly salts: string }
        return { ...(answer as object), salts: `${salts[0] === 'A' ? 'B' : 'A'}${salts.slice(1)}` }
      },
    })
    const { records, damaged, chunks } = await s.north.open.reader.read(id)
    Object.assign(s.south.open, { handle: honest })
    expect(chunks[0]).toMatchObject({ code: 'OPENED', anchor: { code: 'NOT_UNDER_ROOT' } })
    expect(hoursIn(damaged)).toBe(1)
    expect(records).toEqual(all.records.slice(12))
  })

  it('stand in the patient’s log as not given', async () => {
    harmed.clear()
    const [first] = objects
    if (first === undefined) throw new Error('nothing is stored')
    harmed.set(first.cid, 'flipped')
    const { chunks, damaged } = await s.north.open.reader.read(id)
    const last = (await s.anna.accesses()).at(-1)
    expect(last?.clear).toMatchObject({ action: 'read', count: chunks.length - hoursIn(damaged) })
    expect(last?.details).toMatchObject({ damaged: hoursIn(damaged) })
  })

  it('are no excuse for a store that is away: nothing is read then', async () => {
    const get = s.south.store.get
    Object.assign(s.south.store, {
      get: () => Promise.reject(new IsletError('STORE_UNREACHABLE', 'no answer')),
    })
    await expect(s.north.open.reader.read(id)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' })
    Object.assign(s.south.store, { get })
  })
})

function isIn(instant: number, hour: number): boolean {
  const start = startOfHour(hour as Parameters<typeof startOfHour>[0])
  return instant >= start && instant < start + HOUR
}
