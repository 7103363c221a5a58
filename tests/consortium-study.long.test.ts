/**
 * A study of five sites under masks while the validators of its ledger part, fall and come back: the rounds wait and go on,
 * and the final model is the one of the run that nobody disturbed.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  configureNodes,
  consortiumEngine,
  signedPath,
  startConsortiumNode,
  untilAnswering,
} from '../src/ledger/consortium.door.ts'
import { engineIsBuilt } from '../src/ledger/testing/engine-built.ts'
import { LONG, oneHistory } from '../src/ledger/testing/one-history.ts'
import { type SlowLine, slowLine } from '../src/ledger/testing/slow-lines.ts'
import { foundNetwork, startNodes, stopNetwork } from '../src/node/network/network.ts'
import { readNetwork, writeNetwork } from '../src/node/network/network-file.ts'
import { openNodeSecrets, unlockOf } from '../src/node/network/node-secrets.ts'
import { openStudyDesk, openStudySites, prepareVirtualStudy, runStudy } from '../src/node/study.door.ts'
import { type Consortium, openConsortium } from '../src/node/world.door.ts'
import { quantity, type UnixSeconds } from '../src/vocabulary/index.ts'

const SITES = ['north', 'south', 'east', 'west', 'meadow']
const ROUNDS = 3
const FOREVER = Number.POSITIVE_INFINITY
const quiet = (): void => undefined

/** What happens to the validators while a round runs; undefined: nothing. */
interface Trouble {
  /** From when the round is opened until it is to go on. */
  during(round: number, run: Run): Promise<void>
}
interface Run {
  readonly directory: string
  readonly consortium: Consortium
  /** Lines from each of the first two validators to each of the others. */
  readonly lines: readonly SlowLine[]
  /** Resolves when the ledger has stood still with a site's call before it. */
  waiting(): Promise<void>
  kill(...validators: readonly string[]): Promise<void>
  start(...validators: readonly string[]): Promise<void>
}

describe.skipIf(!engineIsBuilt())(
  'a study on four validators (left out where the engine is not built)',
  { timeout: 900_000 },
  () => {
    let folder: string
    const opened: (() => Promise<unknown>)[] = []

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'islet-study-faults-'))
      const directory = join(folder, 'prepared')
      const now = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
      await foundNetwork({ directory, seats: 4, heartbeatSeconds: 1, now, progress: quiet })
      const consortium = await openConsortium({ directory })
      opened.push(() => consortium.close())
      const { desk, file } = await prepareVirtualStudy(consortium, {
        ...{ seed: 11, sites: SITES, rounds: ROUNDS },
        papers: ({ plan, sheet }) => ({
          sheet,
          plan: {
            ...plan,
            privacy: { aggregation: 'masked', clip_norm: 5, differential_privacy: null },
            deadlines: { step_seconds: 900 },
          },
        }),
      })
      // Secrets are drawn here, so that every copy of the directory has the same.
      await openStudySites(consortium, desk, file)
      await opened.pop()?.()
    }, 900_000)
    afterAll(async () => {
      for (const close of opened.splice(0).reverse()) await close()
      await rm(folder, { recursive: true, force: true })
    })

    /** Runs the rounds on a copy of what was prepared; gives the model and how every round ended. */
    async function ran(name: string, trouble?: Trouble) {
      const directory = join(folder, name)
      await cp(join(folder, 'prepared'), directory, { recursive: true })
      const lines = await startBetweenLines(directory)
      opened.push(...lines.map(({ close }) => close), () => stopNetwork(directory, quiet))
      const consortium = await openConsortium({ directory })
      opened.push(() => consortium.close())
      const desk = await openStudyDesk(consortium)
      const file = await desk.find(undefined)
      const sites = await openStudySites(consortium, desk, file)
      const run: Run = {
        ...{ directory, consortium, lines },
        waiting: () => expect.poll(() => consortium.ledger.state().status, LONG).toBe('halted'),
        kill: async (...validators) => {
          for (const { institution, pid } of (await readNetwork(directory)).nodes)
            if (validators.includes(institution)) process.kill(pid ?? 0, 'SIGKILL')
        },
        start: async (...validators) => void (await startNodes(directory, validators, quiet)),
      }
      const ended: string[] = []
      const troubles: Promise<void>[] = []
      await runStudy(desk, sites, {
        patience: FOREVER,
        watcher: {
          opened: (round) => troubles.push(trouble?.during(round, run) ?? Promise.resolve()),
          ended: (_, phase) => ended.push(phase),
        },
      })
      await Promise.all(troubles)
      const head = await desk.chain.headVersion(file.study)
      const comets = (await readNetwork(directory)).nodes.map(({ ports }) => ports.comet)
      await oneHistory(comets, consortium.ledger, [])
      for (const close of opened.splice(0).reverse()) await close()
      return { model: head?.model, depth: head?.depth, ended }
    }

    test('cut in two halves, one killed, two killed: the rounds wait, all count once, and the model is the same', async () => {
      const undisturbed = await ran('undisturbed')
      expect(undisturbed).toMatchObject({ depth: ROUNDS, ended: Array(ROUNDS).fill('FINAL') })
      const seen: string[] = []
      const disturbed = await ran('disturbed', {
        during: async (round, { consortium, lines, waiting, kill, start }) => {
          const head = (): Promise<number> => consortium.ledger.head().then(({ height }) => height)
          switch (round) {
            case 1:
              for (const line of lines) line.cut()
              await waiting()
              seen.push('waited for a network in two parts')
              for (const line of lines) line.mend()
              return
            case 2: {
              await kill('west')
              const before = await head()
              await expect.poll(head, LONG).toBeGreaterThan(before + 2)
              seen.push('went on without one')
              return start('west')
            }
            default:
              await kill('south', 'east')
              await waiting()
              seen.push('waited for two')
              return start('south', 'east')
          }
        },
      })
      expect(disturbed).toEqual(undisturbed)
      expect(seen).toEqual(['waited for a network in two parts', 'went on without one', 'waited for two'])
    })
  },
)

/** Starts the validators of a directory so that the first two reach the other two over lines that can be cut. */
async function startBetweenLines(directory: string): Promise<readonly SlowLine[]> {
  const known = await readNetwork(directory)
  const homes = known.nodes.map((node) => ({
    ...node,
    signed: signedPath(join(directory, 'network'), node.seatKey),
  }))
  const lines = await Promise.all(homes.map(({ ports }) => slowLine(ports.peer, 0)))
  const unlock = await unlockOf(directory)
  const started: ReturnType<typeof startConsortiumNode>[] = []
  for (const [place, { home }] of homes.entries()) {
    const seen = homes.map((node, at) =>
      at < 2 === place < 2 ? node : { ...node, ports: { ...node.ports, peer: lines[at]?.at ?? '' } },
    )
    await configureNodes(consortiumEngine(), seen, [place], known.heartbeatSeconds)
    started.push(startConsortiumNode(consortiumEngine(), home, await openNodeSecrets(home, unlock)))
  }
  for (const [place, running] of started.entries()) await untilAnswering(homes[place]!.ports.rpc, running)
  const nodes = known.nodes.map((node, place) => ({ ...node, pid: started[place]?.pid ?? null }))
  await writeNetwork(directory, { ...known, nodes })
  return lines
}
