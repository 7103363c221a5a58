/**
 * A node in one process: ten institutions, their ledger, the read model, the HTTP face and the regular work.
 *
 * Laws: whatever is opened is closed in reverse, also when the opening fails half way; the regular work never stops
 * the node; nothing of it listens before it can answer.
 */
import { join } from 'node:path'
import { messageSigner, type Parties } from '../../api/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import type { Head, ProjectionReads } from '../../ledger/index.ts'
import { openReplayCache } from '../../transport/index.ts'
import { IsletError, isIsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { openCare } from '../care/open-care.ts'
import { errorLine } from '../http/log.ts'
import { createServer } from '../http/server.ts'
import { createStoryBoard, type StoryBoard } from '../http/story-board.ts'
import { sha256, wallClock } from '../institution/wire.ts'
import { findNetwork } from '../network/network-file.ts'
import { networkMetrics } from '../network/network-metrics.ts'
import { loadPage } from '../page/assets.ts'
import type { PersonHere } from '../story/person.ts'
import { dailyRounds } from '../study/daily-rounds.ts'
import { studyOffice } from '../study/study-office.ts'
import { OPERATOR } from '../world/charter.ts'
import { type Consortium, openConsortium } from '../world/consortium.ts'
import { ledgerFigure } from './board-watcher.ts'
import { demoStaff } from './demo-staff.ts'
import { handlersOver, institutionFigures } from './handlers.ts'
import { hostedPeople } from './hosted-people.ts'
import { openNodeLog } from './node-log.ts'
import { oneAtATime } from './one-at-a-time.ts'
import { operations } from './operations.ts'
import { demoPersonas } from './personas.ts'
import type { Projection } from './projection.ts'
import { readModel } from './read-model.ts'
import { readiness } from './readiness.ts'
import { doRegularly } from './regular-work.ts'

export interface NodeOptions {
  /** Data directory; the caller holds its lock. */
  readonly directory: string
  readonly host: string
  /** 0 = any free one. */
  readonly port: number
  readonly version: string
  /** Blocks replayed of those to replay. */
  readonly progress?: (done: number, of: number) => void
  /** Seconds between two rounds of the regular work. */
  readonly roundSeconds?: number
  /** What time it is in the lives of the virtual people; this machine's clock when left out. */
  readonly virtualClock?: () => UnixSeconds
  /** `postgres://` URL of the read model's database; embedded when left out. */
  readonly databaseUrl?: string | undefined
}

export interface RunningNode {
  readonly consortium: Consortium
  readonly board: StoryBoard
  readonly origin: string
  readonly logPath: string
  /** The read model’s database, opened in the background. */
  projection(): Promise<Projection>
  /** Looks after a person from now on, at once and with the regular work; what goes wrong goes to the log. */
  lookAfter(person: Pick<PersonHere, 'handle' | 'agent'>): void
  /** Notes an error in the log, its code or class only. */
  report(error: unknown): void
  close(): Promise<void>
}

/** Opens a node and listens. Throws `PORT_TAKEN`, `DATA_IN_USE`, and the codes of ledger, keys and disk. */
export async function openNode(options: NodeOptions): Promise<RunningNode> {
  const { directory, host, port } = options
  const closers: (() => Promise<void>)[] = []
  const closing = new AbortController()
  const closeAll = async (): Promise<void> => {
    closing.abort()
    const failures: unknown[] = []
    for (const close of closers.splice(0).reverse()) {
      await close().catch((error: unknown) => failures.push(error))
    }
    if (failures.length > 0) throw failures[0]
  }
  try {
    const { log, path: logPath, close: closeLog } = await openNodeLog(directory)
    closers.push(closeLog)
    const report = (error: unknown): void => log.error({ error: errorLine(error) })
    let origin = `http://${host}:${port}`
    const consortium = await openConsortium({
      directory,
      locked: true,
      report,
      origin: () => origin,
      ...(options.progress === undefined ? {} : { progress: options.progress }),
    })
    closers.push(consortium.close)
    await openCare(consortium.hosted, consortium.road)
    const { ledger } = consortium
    const board = createStoryBoard()

    const model = readModel(
      {
        directory: join(directory, 'projection'),
        server: options.databaseUrl,
        ledger,
        deployment: consortium.deployment,
        signal: closing.signal,
      },
      report,
    )
    closers.push(model.close)
    const { reads } = model

    const operator = consortium.house(OPERATOR)
    const studies = studyOffice(consortium, report)
    closers.push(studies.close)
    const virtual = demoPersonas(consortium, () => origin, options.virtualClock ?? wholeSeconds, report)
    const replays = await openReplayCache(join(directory, 'replays'), wallClock)
    closers.push(replays.close)
    const server = await createServer({
      handlers: handlersOver(consortium, reads, {
        ...studies.handlers,
        ...virtual.handlers,
        ...demoStaff(
          { directory, hosted: consortium.hosted, unlock: consortium.unlock, node: operator },
          () => origin,
        ),
        ...operations({
          consortium,
          ledger,
          since: wholeSeconds(),
        }),
      }),
      story: board,
      page: await loadPage(),
      version: options.version,
      endpoints: () => [...consortium.hosted.values()].map(({ endpoint }) => endpoint),
      gate: {
        origin: () => origin,
        parties: partiesOf(consortium),
        replays,
        verifier: nodeEd25519,
        sha256,
        now: wallClock,
      },
      signer: messageSigner(operator.keys.message),
      ready: () => readiness(consortium, reads),
      hosts: [host],
      log,
    })
    closers.push(server.close)
    const network = await findNetwork(directory)
    if (network !== undefined) networkMetrics(server.metrics.registry, network)
    origin = await server.listen({ host, port }).catch((error: unknown) => {
      throw portTaken(error, port)
    })
    const people = await hostedPeople(consortium, report)
    const rounds = oneAtATime(people.round, report)
    const daily = dailyRounds(consortium, wholeSeconds, report)
    closers.push(
      keepCurrent(consortium, board, reads, report),
      rounds.idle,
      doRegularly(
        () =>
          virtual
            .liveOn()
            .then(() => consortium.tick())
            .finally(daily),
        rounds,
        report,
        options.roundSeconds,
      ),
    )
    rounds.soon()
    const lookAfter: RunningNode['lookAfter'] = (person) => {
      people.add(person)
      rounds.soon()
    }
    return {
      consortium,
      board,
      origin,
      logPath,
      projection: model.database,
      lookAfter,
      report,
      close: closeAll,
    }
  } catch (error) {
    await closeAll().catch(() => undefined)
    throw error
  }
}

function wholeSeconds(): UnixSeconds {
  return quantity<UnixSeconds>(Math.floor(wallClock()))
}

/** Members by their message key, everybody else by their own, of all who are hosted here. */
function partiesOf(consortium: Consortium): Parties {
  return {
    find: async (keyId) => {
      const member = await consortium.members.find(keyId)
      if (member !== undefined) return member
      const known = await Promise.all([...consortium.hosted.values()].map((house) => house.personOf(keyId)))
      const found = known.filter((party) => party !== undefined)
      const [first] = found
      return first === undefined
        ? undefined
        : { ...first, roles: [...new Set(found.flatMap(({ roles }) => roles))] }
    },
  }
}

/** Shows heads, members and counts on the board; gives what stops it. */
function keepCurrent(
  consortium: Consortium,
  board: StoryBoard,
  reads: () => Promise<ProjectionReads>,
  report: (error: unknown) => void,
): () => Promise<void> {
  const { ledger } = consortium
  let stopped = false
  const figure = (head: Head): void =>
    board.publish({ type: 'ledger', value: ledgerFigure(head, consortium) })
  const figures = oneAtATime(async () => {
    const rows = await reads()
    const { consents: grants, revoked: revokes, anchors } = await rows.counts()
    const institutions = await institutionFigures([...consortium.hosted.values()], rows)
    if (stopped) return
    board.publish({ type: 'counts', value: { ...board.current().counts, grants, revokes, anchors } })
    board.publish({ type: 'institutions', value: institutions })
  }, report)
  const stopWatching = ledger.watchHeads((head) => {
    figure(head)
    figures.soon()
  })
  void ledger.head().then(figure, report)
  figures.soon()
  return async () => {
    stopped = true
    stopWatching()
    await figures.idle()
  }
}

function portTaken(error: unknown, port: number): unknown {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE'
  if (!taken || isIsletError(error)) return error
  return new IsletError(
    'PORT_TAKEN',
    `another program listens on port ${port}`,
    { port },
    { remedy: 'choose another with --port N, or --port 0 for any free one' },
  )
}
