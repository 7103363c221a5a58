/**
 * Telling the story: who plays which part, and the stage they stand on, wherever the institutions live.
 */
import type { Apart } from '../apart/apart.ts'
import type { PlayedStudy } from '../study/played-study.ts'
import type { VirtualStudyOptions } from '../study/virtual-study.ts'
import type { Consortium } from '../world/consortium.ts'
import type { World } from '../world/world.ts'
import { freshHandle, openPerson, type PersonHere } from './person.ts'
import { type Played, play, type StoryWatcher } from './play.ts'
import type { Cast } from './source.ts'
import type { Stage } from './stage.ts'

/** What a telling needs, wherever the institutions live. */
export interface Telling {
  /** Data directory of the consortium; made where it is absent. */
  readonly directory: string
  readonly cast: Cast
  /** Where the dump goes. */
  readonly dumpDirectory: string
  readonly watcher: StoryWatcher
  readonly signal: AbortSignal
  /** Told what a step threw, for `--debug`. */
  readonly failed?: (error: unknown) => void
  /** Seconds that a study's rounds wait for a ledger which takes nothing; none when left out. */
  readonly patience?: number
}

/** The people whose agents live in this process. */
export interface People {
  readonly person: PersonHere
  readonly leaving: PersonHere
}

/** Who takes which part, by folder name of the charter. */
const PARTS = { custodian: 'south', reader: 'north', remainingReader: 'meadow' } as const

/** What opens the institutions of a directory: in this process, or each in its own. */
export type OpenWorld = (options: {
  readonly directory: string
  readonly locked: true
  readonly signal: AbortSignal
  readonly report?: (error: unknown) => void
}) => Promise<World>

/** Opens the world of a directory whose lock the caller holds, plays the story with personas, closes it; also when interrupted. */
export async function tell(telling: Telling, openWorld: OpenWorld): Promise<Played> {
  const world = await openWorld({
    directory: telling.directory,
    locked: true,
    signal: telling.signal,
    ...(telling.failed === undefined ? {} : { report: telling.failed }),
  })
  try {
    return await playOn(world, await personas(world), telling)
  } finally {
    await world.close()
  }
}

/** Personas of the demo, under the node's key. */
async function personas(world: World): Promise<People> {
  return {
    person: await openPerson(world, freshHandle(), world.unlock),
    leaving: await openPerson(world, freshHandle(), world.unlock),
  }
}

/** Plays the story on an open consortium. */
export async function playOn(
  world: World,
  people: People,
  telling: Omit<Telling, 'directory'>,
): Promise<Played> {
  return play((notes) => stageOf(world, people, telling, notes), telling.watcher, telling.signal)
}

function stageOf(
  world: World,
  people: People,
  { cast, dumpDirectory, signal, failed, patience = 0 }: Omit<Telling, 'directory'>,
  notes: Pick<Stage, 'check' | 'note' | 'underway'>,
): Stage {
  return {
    consortium: world,
    playStudy: (options) => playStudyIn(world, { ...options, patience }),
    material: cast.material,
    source: cast.source,
    person: people.person,
    leaving: people.leaving,
    leavingRecords: cast.leaving,
    custodian: world.party(PARTS.custodian),
    reader: world.party(PARTS.reader),
    remainingReader: world.party(PARTS.remainingReader),
    progress: {},
    dumpDirectory,
    signal,
    ...(failed === undefined ? {} : { failed }),
    ...notes,
  }
}

/** Learning is loaded where it is used: most of what the command does needs none of it. */
async function playStudyIn(world: World, options: VirtualStudyOptions): Promise<PlayedStudy> {
  if (isTogether(world)) return (await import('../study/virtual-study.ts')).playStudyTogether(world, options)
  if (isApart(world)) return (await import('../apart/study-apart.ts')).playStudyApart(world, options)
  throw new Error('the institutions of this world play no study')
}

function isApart(world: World): world is Apart {
  return 'studiesAt' in world
}

function isTogether(world: World): world is Consortium {
  return 'hosted' in world
}
