/** A consortium of this machine as a bench measures it: founded, opened by every institution for itself, and its processes. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CONSORTIUM_CONTRACTS,
  configureNodes,
  consortiumEngine,
  type FoundedConsortium,
  foundConsortium,
} from '../../src/ledger/consortium.door.ts'
import { type FoundedNodes, foundedNodes } from '../../src/ledger/founded-nodes.door.ts'
import type { Ledger } from '../../src/ledger/index.ts'
import { openRpc } from '../../src/ledger/rpc.door.ts'
import { quantity, type UnixSeconds } from '../../src/vocabulary/index.ts'
import { type Bench, founders } from './grants.ts'

export interface LocalConsortium extends Bench {
  readonly network: FoundedConsortium
  readonly nodes: FoundedNodes
  /** The ledger as each institution sees it, over its own node alone. */
  readonly views: readonly Ledger[]
  /** Starts every node anew with another heartbeat. */
  beat(seconds: number): Promise<void>
  close(): Promise<void>
}

/** Heartbeat of the product, seconds. */
export const HEARTBEAT_SECONDS = 10

/** As a node opens it, but for what it takes for a halt: here that would end the bench. */
const PACE = { window: 64, haltAfterMs: 120_000 }

/** Founds and starts so many validators. Throws `ENGINE_MISSING` where the engine is not built. */
export async function localConsortium(seats: number): Promise<LocalConsortium> {
  const binary = consortiumEngine()
  const directory = await mkdtemp(join(tmpdir(), 'islet-bench-'))
  const founding = founders(seats)
  const network = await foundConsortium({
    ...{ binary, directory: join(directory, 'network'), seats, threshold: seats - 1 },
    founders: founding.map(({ founder }) => founder),
    begins: quantity<UnixSeconds>(Math.floor(Date.now() / 1_000)),
    ...{ epochSeconds: 3_600, heartbeatSeconds: HEARTBEAT_SECONDS },
  })
  const nodes = foundedNodes(binary, network.nodes)
  const all = [...network.nodes.keys()]
  const urls = network.nodes.map(({ ports }) => `http://${ports.rpc}/`)
  const open = (places: readonly string[], name: string): Promise<Ledger> =>
    openRpc({ urls: places, expect: { chainId: network.chainId }, directory: join(directory, name), ...PACE })
  const opened: Ledger[] = []
  const close = async (): Promise<void> => {
    await nodes.stop()
    for (const ledger of opened) await ledger.close()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await nodes.start(all)
    for (const [place, url] of urls.entries()) opened.push(await open([url], `view-${place}`))
    const views = [...opened]
    const ledger = await open(urls, 'outbox')
    opened.push(ledger)
    return {
      ...{ network, nodes, views, ledger, deployment: CONSORTIUM_CONTRACTS },
      members: founding.map(({ signer }) => signer),
      beat: async (seconds) => {
        await nodes.stop()
        await configureNodes(binary, network.nodes, all, seconds)
        await nodes.start(all)
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

/** Bytes of a node's data without its write-ahead log, which is rotated. */
export async function ledgerBytes(home: string): Promise<number> {
  let sum = 0
  for (const entry of await readdir(join(home, 'data'), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.parentPath.includes('cs.wal')) continue
    sum += await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    )
  }
  return sum
}

/** Seconds of processor time that a process has used; Linux. */
export async function processorSeconds(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8')
  // Counted after the name, which may hold spaces: user and system time are fields 14 and 15.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / Number(execFileSync('getconf', ['CLK_TCK']))
}

/** Instants of blocks, ms since 1970, as a node's consensus has them. */
export async function blockInstants(comet: string, from: number, to: number): Promise<readonly number[]> {
  const instants: number[] = []
  for (let height = from; height <= to; height++) {
    const answer = await fetch(`http://${comet}/header?height=${height}`)
    const { result }: { result?: { header?: { time?: string } } } = JSON.parse(await answer.text())
    instants.push(Date.parse(result?.header?.time ?? ''))
  }
  return instants
}
