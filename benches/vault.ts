/**
 * The vault beside the bare ciphers: what sealing, storing and opening a year of one patient costs.
 *
 * Times are processor time of the process, all its threads together, so a figure is per core and does not move with the
 * neighbours' load; only the row that says wall clock waits for the disk as well. Medians over runs. The ratio compares
 * with the same bytes put through AES-256-GCM and SHA-256 of node:crypto in the same run, or with what `against` names.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchDocument } from '../src/api/documents.door.ts'
import type { Glucose } from '../src/series/index.ts'
import { openDiskStore } from '../src/vault/disk.door.ts'
import {
  chunksOf,
  hpkeKeyPair,
  leafSalts,
  merkleTreeOver,
  packDay,
  saltedLeafHashes,
} from '../src/vault/index.ts'
import {
  leafDeriver,
  narrowCover,
  openEnvelope,
  openHours,
  sealEnvelope,
  sealHours,
  streamCover,
} from '../src/vault/keys.door.ts'
import { nodeCrypto, nodeHasher } from '../src/vault/node-cipher.door.ts'
import {
  concat,
  hash32,
  type LocalSeconds,
  quantity,
  startOfHour,
  type UnixSeconds,
  type UtcHour,
  utf8,
} from '../src/vocabulary/index.ts'

type Row = BenchDocument['rows'][number]

const FIRST_HOUR = 1_100_016
const READINGS_PER_HOUR = 12
const SLOT = utf8('slot 1')
/** Bytes of one reading in the source: an instant and a value as doubles. */
const RAW_BYTES = 16

export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const runs = quick ? 3 : 7
  const days = quick ? 60 : 365
  const [stream, saltKey] = [nodeCrypto.cipher.random(32), nodeCrypto.cipher.random(32)]
  const root = streamCover(nodeHasher, nodeCrypto.cipher.random(32), 'glucose', 0)
  const window = { first: hour(0), end: hour(24 * days) }
  const hours = Array.from({ length: 24 * days }, (_, i) => ({
    hour: hour(i),
    revision: 0,
    records: readings(i),
  }))
  const count = hours.length * READINGS_PER_HOUR
  const folder = await mkdtemp(join(tmpdir(), 'islet-bench-'))
  const times: Record<Name, number[]> = {
    derive: [],
    hmacs: [],
    seal: [],
    stored: [],
    wall: [],
    bareSeal: [],
    open: [],
    bareOpen: [],
  }
  let sealedBytes = 0
  try {
    for (let run = -1; run < runs; run++) {
      const note = (name: Name, ms: number): void => {
        // The first run only warms the compiler.
        if (run >= 0) times[name].push(ms)
      }
      const cover = narrowCover(nodeHasher, root, window)
      const derive = leafDeriver(nodeHasher, cover)
      note(
        'derive',
        await timed(async () => {
          for (const one of hours) derive(one.hour)
        }),
      )
      note('hmacs', await timed(async () => bareHmacs(2 * hours.length)))

      let chunks: Awaited<ReturnType<typeof sealHours>> = []
      const start = performance.now()
      const sealing = await timed(async () => {
        chunks = await sealHours(nodeCrypto, cover, stream, hours)
        const salts = leafSalts(
          saltKey,
          SLOT,
          chunks.map((_, i) => i),
          nodeHasher,
        )
        merkleTreeOver(
          saltedLeafHashes(salts, concat(...chunks.map(({ leaf }) => leaf)), nodeHasher),
          nodeHasher,
        )
      })
      note('seal', sealing)
      const store = await openDiskStore({ folder: join(folder, String(run)), hasher: nodeHasher })
      let names: Awaited<ReturnType<typeof store.putMany>> = []
      const storing = await timed(async () => {
        const objects = Array.from({ length: days }, (_, day) =>
          packDay(chunks.slice(24 * day, 24 * day + 24)),
        )
        names = await store.putMany(objects)
        sealedBytes = objects.reduce((sum, object) => sum + object.length, 0)
      })
      note('stored', sealing + storing)
      note('wall', performance.now() - start)
      note('bareSeal', await timed(async () => bareSeal(chunks.map((chunk) => chunk.bytes.length - 94))))

      const objects = await Promise.all(names.map((name) => store.get(name)))
      note(
        'open',
        await timed(async () => {
          const stored = objects.flatMap((object) => chunksOf(object))
          const opened = await openHours(
            nodeCrypto,
            cover,
            stream,
            stored.map((one) => ({ ...one.context, bytes: one.bytes })),
          )
          const total = opened.reduce((sum, one) => sum + (one.code === 'OPENED' ? one.records.length : 0), 0)
          if (total !== count) throw new Error('the bench opened fewer readings than it sealed')
        }),
      )
      note('bareOpen', await bareOpen(chunks.map((chunk) => chunk.bytes.length - 94)))
      await store.close()
    }
  } finally {
    await rm(folder, { recursive: true })
  }
  const envelope = await envelopeTimes(runs)
  const perSecond = (ms: number): number => Math.round(count / (ms / 1000))
  const [derive, hmacs] = [median(times.derive), median(times.hmacs)]
  const [seal, stored, bareSealed] = [median(times.seal), median(times.stored), median(times.bareSeal)]
  const [open, bareOpened] = [median(times.open), median(times.bareOpen)]
  const year = (8760 * READINGS_PER_HOUR) / count
  const bare = 'the same bytes through bare AES-256-GCM and SHA-256'
  return [
    row(
      'a year of hour keys derived in order',
      derive * year,
      'ms',
      'two bare HMACs an hour',
      derive / hmacs,
      runs,
    ),
    row(
      'readings sealed and in the Merkle tree, per core',
      perSecond(seal),
      'readings/s',
      bare,
      bareSealed / seal,
      runs,
    ),
    row(
      'readings sealed, in the tree and durable on disk, per core',
      perSecond(stored),
      'readings/s',
      bare,
      bareSealed / stored,
      runs,
    ),
    row(
      'the same by wall clock',
      perSecond(median(times.wall)),
      'readings/s',
      'per core',
      stored / median(times.wall),
      runs,
    ),
    row('a year of one patient opened and verified', open * year, 'ms', bare, open / bareOpened, runs),
    row(
      'an envelope of a year sealed',
      envelope.seal,
      'ms',
      'a year opened and verified',
      envelope.seal / (open * year),
      runs,
    ),
    row(
      'an envelope of a year opened',
      envelope.open,
      'ms',
      'a year opened and verified',
      envelope.open / (open * year),
      runs,
    ),
    row(
      'sealed bytes of a reading',
      sealedBytes / count,
      'bytes',
      '16 raw bytes (instant and value as doubles)',
      sealedBytes / count / RAW_BYTES,
      1,
    ),
    row(
      'sealed bytes of a reading',
      sealedBytes / count,
      'bytes',
      'its JSON as the source gives it',
      sealedBytes / count / jsonBytes(),
      1,
    ),
  ]
}

