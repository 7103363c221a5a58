import { describe, expect, test } from 'vitest'
import type { PatientAgent, ReadChunk, Reading } from '../../consent/browser.door.ts'
import type { Glucose } from '../../series/index.ts'
import {
  hash32,
  hourOf,
  type LocalSeconds,
  quantity,
  type UnixSeconds,
  type UtcHour,
} from '../../vocabulary/index.ts'
import { healthOf, readAllOf, readHealth, readOn } from './health.ts'

const ROOT = hash32(`0x${'22'.repeat(32)}`)

function glucoseAt(at: number): Glucose {
  return {
    type: 'glucose',
    at: quantity<UnixSeconds>(at),
    local: quantity<LocalSeconds>(at),
    value: 120,
    unit: 'mg/dL',
    method: 'cgm',
  }
}

function chunkOf(hour: number, code: ReadChunk['code'], anchor: ReadChunk['anchor']['code']): ReadChunk {
  const place = {
    kind: 'glucose',
    generation: 0,
    hour: quantity<UtcHour>(hour),
    revision: 0,
    overflow: 0,
    slot: 1,
    index: 0,
  } as const
  return {
    place,
    bytes: new Uint8Array(0),
    code,
    anchor:
      anchor === 'ANCHORED' ? { code: anchor, slot: 1, root: ROOT, block: 1 } : { code: anchor, slot: 1 },
    records: code === 'OPENED' ? [glucoseAt(hour * 3_600)] : [],
  }
}

describe('what this device opened', () => {
  test.each([
    { why: 'its leaf is not under the root', code: 'OPENED', anchor: 'NOT_UNDER_ROOT' },
    { why: 'no key opens it', code: 'NO_KEY', anchor: 'ANCHORED' },
  ] as const)('an hour is counted as broken and not shown when $why', ({ code, anchor }) => {
    const chunks = [chunkOf(1, 'OPENED', 'ANCHORED'), chunkOf(2, code, anchor)]
    const { points, chunks: counted } = healthOf({ chunks })
    expect(counted).toEqual({ all: 2, proven: 1, broken: 1 })
    expect(points).toEqual([{ at: 3_600, mgdl: 120 }])
  })

  test('an hour that is not anchored yet is shown, and not called proved', () => {
    const { points, chunks } = healthOf({
      chunks: [chunkOf(2, 'OPENED', 'NOT_YET_ANCHORED'), chunkOf(1, 'OPENED', 'ANCHORED')],
    })
    expect(chunks).toEqual({ all: 2, proven: 1, broken: 0 })
    expect(points.map(({ at }) => at)).toEqual([3_600, 7_200])
  })

  test('read on, it is what reading all of it anew gives: the last hour as it is by then', async () => {
    const now = 60 * 86_400
    const [last, asked] = [hourOf(quantity<UnixSeconds>(now)) - 2, [] as number[]]
    const before = [chunkOf(last - 1, 'OPENED', 'ANCHORED'), chunkOf(last, 'OPENED', 'NOT_YET_ANCHORED')]
    const since = [chunkOf(last, 'OPENED', 'ANCHORED'), chunkOf(last + 1, 'OPENED', 'NOT_YET_ANCHORED')]
    const oldest = chunkOf(last - 31 * 24 + 3, 'OPENED', 'ANCHORED')
    const agentOf = (chunks: readonly ReadChunk[]): Pick<PatientAgent, 'read'> => ({
      read: async (_, { first, end }) => {
        const within = chunks.filter(({ place }) => place.hour >= first && place.hour < end)
        asked.push(within.length)
        return { chunks: within } as unknown as Reading
      },
    })
    const known = await readHealth(agentOf([oldest, ...before]), now)
    const later = agentOf([oldest, ...before.slice(0, 1), ...since])
    const { at: _, ...onwards } = await readOn(later, known, now)
    const { at: __, ...anew } = await readHealth(later, now)
    expect(onwards).toEqual(anew)
    expect(onwards.points.map(({ at }) => at / 3_600 - last)).toEqual([3 - 31 * 24, -1, 0, 1])
    expect(asked).toEqual([3, 2, 4])
  })

  test('everything that is whole comes in order of time, and the damaged hours are counted', async () => {
    const broken = [chunkOf(7, 'NO_KEY', 'ANCHORED'), chunkOf(9, 'OPENED', 'NOT_UNDER_ROOT')]
    const chunks = [chunkOf(8, 'OPENED', 'ANCHORED'), ...broken, chunkOf(6, 'OPENED', 'ANCHORED')]
    const damaged = [
      { kind: 'glucose', first: 7, end: 8 },
      { kind: 'glucose', first: 9, end: 11 },
    ]
    const agent: Pick<PatientAgent, 'read'> = {
      read: async () => ({ chunks, damaged }) as unknown as Reading,
    }
    const { records, leftOut } = await readAllOf(agent, ['glucose'])
    expect(records.map(({ at }) => at / 3_600)).toEqual([6, 8])
    expect(leftOut).toBe(3)
  })
})
