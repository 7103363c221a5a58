/**
 * `islet start`: a node with ten institutions and a page; on an empty data directory it tells the story first, live.
 *
 * Laws: stdout gets one line, when the node is ready; whatever is refused is refused before anything is made; a Ctrl-C at
 * any moment ends in order.
 */
import { rm } from 'node:fs/promises'
import packageJson from '../../../package.json' with { type: 'json' }
import type { StartDocument } from '../../api/documents.door.ts'
import { lockDataDirectory } from '../../ledger/lock.door.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { isLoopbackHost } from '../http/hosts.ts'
import { openNode, type RunningNode } from '../service/node.ts'
import { requirePort } from '../service/port.ts'
import { readStoryRecord, type StoryRecord } from '../service/story-record.ts'
import { passingDirectory, sweepPassing } from '../service/temporary.ts'
import { freshHandle, openPerson } from '../story/person.ts'
import { type Cast, castOfFiles, virtualCast } from '../story/source.ts'
import { CHARTER } from '../world/charter.ts'
import { terminalAsker } from './asker.ts'
import { engineOf, pinGiven, seatsApart } from './engine-of.ts'
import { type ExitCode, printDocument, usage } from './outcome.ts'
import { type OwnData, openOwnData, ownDataOptions } from './own-data.ts'
import { startProgress } from './progress.ts'
import { intakeOptions, readFile } from './read-files.ts'
import { ending, LEDGER_WORDS, tellLive, untilStopped } from './serving.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Options = Readonly<Record<string, unknown>>

export async function start(context: VerbContext, _: readonly string[], options: Options): VerbOutcome {
  const host = typeof options['host'] === 'string' ? options['host'] : '127.0.0.1'
  const port = typeof options['port'] === 'number' ? options['port'] : 8080
  requireThisMachine(host)
  const files = Array.isArray(options['import']) ? options['import'].map(String) : []
  if (options['apart'] === true && files.length > 0) {
    throw usage('--apart starts with virtual people', 'leave --import out, or leave --apart out')
  }
  const ownCast = files.length > 0 ? await castOf(context, options, files) : undefined
  const place = await placeOf(context, options)
  try {
    const apart = options['apart'] === true
    for (let more = 0; port !== 0 && more < (apart ? CHARTER.length : 1); more++) {
      await requirePort(host, port + more)
    }
    await pinGiven(place.data, options['anchor'])
    await engineOf(context, place.data, options)
    const record = await readStoryRecord(place.data)
    if (apart) {
      const { serveApart } = await import('./start-apart.ts')
      return await serveApart(context, { port, directory: place.data, record, ...seatsApart(options) })
    }
    const own =
      ownCast === undefined
        ? undefined
        : await openOwnData({
            ...ownDataOptions(options),
            asker: terminalAsker(context.signal),
            environment: process.env,
            directory: place.data,
            record,
            cast: ownCast,
          })
    return await serve(context, { host, port, directory: place.data, record, own })
  } finally {
    await place.leave()
  }
}

interface Service {
  readonly host: string
  readonly port: number
  readonly directory: string
  readonly record: StoryRecord | undefined
  readonly own: OwnData | undefined
}

async function serve(context: VerbContext, service: Service): Promise<ExitCode> {
  const { terminal, signal } = context
  const { host, port, directory } = service
  let replay: ReturnType<typeof startProgress> | undefined
  const node = await openNode({
    directory,
    host,
    port,
    version: packageJson.version,
    databaseUrl: process.env['ISLET_DATABASE_URL'],
    progress: (done, of) => {
      replay ??= startProgress('reading the ledger', of, terminal)
      replay.advance(done)
    },
  })
  replay?.finish()
  try {
    await tellOrRecall(context, service, node)
    if (signal.aborted) return ending(signal)
    announce(context, node, directory)
    return await untilStopped(context)
  } finally {
    await node.close()
  }
}

