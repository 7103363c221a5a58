/**
 * `islet start --apart`: every institution in a process, a data directory and at a web address of its own.
 *
 * Laws: the ready line names them all; an institution whose process ends is started again in its directory; whoever stops
 * this process stops them all.
 */
import type { StartDocument } from '../../api/documents.door.ts'
import { type Apart, openApart } from '../apart/apart.ts'
import { errorLine } from '../http/log.ts'
import { createStoryBoard } from '../http/story-board.ts'
import { hostedPeople } from '../service/hosted-people.ts'
import { openNodeLog } from '../service/node-log.ts'
import { oneAtATime } from '../service/one-at-a-time.ts'
import { doRegularly } from '../service/regular-work.ts'
import type { StoryRecord } from '../service/story-record.ts'
import { freshHandle, openPerson } from '../story/person.ts'
import { virtualCast } from '../story/source.ts'
import { CHARTER } from '../world/charter.ts'
import { type ExitCode, printDocument } from './outcome.ts'
import { ending, LEDGER_WORDS, tellLive, untilStopped } from './serving.ts'
import type { VerbContext } from './verb.ts'

export interface ServingApart {
  readonly directory: string
  /** Port of the first institution, the others follow; 0: any free ones. */
  readonly port: number
  readonly record: StoryRecord | undefined
  /** Validators, where a consortium is founded. */
  readonly seats?: number
}

/** Serves until it is stopped; the caller holds the directory's lock. Throws as `openApart`. */
export async function serveApart(
  context: VerbContext,
  { record, ...serving }: ServingApart,
): Promise<ExitCode> {
  const { signal, terminal } = context
  const { directory } = serving
  const { log, path: logPath, close: closeLog } = await openNodeLog(directory)
  const report = (error: unknown): void => log.error({ error: errorLine(error) })
  try {
    const world = await openApart({ ...serving, locked: true, signal, report })
    try {
      await tellOnce(context, world, record)
      if (signal.aborted) return ending(signal)
      const people = await hostedPeople(world, report)
      const rounds = oneAtATime(people.round, report)
      const stopWork = doRegularly(() => world.tick(), rounds, report)
      const { origins, stop } = await keepUp(world, (words) => terminal.err(`${words}\n`), report)
      announce(context, world, origins, logPath)
      const exit = await untilStopped(context)
      stop()
      await stopWork()
      await rounds.idle()
      return exit
    } finally {
      await world.close()
    }
  } catch (error) {
    // What a Ctrl-C ends while it opens is no failure of its own.
    if (signal.aborted) return ending(signal)
    throw error
  } finally {
    await closeLog()
  }
}

/** Plays the story where it was never told to its end. */
async function tellOnce(context: VerbContext, world: Apart, record: StoryRecord | undefined): Promise<void> {
  if (record?.state === 'finished') return
  const { terminal } = context
  if (record?.state === 'playing') {
    terminal.err('The story was cut off last time; it begins again with new people.\n')
  }
  const cast = virtualCast(context.seed)
  for (const remark of cast.remarks) terminal.err(`${remark}\n`)
  const person = await openPerson(world, freshHandle(), world.unlock)
  await tellLive(context, { consortium: world, board: createStoryBoard() }, { cast, person })
}

/** Starts an institution again whose process ends; gives where each is reached. */
async function keepUp(
  world: Apart,
  say: (words: string) => void,
  report: (error: unknown) => void,
): Promise<{ readonly origins: ReadonlyMap<string, string>; stop(): void }> {
  let stopped = false
  const watch = async (key: string, name: string): Promise<void> => {
    for (;;) {
      await world.gone(key)
      if (stopped) return
      say(`the process of ${name} ended; it is started again`)
      await world.restart(key)
      say(`${name} is back at ${await world.address(key)}`)
    }
  }
  for (const { key, name } of CHARTER) {
    watch(key, name).catch((error: unknown) => {
      report(error)
      if (!stopped) say(`${name} could not be started again: stop with Ctrl-C and start anew`)
    })
  }
  const origins = await Promise.all(CHARTER.map(async ({ key }) => [key, await world.address(key)] as const))
  return {
    origins: new Map(origins),
    stop: () => {
      stopped = true
    },
  }
}

function announce(
  { terminal, json }: VerbContext,
  { directory, engine }: Apart,
  origins: ReadonlyMap<string, string>,
  logPath: string,
): void {
  const institutions = [...origins].map(([institution, address]) => ({ institution, address }))
  const [first] = institutions
  const document: StartDocument = {
    schema: 'islet.start/1',
    address: first?.address ?? '',
    institutions,
    data: directory,
  }
  const places = institutions.map(({ institution, address }) => `${institution} ${address}`)
  if (json) printDocument(document, terminal)
  else terminal.out(`Islet is ready: ${places.join(', ')}\n`)
  const width = Math.max(...CHARTER.map(({ name }) => name.length))
  terminal.err(
    [
      '',
      ...CHARTER.map(({ key, name }) => `  ${name.padEnd(width)}  ${origins.get(key)}/app`),
      `  ${'data'.padEnd(width)}  ${directory}`,
      `  ${'log'.padEnd(width)}  ${logPath}, and process.log in each institution’s directory`,
      '',
      'Each address has a certificate of its own, made at this start: a browser asks before it trusts it.',
      ...LEDGER_WORDS[engine],
      'Ctrl-C stops them all.',
      '',
    ].join('\n'),
  )
}
