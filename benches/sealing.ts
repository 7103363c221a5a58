/**
 * Readings on their way in: through the inbox of an institution as a patient's agent sends them, through the vault alone
 * as a bulk import does after parsing, and through the parser.
 *
 * Per core: processor time of this process with all its threads, so that the figure does not move with the neighbours'
 * load. The batch path is everything between records in the agent and the root on the ledger: seal, sign, envelope, HTTP
 * message signature, schema, access check, durable store, access log, Merkle leaves, anchor. The executor of the ledger is
 * a process of its own: what it adds is one transaction a slot.
 */
import { createCipheriv, createHash, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readDocument } from '../src/intake/index.ts'
import { openDiskStore } from '../src/vault/disk.door.ts'
import {
  hourObject,
  hoursOfRecords,
  leafSalts,
  packDay,
  saltedLeafHashes,
  slotTree,
} from '../src/vault/index.ts'
import { sealHours, streamCover } from '../src/vault/keys.door.ts'
import { nodeCrypto, nodeHasher } from '../src/vault/node-cipher.door.ts'
import { concat, hourOf, utf8 } from '../src/vocabulary/index.ts'
import { exportOf, FORMATS_WRITTEN } from './support/exports.ts'
import { readings, YEAR } from './support/readings.ts'
import { median, type Row, row, timed } from './support/rows.ts'
import { inTown, settle } from './support/town.ts'

const BATCH_TARGET = 50_000
const BULK_TARGET = 150_000
const PARSE_TARGET_MS = 500
const EXPORT_ROWS = 25_000

export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const runs = quick ? 3 : 9
  const bare = median(await repeated(runs, async () => (await timed(() => bareSeal(YEAR / 12))).core))
  const batch = await batchPath(runs)
  const bulk = await bulkImport(runs)
  const rows: Row[] = []
  const perSecond = (ms: number): number => YEAR / (ms / 1000)
  const base = perSecond(bare)
  rows.push(
    row('the same chunks through bare AES-256-GCM and SHA-256', base, 'readings/s/core', null, null, runs),
    row(
      'batch path of the API, a year a person: seal, sign, check, store, log, leaves, anchor',
      perSecond(batch.core),
      'readings/s/core',
      `the target of ${BATCH_TARGET}`,
      BATCH_TARGET,
      runs,
    ),
    row(
      'the same, beside the bare ciphers',
      perSecond(batch.core),
      'readings/s/core',
      'bare ciphers',
      base,
      runs,
    ),
    row(
      'the same by the clock',
      perSecond(batch.wall),
      'readings/s',
      'per core',
      perSecond(batch.core),
      runs,
    ),
    row(
      'bulk import after parsing: hours, seal, day objects, durable store, leaves, padded root',
      perSecond(bulk.core),
      'readings/s/core',
      `the target of ${BULK_TARGET}`,
      BULK_TARGET,
      runs,
    ),
    row(
      'the same, beside the bare ciphers',
      perSecond(bulk.core),
      'readings/s/core',
      'bare ciphers',
      base,
      runs,
    ),
    row(
      'the same until every object’s own file is flushed too, and the batch dropped',
      perSecond(bulk.retired),
      'readings/s/core',
      `the target of ${BULK_TARGET}`,
      BULK_TARGET,
      runs,
    ),
    row(
      'the same by the clock',
      perSecond(bulk.wall),
      'readings/s',
      `the target of ${BULK_TARGET}`,
      BULK_TARGET,
      runs,
    ),
  )
  for (const format of FORMATS_WRITTEN) {
    const bytes = utf8(exportOf(format, EXPORT_ROWS))
    const times = await repeated(runs + 1, async () => {
      const { wall, result } = await timed(() => readDocument(bytes))
      if (result.kept !== EXPORT_ROWS) throw new Error(`the ${format} export lost readings: ${result.kept}`)
      return wall
    })
    const name = `parsing a ${format} export of ${EXPORT_ROWS} rows`
    rows.push(row(`${name}, cold`, times[0] ?? Number.NaN, 'ms', 'the bound of 500 ms', PARSE_TARGET_MS, 1))
    rows.push(
      row(`${name}, warm`, median(times.slice(1)), 'ms', 'the bound of 500 ms', PARSE_TARGET_MS, runs),
    )
  }
  return rows
}

