/**
 * Telling the story on a consortium of this process: who plays which part, and the stage they stand on.
 */
import { type Consortium, openConsortium } from '../world/consortium.ts'
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
}

/** The people whose agents live in this process. */
export interface People {
  readonly person: PersonHere
  readonly leaving: PersonHere
}

/** Who takes which part, by folder name of the charter. */
export const PARTS = { custodian: 'south', reader: 'north', remainingReader: 'meadow' } as const

/** Opens the consortium of a directory, plays the story with personas, and closes it, also when interrupted. */
export async function tellHere(telling: Telling): Promise<Played> {
  const consortium = await openConsortium({
    directory: telling.directory,
    ...(telling.failed === undefined ? {} : { report: telling.failed }),
  })
  try {
    return await playOn(consortium, await personas(consortium), telling)
  } finally {
    await consortium.close()
  }
}

/** Personas of the demo, under the node's key. */
export async function personas(consortium: Consortium): Promise<People> {
  return {
    person: await openPerson(consortium, freshHandle(), consortium.unlock),
    leaving: await openPerson(consortium, freshHandle(), consortium.unlock),
  }
}

/** Plays the story on an open consortium. */
export async function playOn(
  consortium: Consortium,
  people: People,
  telling: Omit<Telling, 'directory'>,
): Promise<Played> {
  return play((notes) => stageOf(consortium, people, telling, notes), telling.watcher, telling.signal)
}

function stageOf(
  consortium: Consortium,
  people: People,
  { cast, dumpDirectory, signal, failed }: Omit<Telling, 'directory'>,
  notes: Pick<Stage, 'check' | 'note'>,
): Stage {
  return {
    consortium,
    material: cast.material,
    source: cast.source,
    person: people.person,
    leaving: people.leaving,
    leavingRecords: cast.leaving,
    custodian: consortium.house(PARTS.custodian),
    reader: consortium.house(PARTS.reader),
    remainingReader: consortium.house(PARTS.remainingReader),
    progress: {},
    dumpDirectory,
    signal,
    ...(failed === undefined ? {} : { failed }),
    ...notes,
  }
}
