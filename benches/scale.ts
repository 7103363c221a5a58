/**
 * How a consortium grows: the formulas of docs/scale.md, held against a simulation of a week, minute by minute.
 *
 * Nothing is timed here. The constants are measured figures whose source docs/scale.md names, gas those of
 * contracts/gas-snapshot.txt; what people do (`HABITS`) is assumed. The ratio of a row is simulated ÷ paper.
 */
import { type Row, row } from './support/rows.ts'

/** Acts of one patient in a year: assumed, in the order of a person with two custodians, a clinic and a study or two. */
const HABITS = { grants: 6, revokes: 3, requests: 4 }
/** Share of a day's acts in each hour, and of a week's in each day: people act by day, on working days more. Assumed. */
const HOURS = [1, 1, 1, 1, 1, 2, 4, 7, 10, 11, 11, 10, 8, 9, 10, 10, 9, 8, 7, 6, 5, 3, 2, 1]
const DAYS = [17, 17, 16, 16, 16, 9, 9]
const MINUTES_OF_WEEK = 7 * 1_440
const WEEKS_OF_YEAR = 365.25 / 7

/** Grants of one minute go together, 50 to a transaction, as the relay of a member does under load. */
const BATCH = 50
/** Bytes on a validator's disk, write-ahead log left out, and gas; docs/scale.md says where each was measured. */
const COST = {
  grant: { bytes: 850, gas: 34_500 },
  grantBatch: { bytes: 0, gas: 30_200 },
  revoke: { bytes: 1_400, gas: 36_682 },
  request: { bytes: 1_400, gas: 53_997 },
  slot: { bytes: 1_400, gas: 50_872 },
  block: { bytes: 5_250, gas: 0 },
}
/** Transactions a second of four validators on two shared cores, each acting alone; and 50 to a transaction, items a second. */
const CAPACITY = { single: 550, batched: 1_877 }
const HEARTBEAT_SECONDS = 10

interface Demand {
  readonly transactions: number
  readonly items: number
  readonly gas: number
  readonly bytes: number
  readonly blocks: number
  /** Share of what the engine does in a minute, in the busiest one. */
  readonly busiest: number
}

/** Patients of each institution: the k-th largest has a k-th of the first's (Zipf), none less than the mean's twentieth. */
function sizes(patients: number, institutions: number): readonly number[] {
  const raw = Array.from({ length: institutions }, (_, k) =>
    Math.max(1 / (k + 1), 0.05 / Math.log(institutions + 2)),
  )
  const sum = raw.reduce((a, b) => a + b, 0)
  return raw.map((share) => (patients * share) / sum)
}

/** Mean acts a minute of one patient in each minute of a week, for one act a year. */
const PACE: readonly number[] = (() => {
  const hours = HOURS.reduce((a, b) => a + b, 0)
  const days = DAYS.reduce((a, b) => a + b, 0)
  return Array.from({ length: MINUTES_OF_WEEK }, (_, minute) => {
    const day = DAYS[Math.floor(minute / 1_440)] ?? 0
    const hour = HOURS[Math.floor(minute / 60) % 24] ?? 0
    return ((day / days) * (hour / hours / 60)) / WEEKS_OF_YEAR
  })
})()

/** Adds up minutes; the same for the paper's means and for drawn numbers. */
class Tally {
  #transactions = 0
  #items = 0
  #gas = 0
  #bytes = 0
  #blocks = 0
  #busiest = 0

  /** Takes in what all institutions did in one minute. */
  minute(
    grants: number,
    batches: number,
    revokes: number,
    requests: number,
    slots: number,
    blocks: number,
  ): void {
    const alone = revokes + requests + slots
    this.#transactions += batches + alone
    this.#items += grants + alone
    this.#gas += grants * COST.grant.gas + batches * COST.grantBatch.gas
    this.#gas += revokes * COST.revoke.gas + requests * COST.request.gas + slots * COST.slot.gas
    this.#bytes += grants * COST.grant.bytes + batches * COST.grantBatch.bytes + blocks * COST.block.bytes
    this.#bytes += revokes * COST.revoke.bytes + requests * COST.request.bytes + slots * COST.slot.bytes
    this.#blocks += blocks
    const work = (batches + alone) / CAPACITY.single + grants / CAPACITY.batched
    this.#busiest = Math.max(this.#busiest, work / 60)
  }

