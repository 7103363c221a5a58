import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { utf8 } from '../vocabulary/index.ts'
import { openDurableFile } from './durable-file.ts'
import { ANSWER_KEPT_SECONDS, openInboxJournal } from './inbox-journal.ts'
import { createQuota } from './quota.ts'
import { openReplayCache } from './replay-cache.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-durable-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('durable file', () => {
  test('appends that arrive together all stand in the file, in order', async () => {
    const path = join(folder, 'f')
    const file = await openDurableFile(path, 0)
    await Promise.all(Array.from({ length: 50 }, (_, i) => file.append(utf8(`${i}\n`))))
    expect(await readFile(path, 'utf8')).toBe(Array.from({ length: 50 }, (_, i) => `${i}\n`).join(''))
    await file.close()
  })

  test('appends asked for while the content is replaced come after it', async () => {
    const path = join(folder, 'f')
    const file = await openDurableFile(path, 0)
    await file.append(utf8('old'))
    const replaced = file.replace(utf8('new '))
    await Promise.all([file.append(utf8('a')), file.append(utf8('b')), replaced])
    expect(await readFile(path, 'utf8')).toBe('new ab')
    await file.close()
  })
})

describe('replay cache', () => {
  const path = () => join(folder, 'replays')

  test('a mark counts once, also after a kill that left half a record behind', async () => {
    const cache = await openReplayCache(path(), () => 100)
    expect(await cache.remember('a', 200)).toBe(true)
    expect(await cache.remember('a', 200)).toBe(false)
    // The process is gone here without closing; a torn record stands at the end.
    await appendFile(path(), Buffer.alloc(7, 1))
    const again = await openReplayCache(path(), () => 100)
    expect(await again.remember('a', 200)).toBe(false)
    expect(await again.remember('b', 200)).toBe(true)
    await again.close()
    const third = await openReplayCache(path(), () => 100)
    expect(await third.remember('b', 200)).toBe(false)
    await third.close()
    await cache.close()
  })

  test('of many who come at once with the same mark, one passes', async () => {
    const cache = await openReplayCache(path(), () => 100)
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => cache.remember('same', 200)))
    expect(outcomes.filter((passed) => passed)).toHaveLength(1)
    await cache.close()
  })

  test('marks that are over are forgotten at the next start; those that are not stay', async () => {
    let now = 100
    const cache = await openReplayCache(path(), () => now)
    await cache.remember('short', 150)
    await cache.remember('long', 500)
    await cache.close()
    now = 200
    const later = await openReplayCache(path(), () => now)
    expect([await later.remember('short', 300), await later.remember('long', 600)]).toEqual([true, false])
    await later.close()
  })

  test('the file is rewritten when most of it is over, and loses nothing that counts', async () => {
    let now = 0
    const cache = await openReplayCache(path(), () => now)
    await Promise.all(Array.from({ length: 19_999 }, (_, i) => cache.remember(`old ${i}`, 10)))
    now = 50
    await cache.remember('live', 100)
    await cache.remember('next', 100)
    await cache.close()
    expect((await readFile(path())).length).toBeLessThan(1_000)
    const again = await openReplayCache(path(), () => now)
    expect([await again.remember('live', 100), await again.remember('next', 100)]).toEqual([false, false])
    await again.close()
  })

  test('a mark that could not be written did not pass, and may be tried again', async () => {
    const cache = await openReplayCache(path(), () => 100)
    await cache.close()
    await expect(cache.remember('a', 200)).rejects.toThrow()
    const again = await openReplayCache(path(), () => 100)
    expect(await again.remember('a', 200)).toBe(true)
    await again.close()
  })
})

describe('inbox journal', () => {
  const path = () => join(folder, 'inbox')
  const done = { digest: 'd', status: 200, text: '{"täxt":1}' }

  test('what was recorded is found after any cut of the file at its end, line by line', async () => {
    const journal = await openInboxJournal(path(), () => 100)
    for (const key of ['a', 'b', 'c']) await journal.record(key, done)
    await journal.close()
    const whole = await readFile(path())
    const lines = whole.toString().split('\n').slice(0, -1)
    const ends = lines.map((_, i) => Buffer.byteLength(`${lines.slice(0, i + 1).join('\n')}\n`))
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), async (cut) => {
        await writeFile(path(), whole)
        await truncate(path(), cut)
        const again = await openInboxJournal(path(), () => 100)
        const kept = ends.filter((end) => end <= cut).length
        expect(['a', 'b', 'c'].map((key) => again.find(key) !== undefined)).toEqual(
          [0, 1, 2].map((i) => i < kept),
        )
        await again.close()
      }),
      { numRuns: 40 },
    )
  })

  test('a line that was altered is not believed', async () => {
    const journal = await openInboxJournal(path(), () => 100)
    await journal.record('a', done)
    await journal.close()
    const text = await readFile(path(), 'utf8')
    await writeFile(path(), text.replace('"status":200', '"status":201'))
    const again = await openInboxJournal(path(), () => 100)
    expect(again.find('a')).toBeUndefined()
    await again.close()
  })

  test('an answer is kept for a day', async () => {
    let now = 0
    const journal = await openInboxJournal(path(), () => now)
    await journal.record('a', done)
    now = ANSWER_KEPT_SECONDS - 1
    expect(journal.find('a')).toMatchObject(done)
    now = ANSWER_KEPT_SECONDS
    expect(journal.find('a')).toBeUndefined()
    await journal.close()
  })
})

describe('quota', () => {
  test('nobody ever gets more than the burst and what flowed in since', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 12 })), {
          maxLength: 60,
        }),
        (asks) => {
          let now = 0
          const quota = createQuota({ burst: 20, perSecond: 2 }, () => now)
          let taken = 0
          for (const [pause, weight] of asks) {
            now += pause / 10
            if (quota.take('a', weight) === 0) taken += weight
            expect(taken).toBeLessThanOrEqual(20 + 2 * now + 1e-9)
          }
        },
      ),
    )
  })

  test('the wait that is told suffices, and another sender is not touched', () => {
    let now = 0
    const quota = createQuota({ burst: 10, perSecond: 2 }, () => now)
    expect(quota.take('a', 10)).toBe(0)
    const wait = quota.take('a', 4)
    expect(wait).toBe(2)
    expect(quota.take('b', 10)).toBe(0)
    now += wait
    expect(quota.take('a', 4)).toBe(0)
  })
})
