import { describe, expect, it } from 'vitest'
import { hourOf, type LocalSeconds, quantity } from '../vocabulary/index.ts'
import { askOf, at, DAY, START, town, trace } from './testing/town.ts'

async function shared() {
  const place = town()
  const north = await place.house('North Clinic')
  const south = await place.house('South Hospital')
  await place.house('East Lab')
  const anna = await place.patient('anna')
  await anna.enrol(south.id)
  const readings = trace(START - 5 * DAY, START)
  await anna.add(readings, { fill: true })
  await south.open.tick(true)
  const mailbox = await anna.openMailbox('North Clinic')
  await north.open.reader.ask(
    { custodian: south.id, mailbox },
    askOf(north, { from: at(START - 4 * DAY), until: at(START - DAY) }),
    north.chain,
  )
  return { place, north, south, anna, readings }
}

describe('sharing', () => {
  it('opens exactly the granted hours, verified against the anchored root', async () => {
    const { north, anna, readings } = await shared()
    const { requests } = await anna.collect()
    const [pending] = requests
    const grant = await anna.grant(pending!.request, {}, { requestId: pending!.id })
    expect(grant.status).toBe('active')
    const reading = await north.open.reader.read(grant.handOver.consentId)
    expect(reading.records).toEqual(readings.filter((r) => r.at >= START - 4 * DAY && r.at < START - DAY))
    expect(new Set(reading.chunks.map((chunk) => chunk.anchor.code))).toEqual(new Set(['ANCHORED']))
    expect((await anna.collect()).requests).toEqual([])
  })
})
