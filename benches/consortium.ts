/**
 * The levels of a consortium whose validators all run on this machine, beside the embedded engine in the same run.
 *
 * What is measured, and how: benches/support/grants.ts. Everything shares this machine's cores: validators, the clients
 * that sign and send, and this process. Times are by the clock, so take them on a calm machine.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { consortiumEngine } from '../src/ledger/consortium.door.ts'
import { openEmbedded } from '../src/ledger/embedded.door.ts'
import { CONSENT_STATES, deployContracts, readContract } from '../src/ledger/index.ts'
import { costsOf, faultTimes, pause, underFlood } from './support/consortium-levels.ts'
import {
  type Bench,
  founders,
  grantOne,
  intents,
  people,
  type Rates,
  rates,
  relays,
  signerOf,
  waitsOfGrants,
} from './support/grants.ts'
import { type LocalConsortium, localConsortium } from './support/local-consortium.ts'
import { median, quantile, type Row, row } from './support/rows.ts'

const SEATS = 4
/** Revokes, or grants, that are measured at a time. */
const LANES = 4

interface Size {
  readonly rounds: number
  readonly perRound: number
  readonly batched: number
  /** So many transactions of 50 that a block in the making never waits for the answers of the one before. */
  readonly batchedUnderWay: number
  readonly waits: number
  readonly revokes: number
  readonly idleSeconds: number
  /** Single grants whose bytes on the disk are counted. */
  readonly kept: number
}

const FULL: Size = {
  rounds: 3,
  perRound: 800,
  batched: 5_000,
  batchedUnderWay: 2_000,
  waits: 100,
  revokes: 100,
  idleSeconds: 30,
  kept: 2_000,
}
const QUICK: Size = {
  rounds: 1,
  perRound: 300,
  batched: 1_000,
  batchedUnderWay: 1_000,
  waits: 20,
  revokes: 12,
  idleSeconds: 10,
  kept: 300,
}

export async function bench(options: {
  readonly quick: boolean
  readonly local?: number
}): Promise<readonly Row[]> {
  const size = options.quick ? QUICK : FULL
  const seats = options.local ?? SEATS
  // Before anything is measured that would be thrown away.
  consortiumEngine()
  say('the embedded engine')
  const embedded = await onEmbedded(size)
  say(`${seats} validators are founded and started`)
  const consortium = await localConsortium(seats)
  try {
    say('transfers, access requests, grants')
    const own = await rates(consortium, size)
    say('single grants on an idle chain')
    const idleWaits = await waitsOfGrants(consortium, size.waits)
    say('revokes on an idle chain, until every institution’s own node refuses')
    const idleRevokes = await waitsOfRevokes(consortium, size.revokes)
    say('grants and revokes while the chain is flooded')
    const flooded = await underFlood(consortium, async () => {
      const through = relays(consortium, 1)
      const grants = await besideEachOther(intents(consortium, size.waits), async (intent, i) => {
        const before = performance.now()
        await grantOne(through, intent, i)
        return performance.now() - before
      })
      return { grants, revokes: await waitsOfRevokes(consortium, size.revokes) }
    })
    say('kill -9 of one, then of as many as make the chain halt')
    const faults = await faultTimes(consortium)
    say('what a grant and a day cost on the disk; an idle validator')
    const costs = await costsOf(consortium, size)
    return [
      ...rateRows(own, embedded.rates, size, seats),
      ...waitRows('grant → final, idle', idleWaits, embedded.waits, 'the same on the embedded engine'),
      ...waitRows('grant → final, flooded', flooded.result.grants, idleWaits, 'idle'),
      ...waitRows('revoke → refused on every node, idle', idleRevokes, idleWaits, 'a grant, idle'),
      ...waitRows('revoke → refused on every node, flooded', flooded.result.revokes, idleRevokes, 'idle'),
      row('access requests a second that flooded it', flooded.rate, 'transactions/s', null, null, 1),
      ...faults,
      ...costs,
    ]
  } finally {
    await consortium.close()
  }
}

