/** The hour before and the hour after: the custodian refuses them, and with the ciphertext in hand no key opens it. */
import type { Probe } from '../../../consent/probe.door.ts'
import { hourOf, quantity, type UtcHour } from '../../../vocabulary/index.ts'
import { need, refusalOf, type Stage } from '../stage.ts'
import { ciphertextOf } from './stored-objects.ts'

export async function outside(stage: Stage): Promise<void> {
  const { reader, material, custodian } = stage
  const consent = need(stage.progress.consent, 'the consent')
  const places = [
    ['before', material.window.first - 1],
    ['after', material.window.end],
  ] as const
  let refusals = 0
  for (const [name, number] of places) {
    const hour = quantity<UtcHour>(number)
    const end = quantity<UtcHour>(number + 1)
    const refused = await refusalOf(reader.read(consent, { window: { first: hour, end } }))
    stage.check(`the hour ${name} is refused by the custodian`, refused === 'HOURS_NOT_GRANTED', refused)
    refusals += 1
    const objects = await ciphertextOf(custodian, (place) => place.kind === 'glucose' && place.hour === hour)
    if (objects.length === 0) {
      // A source that begins or ends with the shared window has no such hour; had it one, its ciphertext were lost.
      const missing = material.records.filter(
        (record) => record.type === 'glucose' && hourOf(record.at) === hour,
      ).length
      stage.check(
        `nothing is stored of the hour ${name}, for the source has no reading in it`,
        missing === 0,
        missing === 0 ? 'no ciphertext of that hour to try keys on' : `${missing} readings not stored`,
      )
      continue
    }
    const probe = await reader.probe(consent, objects)
    stage.check(
      `the ciphertext of the hour ${name}, held in hand, opens with none of the reader’s keys`,
      probe.opened === 0 && probe.attempts > 0,
      seen(probe),
    )
  }
  stage.note({ refusals })
}

export function seen(probe: Probe): string {
  const failures = Object.entries(probe.failures)
    .map(([code, count]) => `${count} × ${code}`)
    .join(', ')
  return `${probe.attempts} attempts with ${probe.keys} keys: ${probe.opened} opened${failures === '' ? '' : `, ${failures}`}`
}
