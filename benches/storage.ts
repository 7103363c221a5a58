/**
 * What the ledger and the sealed objects weigh beside the readings they keep, in the steady state: every patient of an
 * institution delivers one hour of a continuous sensor a slot, and the slot is anchored with both its streams, objects and
 * access log, in one transaction. Every delivery stands in the access log, so that the log grows in each slot.
 *
 * Ledger bytes are bytes of the journal, the durable truth of the embedded ledger: record, block, idempotency key and signed
 * transaction. Receipts, events and the contract's state are computed from it and not counted; another engine adds its own
 * headers and votes. They do not grow with the patients: the curve says from how many on they are small.
 * Raw bytes of a reading: as JSON, the way a source gives it, and packed, an instant and a value as doubles.
 */
import type { Hosted, PersonHere } from '../src/node/world.door.ts'
import { hourObject, packDay } from '../src/vault/index.ts'
import { sealHours, streamCover } from '../src/vault/keys.door.ts'
import { nodeCrypto, nodeHasher } from '../src/vault/node-cipher.door.ts'
import { hourOf, quantity, startOfHour, type UnixSeconds, type UtcHour } from '../src/vocabulary/index.ts'
import { jsonBytes, PACKED_BYTES, READINGS_PER_HOUR, readings } from './support/readings.ts'
import { median, type Row, row } from './support/rows.ts'
import { inTown, settle } from './support/town.ts'

const TARGET = 0.005
const PATIENTS = 65
const CURVE = [1, 5, 10, 20, 40, PATIENTS, 100, 250, 1000]
const FIRST_HOUR = 490_000

export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const slots = quick ? 2 : 12
  const [few, many, quiet] = await inTown(async (town) => {
    const custodian = town.house('south')
    const people: PersonHere[] = []
    for (let i = 0; i < PATIENTS; i++) people.push(await settle(town, `patient-${i}`, custodian))
    let hour = FIRST_HOUR
    /** Journal bytes of a slot in which so many patients deliver their hour. */
    const slot = async (patients: number): Promise<number> => {
      hour += 1
      const until = startOfHour(quantity<UtcHour>(hour + 1))
      for (const [i, person] of people.slice(0, patients).entries()) {
        const { added } = await person.agent.add(readings(READINGS_PER_HOUR, until, i))
        if (added !== READINGS_PER_HOUR)
          throw new Error(`${added} of ${READINGS_PER_HOUR} readings were taken`)
      }
      const before = town.embedded?.figures.journalBytes ?? 0
      await custodian.institution.tick(true)
      const bytes = (town.embedded?.figures.journalBytes ?? 0) - before
      await requireBothStreams(custodian)
      return bytes
    }
    // The first anchors of a stream are larger: they begin it.
    await slot(5)
    const measured: [number[], number[], number[]] = [[], [], []]
    for (let i = 0; i < slots; i++) {
      measured[0].push(await slot(5))
      measured[1].push(await slot(PATIENTS))
      measured[2].push(await slot(0))
    }
    return [median(measured[0]), median(measured[1]), median(measured[2])] as const
  })
  const json = jsonBytes(readings(1000, 1_767_225_600))
  const raw = (patients: number, bytes: number): number => patients * READINGS_PER_HOUR * bytes
  const named = (patients: number, bytes: number, how: string): string =>
    `raw bytes of ${patients} patients, hourly slot, ${Math.round(bytes)} bytes a reading (${how})`
  const { single, packed, count } = await sealedBytes()
  const against = (patients: number, bytes: number, how: string, ledger: number): Row =>
    row(
      `ledger bytes of a slot, ${patients} patients`,
      ledger,
      'bytes',
      named(patients, bytes, how),
      raw(patients, bytes),
      slots,
    )
  const bound = `the bound of ${TARGET}`
  return [
    row(
      `ledger's share, both streams anchored every slot, ${PATIENTS} patients`,
      many / raw(PATIENTS, json),
      'of raw JSON',
      bound,
      TARGET,
      slots,
    ),
    row('ledger bytes of a slot, 5 patients', few, 'bytes', `${PATIENTS} patients`, many, slots),
    row(
      'ledger bytes of a slot, nobody writes or reads',
      quiet,
      'bytes',
      `${PATIENTS} patients`,
      many,
      slots,
    ),
    ...CURVE.map((patients) => against(patients, json, 'JSON', many)),
    ...CURVE.map((patients) => against(patients, PACKED_BYTES, 'packed', many)),
    row(
      'sealed bytes a reading, delivered by the hour',
      single / count,
      'bytes',
      `JSON, ${Math.round(json)} bytes`,
      json,
      1,
    ),
    row(
      'sealed bytes a reading, delivered by the hour',
      single / count,
      'bytes',
      `packed, ${PACKED_BYTES} bytes`,
      PACKED_BYTES,
      1,
    ),
    row(
      'sealed bytes a reading, whole days',
      packed / count,
      'bytes',
      `JSON, ${Math.round(json)} bytes`,
      json,
      1,
    ),
    row(
      'sealed bytes a reading, whole days',
      packed / count,
      'bytes',
      `packed, ${PACKED_BYTES} bytes`,
      PACKED_BYTES,
      1,
    ),
  ]
}

/** The newest slot has an anchor on each stream, and that of the log is the log as it is. */
async function requireBothStreams({ chain, id, log }: Hosted): Promise<void> {
  const slot = await chain.latestSlot(id, 'objects')
  const anchored = await chain.anchorAt(id, 'log', slot)
  if (anchored?.count !== log.size) throw new Error('the access log was not anchored with the slot')
}

/** Bytes of thirty days as hour objects and as day objects. */
async function sealedBytes(): Promise<{
  readonly single: number
  readonly packed: number
  readonly count: number
}> {
  const days = 30
  const count = days * 24 * READINGS_PER_HOUR
  const start = Math.ceil(FIRST_HOUR / 24) * 24
  const records = readings(count, startOfHour(quantity<UtcHour>(start + days * 24)))
  const hours = Array.from({ length: days * 24 }, (_, i) => ({
    hour: quantity<UtcHour>(hourOf(quantity<UnixSeconds>(records[0]?.at ?? 0)) + i),
    revision: 0,
    records: records.slice(i * READINGS_PER_HOUR, (i + 1) * READINGS_PER_HOUR),
  }))
  const cover = streamCover(nodeHasher, nodeCrypto.cipher.random(32), 'glucose', 0)
  const chunks = await sealHours(nodeCrypto, cover, nodeCrypto.cipher.random(32), hours)
  const objects = Array.from({ length: days }, (_, day) => packDay(chunks.slice(24 * day, 24 * (day + 1))))
  const bytes = (all: readonly Uint8Array[]): number => all.reduce((sum, one) => sum + one.length, 0)
  return { single: bytes(chunks.map(hourObject)), packed: bytes(objects), count }
}