async function onEmbedded(size: Size): Promise<{ readonly rates: Rates; readonly waits: readonly number[] }> {
  const directory = await mkdtemp(join(tmpdir(), 'islet-bench-'))
  const ledger = await openEmbedded({ directory, operator: signerOf('operator') })
  try {
    const founding = founders(SEATS)
    const deployment = await deployContracts(ledger, {
      by: founding[0]?.signer ?? signerOf('member 0'),
      founders: founding.map(({ founder }) => founder),
      threshold: 1,
    })
    const here: Bench = { ledger, deployment, members: founding.map(({ signer }) => signer) }
    return { rates: await rates(here, size), waits: await waitsOfGrants(here, size.waits) }
  } finally {
    await ledger.close()
    await rm(directory, { recursive: true, force: true })
  }
}

/** From the call of a revoke until every institution's own node says that the consent is revoked, ms. */
async function waitsOfRevokes(consortium: LocalConsortium, count: number): Promise<readonly number[]> {
  const { views, deployment } = consortium
  const through = relays(consortium, 1)
  return besideEachOther(people(consortium, count), async ({ grant, revoke }, i) => {
    await grantOne(through, grant, i)
    const before = performance.now()
    const outcome = await through[i % through.length]?.revoke(revoke)
    if (outcome?.code !== 'REVOKED') throw new Error(`a revoke was not taken: ${outcome?.code}`)
    for (const view of views) {
      const ask = async (): Promise<string | undefined> => {
        const args = [outcome.consentId, grant.signer] as const
        const { value } = await readContract(view, deployment, 'consents', 'consentOf', args)
        return CONSENT_STATES[Number(value[0])]
      }
      while ((await ask()) !== 'REVOKED') await pause(5)
    }
    return performance.now() - before
  })
}

function rateRows(own: Rates, embedded: Rates, { rounds, batched }: Size, seats: number): readonly Row[] {
  const beside = 'the same on the embedded engine'
  const [transfers, grants] = ['transactions/s', 'grants/s']
  const share = (name: string, ratio: number): Row => ({
    ...row(name, ratio, 'ratio', 'plain transfers', 1, rounds),
  })
  return [
    share(`single grants, ${seats} validators`, own.singlesRatio),
    share('single grants, embedded', embedded.singlesRatio),
    share(`access requests, ${seats} validators`, own.requestsRatio),
    row('plain transfers', own.transfers, transfers, beside, embedded.transfers, rounds),
    row(
      'access requests: the ceiling without signatures',
      own.requests,
      transfers,
      beside,
      embedded.requests,
      rounds,
    ),
    row('single grants', own.singles, grants, beside, embedded.singles, rounds),
    row(
      `batched grants, 50 a transaction, ${batched} at a stretch`,
      own.batched,
      grants,
      beside,
      embedded.batched,
      1,
    ),
  ]
}

function waitRows(
  name: string,
  waits: readonly number[],
  others: readonly number[],
  against: string,
): readonly Row[] {
  return [
    row(`${name}, p50`, quantile(waits, 0.5), 'ms', against, median(others), waits.length),
    row(`${name}, p99`, quantile(waits, 0.99), 'ms', against, quantile(others, 0.99), waits.length),
  ]
}

/** Does work on each of a list, so many at a time; what each gave, in no order. */
async function besideEachOther<T>(
  list: readonly T[],
  work: (item: T, i: number) => Promise<number>,
): Promise<readonly number[]> {
  const gave: number[] = []
  const lane = async (first: number): Promise<void> => {
    for (let i = first; i < list.length; i += LANES) {
      const item = list[i]
      if (item !== undefined) gave.push(await work(item, i))
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)))
  return gave
}

function say(words: string): void {
  process.stderr.write(`${words} …\n`)
}
