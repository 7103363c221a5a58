/** Data that come after the revoke: with every key the reader ever held, their ciphertext does not open. */
import { startOfHour } from '../../../vocabulary/index.ts'
import { within } from '../material.ts'
import { need, type Stage } from '../stage.ts'
import { seen } from './outside.ts'
import { ciphertextOf } from './stored-objects.ts'

export async function afterRevoke(stage: Stage): Promise<void> {
  const { person, material, custodian, reader, remainingReader } = stage
  const consent = need(stage.progress.consent, 'the consent')
  const remaining = need(stage.progress.remaining, 'the remaining consent')
  const delivered = await person.agent.add(material.late)
  stage.check(
    'late readings of the very hours that were granted arrive after the revoke',
    delivered.added === material.late.length,
    `${delivered.added} readings`,
  )
  const objects = await ciphertextOf(
    custodian,
    (place) =>
      place.kind === 'glucose' && place.generation > 0 && within(material.window, startOfHour(place.hour)),
  )
  const tried = 'every key the reader ever held was tried on them, and none opens them'
  if (objects.length === 0) stage.check(tried, false, 'nothing is stored of those hours: nothing was tried')
  else {
    const probe = await reader.probe(consent, objects)
    stage.check(tried, probe.opened === 0 && probe.attempts > 0, seen(probe))
  }
  const reading = await remainingReader.read(remaining)
  const expected = [...material.records, ...material.late].filter(
    (record) => record.type === 'glucose' && within(material.window, record.at),
  ).length
  stage.check(
    'the reader that remains opens them with the new keys',
    reading.records.length === expected,
    `${reading.records.length} of ${expected} readings`,
  )
  stage.note({ readings: delivered.added, accesses: 1 })
}