/** A year of one more person at a time, delivered to their custodian and anchored. */
async function batchPath(runs: number): Promise<{ readonly core: number; readonly wall: number }> {
  return inTown(async (town) => {
    const custodian = town.house('south')
    const now = Date.now() / 1000
    const [cores, walls]: [number[], number[]] = [[], []]
    for (let run = -1; run < runs; run++) {
      const person = await settle(town, `person-${run + 1}`, custodian)
      const year = readings(YEAR, now, run)
      const { core, wall } = await timed(async () => {
        const { added } = await person.agent.add(year)
        if (added !== YEAR) throw new Error(`${added} of ${YEAR} readings were taken`)
        const closed = await custodian.institution.slots.close(true)
        if (closed.length === 0) throw new Error('no slot was anchored')
      })
      if (run < 0) continue
      cores.push(core)
      walls.push(wall)
    }
    return { core: median(cores), wall: median(walls) }
  })
}

/** The same without messages: what an institution does that imports its own archive. */
async function bulkImport(
  runs: number,
): Promise<{ readonly core: number; readonly wall: number; readonly retired: number }> {
  const folder = await mkdtemp(join(tmpdir(), 'islet-bench-'))
  const [cores, walls, retired]: [number[], number[], number[]] = [[], [], []]
  try {
    for (let run = -1; run < runs; run++) {
      const year = readings(YEAR, Date.now() / 1000, run)
      const cover = streamCover(nodeHasher, randomBytes(32), 'glucose', 0)
      const [stream, saltKey] = [nodeCrypto.cipher.random(32), nodeCrypto.cipher.random(32)]
      const store = await openDiskStore({ folder: join(folder, String(run)), hasher: nodeHasher })
      const slot = utf8(`slot ${hourOf(year[0]?.at ?? fail())}`)
      const { core, wall } = await timed(async () => {
        const hours = hoursOfRecords(year).get('glucose') ?? new Map()
        const chunks = await sealHours(
          nodeCrypto,
          cover,
          stream,
          [...hours].map(([hour, records]) => ({ hour, revision: 0, records })),
        )
        // The year begins with a whole hour of some day: the hours before its first midnight stay single.
        const ragged = chunks.findIndex(({ context }) => context.hour % 24 === 0)
        const whole = Math.floor((chunks.length - ragged) / 24)
        const days = Array.from({ length: whole }, (_, day) =>
          packDay(chunks.slice(ragged + 24 * day, ragged + 24 * (day + 1))),
        )
        const single = [...chunks.slice(0, ragged), ...chunks.slice(ragged + 24 * whole)]
        await store.putMany([...days, ...single.map(hourObject)])
        const salts = leafSalts(
          saltKey,
          slot,
          chunks.map((_, i) => i),
          nodeHasher,
        )
        const hashes = saltedLeafHashes(salts, concat(...chunks.map(({ leaf }) => leaf)), nodeHasher)
        const leaves = chunks.map((_, i) => hashes.subarray(32 * i, 32 * i + 32))
        if (slotTree(leaves, { key: saltKey, slot }, nodeHasher).root.length !== 32)
          throw new Error('no root')
      })
      // What was acknowledged stands in a durable batch; closing flushes every object's own file, and then drops the batch.
      const closing = await timed(() => store.close())
      if (run < 0) continue
      cores.push(core)
      walls.push(wall)
      retired.push(core + closing.core)
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return { core: median(cores), wall: median(walls), retired: median(retired) }
}

/** As many chunks of the same size through the platform's ciphers alone. */
function bareSeal(chunks: number): void {
  const plaintext = new Uint8Array(300)
  for (let i = 0; i < chunks; i++) {
    const cipher = createCipheriv('aes-256-gcm', randomBytes(32), randomBytes(12))
    const sealed = cipher.update(plaintext)
    cipher.final()
    createHash('sha256').update(sealed).update(cipher.getAuthTag()).digest()
  }
}

async function repeated(times: number, work: () => Promise<number>): Promise<readonly number[]> {
  const all: number[] = []
  for (let i = 0; i < times; i++) all.push(await work())
  return all
}

function fail(): never {
  throw new Error('there are no readings')
}
