/** A reader that still holds an answer: judged and logged like any read, and spared the bytes alone. */
import { describe, expect, it } from 'vitest'
import { codeOf, granted, scene, THREE_DAYS } from './testing/scene.ts'
import { at, DAY, HOUR, START, trace } from './testing/town.ts'

const LONG = { from: at(START - 4 * DAY), until: at(START + 10 * DAY), expiresAt: at(START + 20 * DAY) }

describe('reading again what is still held', () => {
  it('brings no bytes, and leaves the same entry in both logs as the reading did', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const { reader } = s.north.open
    const reading = await reader.read(id)
    expect(reading.held).toMatchObject({ count: reading.chunks.length })
    const before = s.place.wire.length
    expect(await reader.readAgain(id, reading.held!)).toBeUndefined()
    const sent = s.place.wire.slice(before)
    expect(sent.map(({ type }) => type)).toEqual(['read'])
    expect(JSON.parse(sent[0]!.answer!)).toMatchObject({ chunks: [], slots: [], next: null })
    expect(sent[0]!.answer!.length).toBeLessThan(400)
    const [first, second, ...more] = (await s.anna.accesses()).filter(({ clear }) => clear.action === 'read')
    expect(more).toEqual([])
    expect({ ...second!.clear, at: 0, block: 0 }).toEqual({ ...first!.clear, at: 0, block: 0 })
    expect(second!.details).toEqual(first!.details)
    const own = await s.north.shelf.list('reader/reads/')
    const counts = await Promise.all(
      own.map(async (name) => JSON.parse(new TextDecoder().decode(await s.north.shelf.get(name))).count),
    )
    expect(counts).toEqual([reading.chunks.length, reading.chunks.length])
  })

  it('is refused after a revoke with the code of any read, and the refusal is logged', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const { held } = await s.north.open.reader.read(id)
    await s.anna.revoke(id)
    expect(await codeOf(s.north.open.reader.readAgain(id, held!))).toBe('CONSENT_REVOKED')
    expect((await s.anna.accesses()).at(-1)!.clear).toMatchObject({ action: 'refuse', consent: id })
  })

  it('gives everything anew as soon as an hour more, or another version of one, is there', async () => {
    const s = await scene()
    const id = await granted(s, s.north, LONG)
    const { reader } = s.north.open
    const first = await reader.read(id)
    s.place.now = START + 2 * HOUR
    await s.anna.add(trace(START, START + HOUR))
    const second = await reader.readAgain(id, first.held!)
    expect(second?.records.length).toBe(first.records.length + 12)
    expect(second?.held).not.toEqual(first.held)
    expect(await reader.readAgain(id, second!.held!)).toBeUndefined()
  })

  it('gives everything anew when other hours are asked for than those held', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const { reader } = s.north.open
    const { held, chunks } = await reader.read(id)
    const window = { first: chunks[1]!.place.hour, end: chunks[3]!.place.hour }
    expect((await reader.readAgain(id, held!, { window }))?.chunks.length).toBe(2)
  })

  it('gives everything anew when a newer envelope waits', async () => {
    const s = await scene()
    const staying = await granted(s, s.north, LONG)
    const going = await granted(s, s.east, LONG)
    const { reader } = s.north.open
    const { held, envelope, records } = await reader.read(staying)
    expect(envelope).toBeUndefined()
    // Somebody else's end raises the generation: those who stay get new covers.
    s.place.down.add(s.north.id)
    await s.anna.revoke(going)
    s.place.down.delete(s.north.id)
    const again = await reader.readAgain(staying, held!)
    expect(again?.envelope).toBeDefined()
    expect(again?.records).toEqual(records)
  })
})