/** Plays the story where there is none yet; else shows the one that was told, and takes in what is new. */
async function tellOrRecall(context: VerbContext, service: Service, node: RunningNode): Promise<void> {
  const { terminal, signal, seed } = context
  const { record, own } = service
  const { consortium } = node
  if (record !== undefined) recall(node, record)
  if (own?.known === true) {
    const person = await own.person(consortium)
    node.lookAfter(person)
    const { material } = own.cast
    const { added } = await person.agent.add([...material.records, ...material.late], {
      fill: true,
    })
    terminal.err(added === 0 ? 'nothing new in the files\n' : `${added} new records taken in\n`)
    return
  }
  if (own === undefined && record?.state === 'finished') return
  if (own === undefined && record?.own === true) {
    terminal.err('The story about your own data was cut off; give --import FILE again to tell it.\n')
    return
  }
  if (record?.state === 'playing')
    terminal.err('The story was cut off last time; it begins again with new people.\n')
  const cast = own?.cast ?? virtualCast(seed)
  for (const remark of cast.remarks) terminal.err(`${remark}\n`)
  const person =
    own === undefined
      ? await openPerson(consortium, freshHandle(), consortium.unlock)
      : await own.person(consortium)
  terminal.err(`Watch the story live at ${node.origin}\n`)
  await tellLive(context, node, { cast, person })
  if (!signal.aborted) node.lookAfter(person)
}

/** Shows the story that was told, over the ledger as it stands now. */
function recall(node: RunningNode, { story }: StoryRecord): void {
  if (story === null) return
  const { ledger, institutions, counts } = node.board.current()
  node.board.publish({
    type: 'snapshot',
    value: {
      ...story,
      counts: {
        ...story.counts,
        grants: counts.grants ?? story.counts.grants,
        revokes: counts.revokes ?? story.counts.revokes,
        anchors: counts.anchors ?? story.counts.anchors,
      },
      ledger: ledger ?? story.ledger,
      institutions: institutions.length > 0 ? institutions : story.institutions,
    },
  })
}

function announce(context: VerbContext, node: RunningNode, directory: string): void {
  const { terminal } = context
  const document: StartDocument = {
    schema: 'islet.start/1',
    address: node.origin,
    institutions: [],
    data: directory,
  }
  if (context.json) printDocument(document, terminal)
  else terminal.out(`Islet is ready at ${node.origin}\n`)
  const { simulated } = node.board.current()
  terminal.err(
    [
      '',
      `  the story and its checks   ${node.origin}/`,
      `  the app, as a demo person  ${node.origin}/app`,
      `  the contract of the API    ${node.origin}/docs`,
      `  data                       ${directory}`,
      `  log                        ${node.logPath}`,
      '',
      simulated
        ? 'The patients in it are simulated.'
        : 'The readings in it are yours: the page shows them on this machine only.',
      ...LEDGER_WORDS[node.consortium.engine],
      'Anybody can verify all of it from a dump: islet export DIR, islet verify DIR.',
      'Ctrl-C stops it.',
      '',
    ].join('\n'),
  )
}

/** Demo personas work on loopback only (PROTOCOL 34), and every node of this release hosts some. */
function requireThisMachine(host: string): void {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  if (isLoopbackHost(name)) return
  throw new IsletError(
    'HOST_NEEDS_OWN_PEOPLE',
    'this node hosts demo personas, whose keys are no secret to who has the directory: it serves this machine only',
    {},
    { remedy: 'leave --host out; from elsewhere use a tunnel (ssh -L 8080:127.0.0.1:8080 …)' },
  )
}

async function castOf(context: VerbContext, options: Options, files: readonly string[]): Promise<Cast> {
  const documents = []
  for (const file of files) documents.push((await readFile(file, intakeOptions(options))).document)
  return castOfFiles(documents, context.seed)
}

interface Place {
  readonly data: string
  leave(): Promise<void>
}

/** The data directory under its lock; with `--ephemeral` one that is wiped at exit. */
async function placeOf(context: VerbContext, options: Options): Promise<Place> {
  if (options['ephemeral'] !== true) {
    await sweepPassing()
    const lock = await lockDataDirectory(context.data)
    return { data: context.data, leave: () => lock.release() }
  }
  const parent = typeof options['data'] === 'string' ? context.data : undefined
  await sweepPassing(parent)
  const passing = await passingDirectory(parent)
  const lock = await lockDataDirectory(passing.data)
  return {
    data: passing.data,
    leave: async () => {
      await lock.release()
      await passing.wipe()
      await rm(passing.root, { recursive: true, force: true })
    },
  }
}
