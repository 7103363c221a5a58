/**
 * The story on a running node: played once, live on its page, and remembered.
 *
 * Law: a story that a crash cut off begins again with new people; one that was told is shown again, not played again.
 */
import { join } from 'node:path'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import type { StoryBoard } from '../http/story-board.ts'
import { wallClock } from '../institution/wire.ts'
import { freshHandle, openPerson, type PersonHere } from '../story/person.ts'
import type { Played, StoryWatcher } from '../story/play.ts'
import type { Cast } from '../story/source.ts'
import { playOn } from '../story/tell.ts'
import type { World } from '../world/world.ts'
import { boardWatcher, dropCurtain, openCurtain, together } from './board-watcher.ts'
import { writeStoryRecord } from './story-record.ts'

export interface LivePlay {
  readonly cast: Cast
  /** About whom it is: a persona, or the user's own person. */
  readonly person: PersonHere
  readonly watcher: StoryWatcher
  readonly signal: AbortSignal
  readonly failed?: (error: unknown) => void
}

/** Plays the story on a board and remembers it; an interrupted one is remembered as begun only. */
export async function playLive(
  node: { readonly consortium: World; readonly board: StoryBoard },
  play: LivePlay,
): Promise<Played> {
  const { consortium, board } = node
  const { cast, person, signal } = play
  const own = !cast.material.simulated
  await writeStoryRecord(consortium.directory, { state: 'playing', own, person: person.handle, story: null })
  openCurtain(board, { simulated: !own, at: quantity<UnixSeconds>(Math.floor(wallClock())) })
  const leaving = await openPerson(consortium, freshHandle(), consortium.unlock)
  const played = await playOn(
    consortium,
    { person, leaving },
    {
      cast,
      signal,
      // The node goes on serving: a round waits for the ledger as long as the node runs.
      patience: Number.POSITIVE_INFINITY,
      dumpDirectory: join(consortium.directory, 'dumps', person.handle),
      watcher: together(boardWatcher(board), play.watcher),
      ...(play.failed === undefined ? {} : { failed: play.failed }),
    },
  )
  if (signal.aborted) return played
  dropCurtain(board, played)
  await writeStoryRecord(consortium.directory, {
    state: 'finished',
    own,
    person: person.handle,
    story: board.current(),
  })
  return played
}
