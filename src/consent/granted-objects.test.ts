import { describe, expect, it } from 'vitest'
import { granted, scene, THREE_DAYS } from './testing/scene.ts'
import { DAY } from './testing/town.ts'

describe('the objects that a consent covers', () => {
  it('are told of the one who reads, until the consent is stopped', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const [one, ...others] = s.south.open.granted()
    expect([one?.consentId, one?.reader, others]).toEqual([id, s.north.id, []])
    const read = await s.north.open.reader.read(id)
    expect(read.chunks.length).toBeGreaterThan(0)
    expect(one?.objects.length).toBeGreaterThan(0)
    expect(s.north.open.granted()).toEqual([])
    await s.anna.revoke(id)
    expect(s.south.open.granted()).toEqual([{ consentId: id, reader: s.north.id, objects: [] }])
  })

  it('are those of its hours and no more', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const before = s.south.open.granted()
    const empty = await granted(s, s.east, { ...THREE_DAYS, kinds: ['insulin'] })
    const [first, second] = s.south.open.granted()
    expect(first).toEqual(before[0])
    expect([first?.consentId, second]).toEqual([id, { consentId: empty, reader: s.east.id, objects: [] }])
  })

  it('are none when it has ended by itself, and untold when the person is erased', async () => {
    const s = await scene()
    await granted(s, s.north, THREE_DAYS)
    s.place.now += 400 * DAY
    expect(s.south.open.granted().map(({ objects }) => objects)).toEqual([[]])
    await s.anna.erase()
    expect(s.south.open.granted()).toEqual([])
  })
})
