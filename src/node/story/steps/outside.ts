/** The hour before and the hour after: the custodian refuses them, and with the ciphertext in hand no key opens it. */
import { type Probe, placesOf, tryEveryKey } from '../../../consent/probe.door.ts'
import { nodeCrypto } from '../../../vault/node-cipher.door.ts'
import { fromBase64Url, quantity, type UtcHour } from '../../../vocabulary/index.ts'
import type { Hosted } from '../../institution/hosted.ts'
import { need, refusalOf, type Stage } from '../stage.ts'

export async function outside(stage: Stage): Promise<void> {
  const { reader, material, custodian } = stage
  const consent = need(stage.progress.consent, 'the consent')
  const places = [
    ['before', material.window.first - 1],
    ['after', material.window.end],
  ] as const
  for (const [name, number] of places) {
    const hour = quantity<UtcHour>(number)
    const end = quantity<UtcHour>(number + 1)
    const refused = await refusalOf(reader.institution.reader.read(consent, { window: { first: hour, end } }))
    stage.check(`the hour ${name} is refused by the custodian`, refused === 'HOURS_NOT_GRANTED', refused)
    const objects = await ciphertextOf(custodian, (place) => place.kind === 'glucose' && place.hour === hour)
    const probe = await probeWith(stage, consent, objects)
    stage.check(
      `the ciphertext of the hour ${name}, held in hand, opens with none of the reader’s keys`,
      probe.opened === 0 && probe.attempts > 0,
      seen(probe),
    )
  }
  stage.note({ refusals: 2 })
}

/** Stored objects of a custodian that hold chunks of the wanted places, read from its disk as somebody with the disk would. */
export async function ciphertextOf(
  custodian: Hosted,
  wanted: (place: ReturnType<typeof placesOf>[number]) => boolean,
): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = []
  for await (const cid of custodian.store.list()) {
    const bytes = await custodian.store.get(cid)
    if (placesOf(bytes).some(wanted)) found.push(bytes)
  }
  return found
}

/** Tries every key of the reader's newest envelope on objects. */
export async function probeWith(
  stage: Stage,
  consent: Parameters<Hosted['institution']['reader']['covers']>[0],
  objects: readonly Uint8Array[],
): Promise<Probe> {
  const { reader } = stage.reader.institution
  const covers = await reader.covers(consent)
  const grant = need(
    reader.grants().find((one) => one.consentId === consent),
    'the grant',
  )
  return tryEveryKey(nodeCrypto, covers, fromBase64Url(grant.ownership.body.stream), objects)
}

export function seen(probe: Probe): string {
  const failures = Object.entries(probe.failures)
    .map(([code, count]) => `${count} × ${code}`)
    .join(', ')
  return `${probe.attempts} attempts with ${probe.keys} keys: ${probe.opened} opened${failures === '' ? '' : `, ${failures}`}`
}
