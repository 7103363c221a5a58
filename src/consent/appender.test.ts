import { expect, it } from 'vitest'
import { chunksOf } from '../vault/index.ts'
import { DAY, HOUR, START, town, trace } from './testing/town.ts'

async function scene() {
  const place = town()
  const south = await place.house('South Hospital')
  const anna = await place.patient('anna')
  await anna.enrol(south.id)
  return { place, south, anna }
}

it('tells a custodian that missed it of the new keys, and then delivers under them', async () => {
  const { place, south, anna } = await scene()
  const given = trace(START - DAY, START)
  await anna.add(given.slice(0, 24))
  place.down.add(south.id)
  await anna.renewKeys(['glucose']).catch(() => undefined)
  place.down.delete(south.id)
  expect((await anna.add(given.slice(24))).added).toBe(given.length - 24)
  expect((await anna.add(given)).added).toBe(0)
})

it('keeps whole days in one object each and single hours in their own, with the same chunks inside', async () => {
  const { south, anna } = await scene()
  const given = trace(START - 2 * DAY, START + 3 * HOUR)
  const { chunks } = await anna.add(given)
  const sizes: number[] = []
  for await (const cid of south.store.list()) sizes.push(chunksOf(await south.store.get(cid)).length)
  expect(sizes.sort((a, b) => a - b)).toEqual([1, 1, 1, 24, 24])
  expect(chunks).toBe(51)
})
