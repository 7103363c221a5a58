/** What a consortium of this machine does in faults and what it costs at rest, as rows of a bench. */
import { consensusStatus } from '../../src/ledger/consortium.door.ts'
import { type Bench, grantOne, intents, rate, relays, requestOne } from './grants.ts'
import {
  blockInstants,
  HEARTBEAT_SECONDS,
  type LocalConsortium,
  ledgerBytes,
  processorSeconds,
} from './local-consortium.ts'
import { residentMiB } from './process-tree.ts'
import { type Row, row } from './rows.ts'

/** Access requests on their way at once while the chain is flooded: more than a block takes in. */
const FLOOD = 200
const SECONDS_A_DAY = 86_400

/** Does work while all lanes are full of access requests; how many a second went through beside it. */
export async function underFlood<T>(
  bench: Bench,
  work: () => Promise<T>,
): Promise<{ readonly result: T; readonly rate: number }> {
  let isOver = false
  let [sent, done] = [0, 0]
  const started = performance.now()
  const flood = Promise.all(
    Array.from({ length: FLOOD }, async () => {
      while (!isOver) {
        const i = sent++
        await requestOne(bench, `flood ${started} ${i}`, i)
        done += 1
      }
    }),
  )
  try {
    await pause(2_000)
    const [before, from] = [done, performance.now()]
    const result = await work()
    return { result, rate: (done - before) / ((performance.now() - from) / 1_000) }
  } finally {
    isOver = true
    await flood
  }
}

/** Fault → what the others and the one that comes back do. The last seats are those that are killed. */
export async function faultTimes(consortium: LocalConsortium): Promise<readonly Row[]> {
  const { network, nodes } = consortium
  const comet = (place: number): string => network.nodes[place]?.ports.comet ?? ''
  const heightOf = async (place: number): Promise<number> =>
    (await consensusStatus(comet(place)))?.height ?? 0
  const last = network.nodes.length - 1
  const killed = await underFlood(consortium, async () => {
    const from = await heightOf(0)
    await nodes.kill([last])
    await pause(10_000)
    const instants = await blockInstants(comet(0), from, await heightOf(0))
    const gap = Math.max(...instants.slice(1).map((at, i) => at - (instants[i] ?? at))) / 1_000
    const before = performance.now()
    await nodes.start([last])
    while ((await heightOf(last)) < (await heightOf(0))) await pause(50)
    return { gap, back: (performance.now() - before) / 1_000 }
  })
  // A third of the seats, rounded up, is the least without which no block comes.
  const quorum = Array.from({ length: Math.ceil(network.nodes.length / 3) }, (_, i) => last - i)
  await nodes.kill(quorum)
  const work = requestOne(consortium, 'waits for a quorum', 0)
  await pause(3_000)
  const stood = await heightOf(0)
  const before = performance.now()
  await Promise.all([nodes.start(quorum), work])
  while ((await heightOf(0)) <= stood) await pause(20)
  const resumed = (performance.now() - before) / 1_000
  const { gap, back } = killed.result
  return [
    row('longest time between blocks after kill -9 of one, flooded', gap, 's', 'the bound of 3 s', 3, 1),
    row('started again, until level with the others, flooded', back, 's', 'the bound of 10 s', 10, 1),
    row(`${quorum.length} started again, until the next block`, resumed, 's', 'the bound of 5 s', 5, 1),
  ]
}

/** Bytes on the first validator's disk and what each takes of the machine while nothing happens. */
export async function costsOf(
  consortium: LocalConsortium,
  size: { readonly kept: number; readonly idleSeconds: number },
): Promise<readonly Row[]> {
  const { network, nodes, beat } = consortium
  const home = network.nodes[0]?.home ?? ''
  const height = async (): Promise<number> => (await consortium.ledger.head()).height
  const through = relays(consortium, 1)
  const signed = intents(consortium, size.kept)
  const [bytes, blocks] = [await ledgerBytes(home), await height()]
  await rate(size.kept, (i) => grantOne(through, signed[i], i))
  const [grown, blocksOfGrants] = [(await ledgerBytes(home)) - bytes, (await height()) - blocks]
  await beat(1)
  await pause(2_000)
  const [idleBytes, idleBlocks] = [await ledgerBytes(home), await height()]
  await pause(size.idleSeconds * 1_000)
  const beats = (await height()) - idleBlocks
  const perBlock = ((await ledgerBytes(home)) - idleBytes) / beats
  await beat(HEARTBEAT_SECONDS)
  await pause(5_000)
  const pids = network.nodes.map((_, place) => nodes.pid(place) ?? 0)
  const used = await Promise.all(pids.map(processorSeconds))
  await pause(size.idleSeconds * 1_000)
  const shares = await Promise.all(
    pids.map(async (pid, i) => (100 * ((await processorSeconds(pid)) - (used[i] ?? 0))) / size.idleSeconds),
  )
  const memory = pids.map((pid) => residentMiB(pid)[0]?.mib ?? Number.NaN)
  const perDay = (perBlock * SECONDS_A_DAY) / HEARTBEAT_SECONDS / 1e6
  const perGrant = grown / size.kept
  return [
    row(
      `ledger a single grant, in ${blocksOfGrants} blocks, without write-ahead log`,
      perGrant,
      'bytes',
      'the bound of 2 kB',
      2_000,
      size.kept,
    ),
    row(
      `ledger an idle day, ${Math.round(perBlock)} bytes a heartbeat`,
      perDay,
      'MB',
      'the bound of 100 MB',
      100,
      beats,
    ),
    row('idle validator, largest', Math.max(...shares), '% of a core', 'the bound of 5 %', 5, pids.length),
    row('idle validator, largest', Math.max(...memory), 'MiB', 'the bound of 300 MB', 286.1, pids.length),
  ]
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