  week(): Demand {
    return {
      transactions: this.#transactions,
      items: this.#items,
      gas: this.#gas,
      bytes: this.#bytes,
      blocks: this.#blocks,
      busiest: this.#busiest,
    }
  }
}

/** Two blocks for each transaction that comes alone (the second proves the first's state), at most two a second; else heartbeats. */
function blocksOf(transactions: number): number {
  return Math.max(60 / HEARTBEAT_SECONDS, Math.min(120, 2 * transactions))
}

/** The week by formulas: means alone, a minute's transactions of an institution by the Poisson law's mean. */
function onPaper(patients: number, institutions: number): Demand {
  const tally = new Tally()
  const shares = sizes(patients, institutions)
  const known = new Map<number, number>()
  for (const [minute, pace] of PACE.entries()) {
    let batches = known.get(pace)
    if (batches === undefined) {
      batches = shares.reduce((sum, size) => sum + meanBatches(size * HABITS.grants * pace), 0)
      known.set(pace, batches)
    }
    const of = (act: number): number => patients * act * pace
    const slots = minute % 60 === 0 ? institutions : 0
    const [revokes, requests] = [of(HABITS.revokes), of(HABITS.requests)]
    tally.minute(
      of(HABITS.grants),
      batches,
      revokes,
      requests,
      slots,
      blocksOf(batches + revokes + requests + slots),
    )
  }
  return tally.week()
}

/** Mean of ⌈X ÷ 50⌉ for a Poisson X: summed where it is small, by its limit where it is large. */
function meanBatches(mean: number): number {
  if (mean > 20 * BATCH) return mean / BATCH + (BATCH - 1) / (2 * BATCH)
  let total = 0
  let probability = Math.exp(-mean)
  for (let k = 1; k < mean + 20 * Math.sqrt(mean + 1); k++) {
    probability *= mean / k
    total += probability * Math.ceil(k / BATCH)
  }
  return total
}

/** The week as it happens: each institution's acts of each minute are drawn, its grants batched, its slots anchored. */
function simulated(patients: number, institutions: number, random: () => number): Demand {
  const tally = new Tally()
  const shares = sizes(patients, institutions)
  for (const [minute, pace] of PACE.entries()) {
    let [grants, batches, revokes, requests] = [0, 0, 0, 0]
    for (const size of shares) {
      const drawn = poisson(size * HABITS.grants * pace, random)
      grants += drawn
      batches += Math.ceil(drawn / BATCH)
      revokes += poisson(size * HABITS.revokes * pace, random)
      requests += poisson(size * HABITS.requests * pace, random)
    }
    const slots = minute % 60 === 0 ? institutions : 0
    tally.minute(grants, batches, revokes, requests, slots, blocksOf(batches + revokes + requests + slots))
  }
  return tally.week()
}

/** Knuth's product where the mean is small, the normal limit (continuity-corrected) from 50 on. */
function poisson(mean: number, random: () => number): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
  }
  const limit = Math.exp(-mean)
  let count = 0
  for (let product = random(); product > limit; product *= random()) count += 1
  return count
}

/** A small generator of chance that gives the same week for the same number (mulberry32). */
function mulberry(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const towns: readonly (readonly [number, number])[] = [
    [1e4, 10],
    [1e6, 100],
    [1e7, 100],
    ...(quick ? [] : ([[1e8, 1_000]] as const)),
  ]
  const rows: Row[] = []
  for (const [patients, institutions] of towns) {
    const [paper, drawn] = [onPaper(patients, institutions), simulated(patients, institutions, mulberry(1))]
    const town = `${patients.toExponential(0)} patients, ${institutions} institutions`
    const add = (what: string, of: (demand: Demand) => number, unit: string): void => {
      rows.push(row(`${town}: ${what}`, of(drawn), unit, 'the formula', of(paper), 1))
    }
    add('transactions', ({ transactions }) => transactions / (MINUTES_OF_WEEK * 60), '/s')
    add('gas', ({ gas }) => gas / (MINUTES_OF_WEEK * 60) / 1e6, 'M/s')
    add('blocks', ({ blocks }) => blocks / 7, 'a day')
    add('ledger on each validator', ({ bytes }) => (bytes * WEEKS_OF_YEAR) / 1e9, 'GB a year')
    add('ledger of a patient-year', ({ bytes }) => (bytes * WEEKS_OF_YEAR) / patients, 'bytes')
    add('busiest minute, of what four validators on two cores did', ({ busiest }) => 100 * busiest, '%')
  }
  return rows
}
