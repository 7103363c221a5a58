/** Every lie that an auditor must find, planted in a dump of a real consortium, and found by its own code. */
import { join } from 'node:path'
import { afterAll, beforeAll, it } from 'vitest'
import { exportDump } from './export-dump.ts'
import { sourceOf } from './source.ts'
import { lyingCustodians } from './testing/planted/access.suite.ts'
import { tellLies } from './testing/planted/access-lies.ts'
import { discreetDump } from './testing/planted/discreet.suite.ts'
import { flipBytes } from './testing/planted/flips.ts'
import { honestDump } from './testing/planted/honest.suite.ts'
import { lyingLedger } from './testing/planted/ledger.suite.ts'
import { lyingLog } from './testing/planted/log.suite.ts'
import { lyingManifest } from './testing/planted/manifest.suite.ts'
import { sceneOf } from './testing/planted/scene.ts'
import { lyingSlots } from './testing/planted/slots.suite.ts'
import { playStory, type Story } from './testing/story.ts'

let story: Story | undefined
let dump = ''

beforeAll(async () => {
  story = await playStory()
  dump = join(story.place.directory, 'dump')
  await exportDump({ source: await sourceOf(story.place.directory), target: dump })
  await tellLies(story)
})
afterAll(() => story?.place.remove())

const scene = sceneOf(() => {
  if (story === undefined) throw new Error('the story was not told')
  return { story, dump }
})

honestDump(scene)
lyingLedger(scene)
lyingManifest(scene)
lyingLog(scene)
lyingSlots(scene)
lyingCustodians(scene)
discreetDump(scene)

it('one bit turned anywhere in a dump is found (the long suite tries them by the hundred)', async () => {
  await flipBytes(dump, 25)
})
