/** A custodian that shows another log or other bytes is caught by who asks. */
import { describe, expect, it } from 'vitest'
import { codeOf, elsewhere, granted, scene, THREE_DAYS } from './testing/scene.ts'

describe('a custodian', () => {
  it('is caught when it shows a log that lost an entry, or another log', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    await s.north.open.reader.read(id)
    await s.anna.accesses()
    // A log begun anew under the same key: as long as the one seen, and longer.
    for (const name of ['', 'checkpoint', 'tile', 'tail']) await s.south.disk.remove(name)
    for (const part of ['tile', 'tail']) await s.south.disk.remove(part)
    await s.south.restart()
    for (let i = 0; i < 4; i++) await s.north.open.reader.read(id)
    expect(await codeOf(s.anna.accesses())).toBe('ACCESS_LOG_BROKEN')
  })

  it('is caught when its log does not go on from the root on the ledger, though the patient never saw it', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    await s.north.open.reader.read(id)
    await s.south.open.tick(true)
    const anchored = await s.south.chain.latestSlot(s.south.id, 'log')
    expect(anchored).toBeGreaterThan(0)
    // A log that went on from its anchor is believed, and so is one that did not grow.
    const fresh = () => elsewhere(s)
    const known = (await (await fresh()).accesses()).length
    await s.north.open.reader.read(id)
    expect((await (await fresh()).accesses()).length).toBe(known + 1)
    // Begun anew under the same key: shorter than the anchor, then longer.
    for (const part of ['', 'checkpoint', 'tile', 'tail']) await s.south.disk.remove(part)
    await s.south.restart()
    await s.north.open.reader.read(id)
    for (let reads = 1; reads <= known + 4; reads += known + 3) {
      const agent = await fresh()
      expect(agent.memory.now.seenLog).toBe(null)
      await expect(agent.accesses()).rejects.toMatchObject({
        code: 'ACCESS_LOG_BROKEN',
        facts: { part: 'anchor' },
      })
      for (let i = 0; i < known + 3; i++) await s.north.open.reader.read(id)
    }
  })

  it('is caught when it changes a stored object', async () => {
    const s = await scene()
    const id = await granted(s, s.north, THREE_DAYS)
    const served = s.south.store.get
    Object.assign(s.south.store, {
      get: async (cid: Parameters<typeof served>[0]) => {
        const bytes = await served(cid)
        bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
        return bytes
      },
    })
    const reading = await s.north.open.reader.read(id)
    // The last chunk of each object was changed: it is under no root and opens to nothing; the others are untouched.
    const bad = reading.chunks.filter((chunk) => chunk.code !== 'OPENED')
    expect(bad.length).toBeGreaterThan(0)
    for (const chunk of reading.chunks) {
      const changed = bad.includes(chunk)
      expect([chunk.code, chunk.anchor.code, chunk.records.length]).toEqual(
        changed ? ['CHUNK_TAMPERED', 'NOT_UNDER_ROOT', 0] : ['OPENED', 'ANCHORED', 12],
      )
    }
  })
})