type Name = 'derive' | 'hmacs' | 'seal' | 'bareSeal' | 'stored' | 'wall' | 'open' | 'bareOpen'

function hour(offset: number): UtcHour {
  return quantity<UtcHour>(FIRST_HOUR + offset)
}

function readings(offset: number): readonly Glucose[] {
  return Array.from({ length: READINGS_PER_HOUR }, (_, i) => {
    const at = startOfHour(hour(offset)) + 300 * i
    return {
      type: 'glucose' as const,
      at: quantity<UnixSeconds>(at),
      local: quantity<LocalSeconds>(at + 7200),
      tick: at - startOfHour(hour(0)),
      device: 0,
      value: 60 + ((offset * 31 + i * 7) % 200),
      unit: 'mg/dL' as const,
      method: 'cgm' as const,
    }
  })
}

function jsonBytes(): number {
  const [first] = readings(0)
  return JSON.stringify(first).length
}

function bareHmacs(count: number): void {
  const key = randomBytes(32)
  for (let i = 0; i < count; i++) createHmac('sha256', key).update('islet/v1/tree0').digest()
}

function bareSeal(lengths: readonly number[]): void {
  for (const length of lengths) {
    const cipher = createCipheriv('aes-256-gcm', randomBytes(32), randomBytes(12))
    const sealed = cipher.update(new Uint8Array(length))
    cipher.final()
    createHash('sha256').update(sealed).update(cipher.getAuthTag()).digest()
  }
}

async function bareOpen(lengths: readonly number[]): Promise<number> {
  const key = randomBytes(32)
  const sealed = lengths.map((length) => {
    const nonce = randomBytes(12)
    const cipher = createCipheriv('aes-256-gcm', key, nonce)
    const bytes = Buffer.concat([cipher.update(new Uint8Array(length)), cipher.final()])
    return { nonce, bytes, tag: cipher.getAuthTag() }
  })
  return timed(async () => {
    for (const { nonce, bytes, tag } of sealed) {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce)
      decipher.setAuthTag(tag)
      decipher.update(bytes)
      decipher.final()
      createHash('sha256').update(bytes).digest()
    }
  })
}

async function envelopeTimes(runs: number): Promise<{ readonly seal: number; readonly open: number }> {
  const reader = hpkeKeyPair(nodeCrypto.cipher.random(32))
  const root = streamCover(nodeHasher, nodeCrypto.cipher.random(32), 'glucose', 0)
  const covers = [narrowCover(nodeHasher, root, { first: hour(0), end: hour(8760) })]
  const scope = { chainId: 31_337, consent: hash32(`0x${'00'.repeat(32)}`), covers }
  const [seals, opens]: [number[], number[]] = [[], []]
  for (let run = -1; run < runs; run++) {
    let envelope = new Uint8Array(0)
    const seal = await timed(async () => {
      envelope = await sealEnvelope(reader.publicKey, scope)
    })
    const open = await timed(async () => {
      await openEnvelope(reader.privateKey, envelope, scope)
    })
    if (run >= 0) {
      seals.push(seal)
      opens.push(open)
    }
  }
  return { seal: median(seals), open: median(opens) }
}

/** Processor milliseconds of some work, user and system. */
async function timed(work: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1000
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function row(name: string, value: number, unit: string, against: string, ratio: number, runs: number): Row {
  return { name, value: round(value), unit, against, ratio: round(ratio), runs }
}

function round(value: number): number {
  return Number(value.toPrecision(4))
}
