/**
 * The story, as it is played, onto the board that the landing page watches.
 */
import { EMPTY_STORY, type StoryLedger, type StoryStep } from '../../api/index.ts'
import type { Head } from '../../ledger/index.ts'
import { formatInstant, type UnixSeconds } from '../../vocabulary/index.ts'
import type { StoryBoard } from '../http/story-board.ts'
import { ACTS, type Played, type StoryWatcher, storySteps } from '../story/play.ts'
import type { World } from '../world/world.ts'
import { openedFigure } from './opened-figure.ts'

/** Clears the board for a story that begins: every step waits. */
export function openCurtain(
  board: StoryBoard,
  { simulated, at }: { readonly simulated: boolean; readonly at: UnixSeconds },
): void {
  const before = board.current()
  const steps = storySteps({ simulated }).map(
    (name): StoryStep => ({ name, title: ACTS[name].title, state: 'waiting', seconds: null, checks: [] }),
  )
  board.publish({
    type: 'snapshot',
    value: {
      ...EMPTY_STORY,
      ledger: before.ledger,
      institutions: before.institutions,
      counts: { ...before.counts, patients: 0, readings: 0, accesses: 0, refusals: 0 },
      state: 'running',
      simulated,
      started: formatInstant(at),
      steps,
    },
  })
}

/** Says how it ended. */
export function dropCurtain(board: StoryBoard, { ok, seconds }: Pick<Played, 'ok' | 'seconds'>): void {
  const { started } = board.current()
  board.publish({ type: 'state', value: { state: ok ? 'passed' : 'failed', started, seconds } })
}

/** Publishes each step, check, count and what was opened. */
export function boardWatcher(board: StoryBoard): StoryWatcher {
  let running: StoryStep | undefined
  const show = (step: StoryStep): void => {
    running = step
    board.publish({ type: 'step', value: step })
  }
  return {
    begun: (name, title) => show({ name, title, state: 'running', seconds: null, checks: [] }),
    checked: (_, check) => {
      if (running !== undefined) show({ ...running, checks: [...running.checks, fitted(check)] })
    },
    underway: (_, words) => {
      if (running !== undefined) show({ ...running, underway: words.slice(0, 300) })
    },
    ended: ({ ok, seconds }) => {
      if (running === undefined) return
      const { underway: _, ...step } = running
      show({ ...step, state: ok ? 'passed' : 'failed', seconds })
    },
    // Grants, revokes and anchors are counted on the ledger, by who shows its heads.
    counted: ({ patients, readings, accesses, refusals }) =>
      board.publish({
        type: 'counts',
        value: { ...board.current().counts, patients, readings, accesses, refusals },
      }),
    opened: (reader, reading) => {
      const value = openedFigure(reader, reading)
      if (value !== undefined) board.publish({ type: 'opened', value })
    },
  }
}

/** Several watchers as one. */
export function together(...watchers: readonly StoryWatcher[]): StoryWatcher {
  return {
    begun: (...told) => watchers.forEach((watcher) => void watcher.begun(...told)),
    underway: (...told) => watchers.forEach((watcher) => void watcher.underway?.(...told)),
    checked: (...told) => watchers.forEach((watcher) => void watcher.checked(...told)),
    ended: (...told) => watchers.forEach((watcher) => void watcher.ended(...told)),
    counted: (...told) => watchers.forEach((watcher) => void watcher.counted(...told)),
    opened: (...told) => watchers.forEach((watcher) => void watcher.opened(...told)),
  }
}

/** A block's head for the page; where one operator keeps the ledger, that is said. */
export function ledgerFigure(
  head: Head,
  { chainId, engine }: Pick<World, 'chainId' | 'engine'>,
): StoryLedger {
  return {
    height: head.height,
    hash: head.hash,
    time: formatInstant(head.timestamp),
    chain_id: chainId,
    engine,
    single_operator: engine === 'embedded',
  }
}

function fitted({ what, ok, saw }: StoryStep['checks'][number]): StoryStep['checks'][number] {
  return { what: what.slice(0, 300), ok, saw: saw.slice(0, 500) }
}
