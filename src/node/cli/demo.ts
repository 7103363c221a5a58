/**
 * `islet demo`: the story from import to verification in a directory that vanishes; every check is really tried.
 *
 * Law: exit 1 when a check fails; an interrupted demo leaves neither processes nor files behind.
 */
import { join } from 'node:path'
import type { DemoDocument } from '../../api/documents.door.ts'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { passingDirectory, sweepPassing } from '../service/temporary.ts'
import type { Played } from '../story/play.ts'
import { type Cast, castOfFiles, virtualCast } from '../story/source.ts'
import { type OpenWorld, type Telling, tell } from '../story/tell.ts'
import { engineOf, seatsApart } from './engine-of.ts'
import { EXIT, printDocument, reportInterrupted } from './outcome.ts'
import { intakeOptions, readFile } from './read-files.ts'
import { storyLines } from './story-lines.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Options = Readonly<Record<string, unknown>>

export async function demo(context: VerbContext, _: readonly string[], options: Options): VerbOutcome {
  const { terminal, signal } = context
  const say = context.json ? terminal.err : terminal.out
  const cast = await castOf(context, options)
  for (const remark of cast.remarks) say(`${remark}\n`)
  const place = await placeOf(context, options)
  let played: Played
  let engine: DemoDocument['engine']
  try {
    engine = await engineOf(context, place.data, options)
    const telling: Telling = {
      directory: place.data,
      dumpDirectory: place.dump,
      cast,
      signal,
      watcher: storyLines(say, { colour: terminal.colour && !context.json, checks: true }),
      ...(context.debug ? { failed: (error) => terminal.err(`${stackOf(error)}\n`) } : {}),
    }
    played = await tell(telling, await worldOf(options))
  } catch (error) {
    await place.leave(false)
    throw error
  }
  await place.leave(!signal.aborted)
  if (signal.aborted) {
    return reportInterrupted(terminal, context, place.kept ? '' : '; nothing of it is left')
  }
  const document: DemoDocument = {
    schema: 'islet.demo/1',
    ok: played.ok,
    seconds: played.seconds,
    engine,
    steps: [...played.steps],
    dump: played.dump ?? null,
  }
  if (context.json) printDocument(document, terminal)
  else terminal.out(summary(document))
  return played.ok ? EXIT.done : EXIT.checkFailed
}

/** All institutions in this process, or each in its own. */
async function worldOf(options: Options): Promise<OpenWorld> {
  if (options['apart'] === true) {
    const { openApart } = await import('../apart/apart.ts')
    return (opening) => openApart({ ...opening, ...seatsApart(options) })
  }
  return (await import('../world/consortium.ts')).openConsortium
}

/** Who the story is about: virtual people, or the person of the file. */
async function castOf(context: VerbContext, options: Options): Promise<Cast> {
  const file = options['import']
  if (typeof file !== 'string') return virtualCast(context.seed)
  const { document } = await readFile(file, intakeOptions(options))
  return castOfFiles([document], context.seed)
}

interface Place {
  readonly data: string
  readonly dump: string
  /** The data directory is the user's own and stays. */
  readonly kept: boolean
  leave(keepDump: boolean): Promise<void>
}

/** Where the demo keeps its things: aside, wiped at the end but for the dump; with `--data`, there, and kept. */
async function placeOf(context: VerbContext, options: Options): Promise<Place> {
  await sweepPassing()
  if (typeof options['data'] === 'string') {
    const lock = await lockDataDirectory(context.data)
    const name = new Date().toISOString().replace(/[:.]/g, '-')
    const dump = join(context.data, 'dumps', name)
    return { data: context.data, dump, kept: true, leave: () => lock.release() }
  }
  const passing = await passingDirectory()
  const lock = await lockDataDirectory(passing.data)
  return {
    data: passing.data,
    dump: join(passing.root, 'dump'),
    kept: false,
    leave: async (keepDump) => {
      await lock.release()
      await passing.wipe(keepDump ? [] : ['dump'])
    },
  }
}

function summary({ ok, seconds, steps, dump }: DemoDocument): string {
  const checks = steps.flatMap((step) => step.checks)
  const failed = checks.filter((check) => !check.ok).length
  const verdict = ok ? `All ${checks.length} checks held` : `${failed} of ${checks.length} checks failed`
  const where = dump === null ? '' : `The dump is in ${dump}\n  check it again: islet verify ${dump}\n`
  return `\n${verdict} in ${steps.length} steps and ${seconds.toFixed(1)} seconds.\n${where}`
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
