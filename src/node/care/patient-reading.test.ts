/** Clinicians read what names them, and the panel shows nothing of a patient who stopped sharing. */
import { expect, test } from 'vitest'
import type { StaffMember } from '../../care/index.ts'
import { codeOf, granted, scene } from '../../consent/testing/scene.ts'
import { at, DAY, START } from '../../consent/testing/town.ts'
import { hash32, toBase64Url } from '../../vocabulary/index.ts'
import { patientReading } from './patient-reading.ts'

const LEE: StaffMember = {
  handle: 'dr-lee',
  name: 'Dr Lee',
  key: hash32(`0x${'11'.repeat(32)}`),
  duty: 'clinician',
}
const OTHER: StaffMember = { ...LEE, handle: 'dr-no', name: 'Dr No' }
const WINDOW = { from: at(START - 4 * DAY), until: at(START + 30 * DAY), expiresAt: at(START + 30 * DAY) }

test('a grant is read by whom it names, its figures serve for minutes, and for nobody once it was stopped', async () => {
  const s = await scene()
  const { reader } = s.north.open
  const readings = patientReading({ reader, chain: s.north.chain, clock: () => at(s.place.now) })
  const consent = await granted(s, s.north, WINDOW)
  expect(readings.grantsFor(OTHER)).toEqual([])
  expect(await codeOf(Promise.resolve().then(() => readings.grantFor(OTHER, consent)))).toBe(
    'CONSENT_NOT_HANDED_OVER',
  )
  const grant = readings.grantFor(LEE, consent)
  expect((await readings.figures(LEE, grant)).figures?.readings).toBe(4 * 288)
  const reads = () => s.place.wire.filter(({ type }) => type === 'read').length
  const before = reads()
  s.place.now += 600
  expect((await readings.figures(LEE, grant)).figures?.readings).toBe(4 * 288)
  expect(reads()).toBe(before)
  await s.anna.revoke(consent)
  expect(await codeOf(readings.figures(LEE, grant))).toBe('CONSENT_REVOKED')
})

test('a patient’s grants stand together, what has ended last, else the newest first', async () => {
  const s = await scene()
  const readings = patientReading({
    reader: s.north.open.reader,
    chain: s.north.chain,
    clock: () => at(s.place.now),
  })
  const long = await granted(s, s.north, WINDOW)
  s.place.now += 60
  const visit = await granted(s, s.north, { ...WINDOW, until: at(START + DAY), expiresAt: at(START + DAY) })
  const order = () => readings.grantsFor(LEE).map((grants) => grants.map(({ consentId }) => consentId))
  expect(order()).toEqual([[visit, long]])
  s.place.now = START + 2 * DAY
  expect(order()).toEqual([[long, visit]])
  expect(readings.grantFor(LEE, visit).consentId).toBe(visit)
})

test('an emergency envelope is no grant for the panel', async () => {
  const s = await scene()
  const second = {
    institution: s.east.id,
    name: s.east.name,
    hpkeKey: toBase64Url(s.east.keys.hpke.publicKey),
  }
  await granted(s, s.north, { ...WINDOW, subject: { type: 'institution' }, purposes: ['ETREAT'], second })
  const { reader } = s.north.open
  const readings = patientReading({ reader, chain: s.north.chain, clock: () => at(s.place.now) })
  expect(reader.grants().length).toBe(1)
  expect(readings.grantsFor(LEE)).toEqual([])
})
