/**
 * What happened in the consortium before the auditor came: shared, read, corrected, analysed, stopped, expired, erased,
 * suspended; every step real.
 */
import { join } from 'node:path'
import type { PatientAgent } from '../../consent/index.ts'
import type { SignedHead } from '../../ledger/index.ts'
import { type ConsentId, hash32, quantity, toHex, type UnixSeconds } from '../../vocabulary/index.ts'
import { exportDump } from '../export-dump.ts'
import { sourceOf } from '../source.ts'
import { type Consortium, DAY, openConsortium, START, seedOf, trace } from './consortium.ts'

export interface Story {
  readonly place: Consortium
  /** A patient of South who goes on. */
  readonly anna: PatientAgent
  /** A dump that was truly made just before the revoke. */
  readonly early: string
  /** Stopped by the patient. */
  readonly revoked: ConsentId
  /** Ran out with the patient offline. */
  readonly expired: ConsentId
  /** Still active at the end. */
  readonly active: ConsentId
  /** The operator's head before the revoke, and after it, as another member kept them. */
  readonly heads: { readonly before: SignedHead; readonly after: SignedHead; readonly last: SignedHead }
}

const at = (seconds: number): UnixSeconds => quantity<UnixSeconds>(seconds)

/** Plays it and leaves the consortium open. */
export async function playStory(): Promise<Story> {
  const place = await openConsortium()
  const { north, south, east } = place.houses
  const anna = await place.patient('anna')
  const ben = await place.patient('ben')
  const carla = await place.patient('carla')
  await anna.enrol(south.id)
  await ben.enrol(south.id)
  await carla.enrol(east.id)
  const readings = trace(START - 2 * DAY, START)
  await anna.add(readings, { fill: true })
  await ben.add(trace(START - DAY, START), { fill: true })
  await carla.add(trace(START - DAY, START), { fill: true })
  await place.tick()

  const asked = { from: at(START - 2 * DAY), until: at(START) }
  const revoked = await place.share(anna, south, north, { ...asked, expiresAt: at(START + 30 * DAY) })
  const expired = await place.share(anna, south, east, { ...asked, expiresAt: at(START + 2 * DAY) })
  const active = await place.share(carla, east, north, { ...asked, expiresAt: at(START + 30 * DAY) })
  const first = await north.institution.reader.read(revoked.handOver.consentId)
  await east.institution.reader.read(expired.handOver.consentId)
  await north.institution.reader.read(active.handOver.consentId)

  place.now += 3600
  const [original] = readings
  if (original === undefined) throw new Error('no reading')
  await anna.correct({ original, replacement: { ...original, value: 111 } })
  await north.institution.results.record(
    {
      activity: 'mean glucose',
      code: hash32(toHex(seedOf('code'))),
      inputs: [{ consentId: revoked.handOver.consentId, purpose: 'TREAT', reading: first }],
    },
    { mean: 'kept elsewhere' },
  )
  await north.institution.reader.read(revoked.handOver.consentId)
  await place.tick()

  place.now += 3600
  const before = place.ledger.signedHead()
  const early = join(place.directory, 'early-dump')
  await exportDump({ source: await sourceOf(place.directory), target: early })
  await anna.revoke(revoked.handOver.consentId)
  const after = place.ledger.signedHead()
  await ben.erase()
  await place.tick()

  // Past the day on which the second grant ends; the third is read once more.
  place.now = START + 3 * DAY
  await north.institution.reader.read(active.handOver.consentId)
  await place.tick()
  place.now += 3600
  await place.suspend(east)
  place.now += 3600
  await place.tick()
  return {
    place,
    anna,
    early,
    revoked: revoked.handOver.consentId,
    expired: expired.handOver.consentId,
    active: active.handOver.consentId,
    heads: { before, after, last: place.ledger.signedHead() },
  }
}
