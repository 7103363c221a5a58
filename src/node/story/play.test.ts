import { expect, test } from 'vitest'
import { play, type StoryWatcher } from './play.ts'
import type { Stage } from './stage.ts'

/** Notes down by name whatever it is told. */
function noted(): { readonly told: string[]; readonly watcher: StoryWatcher } {
  const told: string[] = []
  const note = (name: string) => () => void told.push(name)
  return {
    told,
    watcher: {
      begun: note('begun'),
      checked: note('checked'),
      underway: note('underway'),
      ended: note('ended'),
      counted: note('counted'),
      opened: note('opened'),
    },
  }
}

test('of what a step still finds after an interruption nothing is told: neither a check nor a figure', async () => {
  const interruption = new AbortController()
  const { told, watcher } = noted()
  const played = await play(
    ({ check, underway, note }) => {
      const find = () => {
        check('a reader that keeps asking is refused', false, 'PEER_UNREACHABLE')
        underway('round 1')
        note({ refusals: 1 })
      }
      find()
      interruption.abort('SIGINT')
      find()
      return { material: { simulated: false }, progress: {} } as unknown as Stage
    },
    watcher,
    interruption.signal,
  )
  expect(told).toEqual(['checked', 'underway', 'counted'])
  expect(played).toMatchObject({ ok: false, steps: [] })
})
