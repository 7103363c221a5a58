/** Virtual people live on: their device delivers under a grant what the same life would have had at once. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { granted, type Scene, scene } from '../../consent/testing/scene.ts'
import { at, DAY, HOUR, START } from '../../consent/testing/town.ts'
import type { HealthRecord } from '../../series/index.ts'
import { canonicalJson, hourOf, type UtcHour } from '../../vocabulary/index.ts'
import { bornBefore, livingOf, rememberLife, virtualLives } from './virtual-life.ts'

const KINDS = ['glucose', 'insulin', 'meals', 'device'] as const
const BIRTH = { ...bornBefore(41, at(START)), start: START }

let directory: string
let s: Scene
let consent: Parameters<Scene['anna']['revoke']>[0]
/** The device's maker, as after a restart of whoever runs it. */
const lives = () => virtualLives({ write: s.east.open.writer.write }, () => at(s.place.now))

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'islet-life-'))
  s = await scene()
  const until = at(START + 60 * DAY)
  const wish = { kinds: KINDS, actions: ['write'], from: at(START - DAY), until, expiresAt: until } as const
  consent = await granted(
    s,
    s.east,
    { ...wish, subject: { type: 'institution' } },
    {},
    { hoursAhead: 60 * 24 },
  )
  await rememberLife(directory, { birth: BIRTH, consent, told: START })
})
afterEach(() => rm(directory, { recursive: true, force: true }))

/** Hours before the start hold what somebody else recorded. */
const seen = async (until: number) => {
  const window = { first: hourOf(at(START)) as UtcHour, end: hourOf(at(until + HOUR)) as UtcHour }
  return inOrder((await s.anna.read(KINDS, window)).records)
}
const lived = (from: number, until: number) => {
  const life = livingOf(BIRTH)
  life.until(at(from))
  return inOrder(life.until(at(until)).filter((record) => record.at >= START))
}
const inOrder = (records: readonly HealthRecord[]) =>
  records.map((record) => canonicalJson(JSON.parse(JSON.stringify(record)))).sort()

test('what is delivered every few minutes, and after a restart, is the life lived at once', async () => {
  let liveOn = lives()
  for (const minutes of [0, 5, 10, 65, 7 * 60]) {
    if (minutes === 65) liveOn = lives()
    s.place.now = START + minutes * 60
    await liveOn(directory)
    expect(await seen(s.place.now)).toEqual(lived(START, s.place.now))
  }
  expect((await seen(s.place.now)).length).toBeGreaterThan(80)
  // What was told stands in the folder: nothing of it is brought again.
  const told: unknown = JSON.parse(await readFile(join(directory, 'life.json'), 'utf8'))
  expect(told).toMatchObject({ told: s.place.now })
})

test('a life stands on the clock of where it is lived', () => {
  const records = livingOf({ seed: 41, start: START, offset_minutes: 90 }).until(at(START + HOUR))
  expect(records.length).toBeGreaterThan(10)
  for (const record of records) expect(record.local - record.at).toBe(5_400)
})

test('a day of absence is caught up, after a delivery that failed too', async () => {
  const liveOn = lives()
  s.place.now = START + 300
  await liveOn(directory)
  s.place.now = START + DAY
  s.place.down.add(s.south.id)
  await expect(liveOn(directory)).rejects.toThrow()
  expect(await seen(s.place.now).catch(() => 'away')).toBe('away')
  s.place.down.delete(s.south.id)
  await Promise.all([liveOn(directory), liveOn(directory)])
  expect(await seen(s.place.now)).toEqual(lived(START, s.place.now))
})

test('of a longer absence than a month the last 31 days come, the rest is a gap', async () => {
  s.place.now = START + 33 * DAY
  await lives()(directory)
  expect(await seen(s.place.now)).toEqual(
    lived(START, s.place.now).filter((text) => JSON.parse(text).at > s.place.now - 31 * DAY),
  )
})

test('once the person stops the device it delivers nothing and asks no more', async () => {
  const liveOn = lives()
  await s.anna.revoke(consent)
  s.place.now = START + HOUR
  await liveOn(directory)
  expect(await seen(s.place.now)).toEqual([])
  const asked = s.place.wire.length
  s.place.now = START + 2 * HOUR
  await liveOn(directory)
  await lives()(directory)
  expect(s.place.wire.length).toBe(asked)
})
