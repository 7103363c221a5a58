/**
 * The ledger's engine that a verb is told to use on a data directory.
 *
 * Law: a directory keeps the engine that it began with; asked for the other, it is refused before anything is made.
 */
import { join } from 'node:path'
import { IsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { membersOfApart } from '../apart/shared-ledger.ts'
import { wallClock } from '../institution/wire.ts'
import { findNetwork } from '../network/network-file.ts'
import { CHARTER } from '../world/charter.ts'
import { readConsortium } from '../world/consortium-file.ts'
import { pinBlock, soundAnchor } from '../world/pinned-block.ts'
import type { World } from '../world/world.ts'
import { usage } from './outcome.ts'
import { startProgress } from './progress.ts'
import type { VerbContext } from './verb.ts'

/** Members whose keys are made, then keys and genesis of each validator. */
const MEMBERS = 10
const FEWEST = 4

/**
 * The engine of a directory, whose lock the caller holds; a consortium is founded where none is and one is asked for.
 * Throws `ENGINE_OF_DIRECTORY`, `ENGINE_MISSING`, `BAD_USAGE`.
 */
export async function engineOf(
  { terminal }: Pick<VerbContext, 'terminal'>,
  directory: string,
  options: Readonly<Record<string, unknown>>,
): Promise<World['engine']> {
  const asked = askedFor(options)
  const held = await engineHeld(directory)
  if (held !== undefined) {
    if (asked === undefined || asked.engine === held) return held
    throw new IsletError(
      'ENGINE_OF_DIRECTORY',
      `this data directory has its ledger on the engine ‘${held}’`,
      { engine: held },
      { remedy: `leave --engine out, or name another directory with --data DIR` },
    )
  }
  if (asked?.engine !== 'consortium') return 'embedded'
  // Institutions apart found it themselves when they are started.
  if (options['apart'] === true) return 'consortium'
  const { foundNetwork } = await import('../network/network.ts')
  const bar = startProgress('founding', MEMBERS + 2 * asked.seats, terminal)
  let done = 0
  try {
    await foundNetwork({
      ...{ directory, seats: asked.seats },
      now: quantity<UnixSeconds>(Math.floor(wallClock())),
      progress: (what) => {
        done += 1
        bar.advance(done, what)
      },
    })
  } finally {
    bar.finish()
  }
  return 'consortium'
}

/**
 * Holds a directory to the block that a start was given. Throws `BAD_USAGE` where the directory has no consortium, and as
 * `soundAnchor`.
 */
export async function pinGiven(directory: string, file: unknown): Promise<void> {
  if (typeof file !== 'string') return
  if ((await engineHeld(directory)) !== 'consortium') {
    throw usage(
      'an anchor pins a block of a consortium, and this data directory has none',
      'leave --anchor out',
    )
  }
  const anchor = await soundAnchor(file)
  const apart = (await membersOfApart(directory)) === undefined ? [] : CHARTER
  await pinBlock(anchor, [directory, ...apart.map(({ key }) => join(directory, 'institutions', key))])
}

/** What a directory has; undefined where it has no ledger yet. */
async function engineHeld(directory: string): Promise<World['engine'] | undefined> {
  if ((await findNetwork(directory)) !== undefined) return 'consortium'
  if ((await membersOfApart(directory)) !== undefined) return 'consortium'
  return (await readConsortium(join(directory, 'consortium.json'))) === undefined ? undefined : 'embedded'
}

/** How many validators institutions apart shall run, where they found a consortium. */
export function seatsApart(options: Readonly<Record<string, unknown>>): { readonly seats?: number } {
  const asked = askedFor(options)
  return asked?.engine === 'consortium' ? { seats: asked.seats } : {}
}

/** What the options say; undefined where they say nothing. */
function askedFor(
  options: Readonly<Record<string, unknown>>,
): { readonly engine: World['engine']; readonly seats: number } | undefined {
  const { engine, local } = options
  if (engine === 'embedded' && local !== undefined) {
    throw usage('--local is the number of validators of a consortium', 'add --engine consortium')
  }
  if (engine === 'embedded') return { engine, seats: 0 }
  if (engine === undefined && local === undefined) return undefined
  return { engine: 'consortium', seats: typeof local === 'number' ? local : FEWEST }
}
