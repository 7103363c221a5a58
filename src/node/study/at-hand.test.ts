import { expect, test } from 'vitest'
import { memoryShelf, type Shelf } from '../../consent/browser.door.ts'
import type { PersonTrace } from '../../learning/index.ts'
import { type ForecastData, type Learner, networkLearner } from '../../study/index.ts'
import { nodeHasher } from '../../vault/node-cipher.door.ts'
import { hash32, IsletError, utf8 } from '../../vocabulary/index.ts'
import { onceEach, preparingOnce, rememberedJournal } from './at-hand.ts'

/** A shelf that counts, and whose next write fails when told. */
function watched(): {
  readonly shelf: Shelf
  readonly calls: Record<'get' | 'put', number>
  failing: boolean
} {
  const inner = memoryShelf()
  const self = {
    calls: { get: 0, put: 0 },
    failing: false,
    shelf: {
      ...inner,
      get: (name: string) => {
        self.calls.get++
        return inner.get(name)
      },
      put: async (name: string, bytes: Uint8Array) => {
        self.calls.put++
        if (self.failing) throw new IsletError('DISK_FULL', 'full')
        await inner.put(name, bytes)
      },
    },
  }
  return self
}

test('ten sites that store the same object write it once, and read it without the disk', async () => {
  const disk = watched()
  const objects = onceEach(disk.shelf)
  await Promise.all(Array.from({ length: 10 }, () => objects.put('model', utf8('weights'))))
  await objects.put('model', utf8('weights'))
  expect(disk.calls.put).toBe(1)
  expect(await objects.get('model')).toEqual(utf8('weights'))
  expect(disk.calls.get).toBe(1)
})

test('an object that could not be written is nowhere, and the next write is made', async () => {
  const disk = watched()
  const objects = onceEach(disk.shelf)
  disk.failing = true
  await expect(objects.put('model', utf8('weights'))).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(await objects.get('model')).toBeUndefined()
  disk.failing = false
  await objects.put('model', utf8('weights'))
  expect(await disk.shelf.get('model')).toEqual(utf8('weights'))
})

test('a journal has its newest notes without the disk, and finds there what stood before or was put there since', async () => {
  const disk = watched()
  await disk.shelf.put('cohort-1', utf8('root'))
  const journal = rememberedJournal(disk.shelf)
  await journal.put('update-1', utf8('update'))
  expect(await journal.get('update-1')).toEqual(utf8('update'))
  expect(disk.calls.get).toBe(0)
  expect(await journal.get('cohort-1')).toEqual(utf8('root'))
  expect(await journal.get('update-2')).toBeUndefined()
  // Another opening of the same journal writes: whoever missed it asks the disk.
  await rememberedJournal(disk.shelf).put('update-2', utf8('later'))
  expect(await journal.get('update-2')).toEqual(utf8('later'))
  for (let i = 3; i < 9; i++) await journal.put(`update-${i}`, utf8(`${i}`))
  expect(await journal.get('update-1')).toEqual(utf8('update'))
})

test('after a write that failed a journal gives what the disk has, never what was meant', async () => {
  const disk = watched()
  const journal = rememberedJournal(disk.shelf)
  await journal.put('update-1', utf8('first'))
  disk.failing = true
  await expect(journal.put('update-1', utf8('second'))).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(await journal.get('update-1')).toEqual(utf8('first'))
})

test('what is made of a trace is made once, and of another trace anew', () => {
  let made = 0
  const zeros = hash32(`0x${'00'.repeat(32)}`)
  const plan: Parameters<typeof networkLearner>[0] = {
    data: { kinds: ['glucose'], features: ['glucose'], from: '', until: '' },
    model: { name: 'gru-4', code_hash: zeros, initial_hash: zeros },
    rounds: 1,
    strategy: { name: 'fedavg', local_epochs: 1, learning_rate: 0.01 },
    privacy: { aggregation: 'open', clip_norm: 1, differential_privacy: null },
  }
  const learner = networkLearner(plan, { hasher: nodeHasher })
  const counting: Learner<ForecastData> = {
    ...learner,
    prepare: (trace) => {
      made++
      return learner.prepare(trace)
    },
  }
  const once = preparingOnce(counting)
  const at = Float64Array.from({ length: 900 }, (_, i) => 1_700_000_000 + 300 * i)
  const trace: PersonTrace = {
    id: 'a',
    glucose: { at, local: at, value: at.map((_, i) => 120 + 40 * Math.sin(i / 9)) },
  }
  const data = once.prepare(trace)
  expect(data?.examples).toBeGreaterThan(0)
  expect(once.prepare(trace)).toBe(data)
  expect(once.prepare({ ...trace })?.digest).toBe(data?.digest)
  expect(made).toBe(2)
})
