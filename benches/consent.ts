/**
 * How long a person waits: from a grant on the ledger to plaintext at the reader, from a stop to the last path that
 * refuses, in the world of ten institutions with every message signed and every journal flushed.
 *
 * Grant: the clock starts when the block that holds the grant is made, and stops when the reader has opened three days.
 * Stop: the clock starts when the patient presses the button, before new keys are sealed, and stops when reading,
 * searching and writing under the consent have each been refused and the ledger says REVOKED; each path is tried again
 * and again from the start. The bound of a grant counts in block periods: the median time this engine takes to a block.
 */
import type { Hosted, PersonHere } from '../src/node/world.door.ts'
import {
  type ConsentId,
  type Hash32,
  hash32,
  hourOf,
  isIsletError,
  quantity,
  startOfHour,
  type UnixSeconds,
} from '../src/vocabulary/index.ts'
import { readings } from './support/readings.ts'
import { median, quantile, type Row, row } from './support/rows.ts'
import { asked, inTown, settle } from './support/town.ts'

const DAYS = 3
const PER_PERSON = 10
const GRANT_MS = 250
const BLOCK_PERIODS = 1.2
const REVOKE_MS = 1000
/** Between two tries of a path, milliseconds. */
const PAUSE_MS = 25

export async function bench({ quick }: { readonly quick: boolean }): Promise<readonly Row[]> {
  const people = quick ? 2 : 20
  const runs = people * PER_PERSON
  const [opened, refused, blocks]: [number[], number[], number[]] = [[], [], []]
  const byPath = new Map<string, number[]>()
  await inTown(async (town) => {
    const custodian = town.house('south')
    const readers = [...town.hosted.values()].filter((house) => house.key !== custodian.key)
    let sealed = 0
    const unwatch = town.ledger.watchHeads(() => {
      sealed = performance.now()
    })
    for (let i = 0; i < people; i++) {
      const person = await settle(town, `person-${i}`, custodian)
      const now = Math.floor(Date.now() / 1000)
      await person.agent.add(readings(DAYS * 288, now, i))
      await town.tick(true)
      const end = startOfHour(hourOf(quantity<UnixSeconds>(now)))
      const window = {
        from: quantity<UnixSeconds>(end - DAYS * 86_400),
        until: quantity<UnixSeconds>(end + 86_400),
      }
      for (let run = 0; run < PER_PERSON; run++) {
        // Every other institution in turn: each has a quota of its own.
        const reader = readers[(i * PER_PERSON + run) % readers.length] ?? custodian
        const before = performance.now()
        await reader.chain.requestAccess(commitmentOf(i * PER_PERSON + run))
        blocks.push(performance.now() - before)
        const { id, request } = await asked(person, custodian, reader, window, ['read', 'write'])
        const known = new Set(reader.institution.reader.grants().map((grant) => grant.consentId))
        const [given, held] = await Promise.all([
          person.agent.grant(request, {}, { requestId: id }),
          plaintextAt(reader, known, DAYS * 288),
        ])
        // The grant's is the last block before the stop makes another.
        opened.push(held - sealed)
        const times = await stopped(person, reader, given.handOver)
        refused.push(Math.max(...times.values()))
        for (const [path, ms] of times) byPath.set(path, [...(byPath.get(path) ?? []), ms])
      }
    }
    unwatch()
  })
  const period = median(blocks)
  const bound = BLOCK_PERIODS * period + GRANT_MS
  const grantBound = `${BLOCK_PERIODS} block periods + ${GRANT_MS} ms`
  const stopBound = `the bound of ${REVOKE_MS} ms`
  return [
    row('block period: a transaction of an idle ledger until its block', period, 'ms', null, null, runs),
    row(
      'grant on the ledger until plaintext at the reader, p50',
      median(opened),
      'ms',
      grantBound,
      bound,
      runs,
    ),
    row('grant on the ledger until plaintext, p99', quantile(opened, 0.99), 'ms', grantBound, bound, runs),
    row('stop until every path refuses, p50', median(refused), 'ms', stopBound, REVOKE_MS, runs),
    row('stop until every path refuses, p99', quantile(refused, 0.99), 'ms', stopBound, REVOKE_MS, runs),
    ...[...byPath].map(([path, times]) =>
      row(`of which ${path}, p99`, quantile(times, 0.99), 'ms', stopBound, REVOKE_MS, runs),
    ),
  ]
}

/** When a reader has opened so many readings under a consent that it did not know before. */
async function plaintextAt(reader: Hosted, known: ReadonlySet<ConsentId>, count: number): Promise<number> {
  for (;;) {
    const grant = reader.institution.reader.grants().find((one) => !known.has(one.consentId))
    const reading = grant === undefined ? undefined : await readWhereKnown(reader, grant.consentId)
    if (reading !== undefined) {
      if (reading.length < count) throw new Error(`${reading.length} of ${count} readings were opened`)
      return performance.now()
    }
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
}

/** The records; undefined while the grant has reached the reader but not yet the custodian. */
async function readWhereKnown(reader: Hosted, id: ConsentId): Promise<readonly unknown[] | undefined> {
  try {
    return (await reader.institution.reader.read(id)).records
  } catch (error) {
    if (isIsletError(error, 'CONSENT_UNKNOWN')) return undefined
    throw error
  }
}

/** Stops a consent; milliseconds until each path refused. */
async function stopped(
  person: PersonHere,
  reader: Hosted,
  grant: PersonHere['agent']['memory']['now']['grants'][number]['handOver'],
): Promise<ReadonlyMap<string, number>> {
  const { consentId, signer, opening } = grant
  const { institution, chain } = reader
  const [draft] = readings(1, startOfHour(opening.window.end))
  if (draft === undefined) throw new Error('there is nothing to write')
  const begun = performance.now()
  const times = new Map<string, number>()
  let tries = 0
  const until = async (path: string, refuses: () => Promise<boolean>): Promise<void> => {
    for (;;) {
      if (await refuses()) break
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
    }
    times.set(path, performance.now() - begun)
  }
  const [outcome] = await Promise.all([
    person.agent.revoke(consentId),
    until('reading', () => isRefused(institution.reader.read(consentId))),
    until('searching', () => isRefused(institution.reader.search(consentId))),
    until('writing', () => {
      tries += 1
      return isRefused(institution.writer.write(consentId, [{ ...draft, value: 60 + (tries % 300) }]))
    }),
    until(
      'the state on the ledger',
      async () => (await chain.consentState(consentId, signer)).state === 'REVOKED',
    ),
  ])
  if (outcome !== 'on-ledger') throw new Error('the revoke is not on the ledger')
  return times
}

/** A request commitment of its own for each run: one slot of storage, as an anchor or a grant writes. */
function commitmentOf(run: number): Hash32 {
  return hash32(`0x${(run + 1).toString(16).padStart(64, '0')}`)
}

async function isRefused(work: Promise<unknown>): Promise<boolean> {
  try {
    await work
    return false
  } catch (error) {
    if (isIsletError(error, 'CONSENT_REVOKED')) return true
    // Refused for another reason than the stop: the path is tried again.
    if (isIsletError(error, 'GENERATION_OLD', 'REVISION_TAKEN', 'QUOTA_SPENT')) return false
    throw error
  }
}
