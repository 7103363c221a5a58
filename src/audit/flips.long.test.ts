/** A byte turned anywhere, in every file, two hundred times and more. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { exportDump } from './export-dump.ts'
import { sourceOf } from './source.ts'
import { filesOf, flipBytes } from './testing/planted/flips.ts'
import { playStory, type Story } from './testing/story.ts'

let story: Story
let dump: string

beforeAll(async () => {
  story = await playStory()
  dump = join(story.place.directory, 'dump')
  await exportDump({ source: await sourceOf(story.place.directory), target: dump })
  await story.place.close()
})
afterAll(() => story?.place.remove())

it('every file of a dump, byte by byte at random, is found altered', async () => {
  const { length } = await filesOf(dump)
  expect(length).toBeGreaterThan(20)
  await flipBytes(dump, Math.max(240, length * 8))
})
