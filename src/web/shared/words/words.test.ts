import { describe, expect, test } from 'vitest'
import { de as clinicianDe } from '../../clinician/words/de.ts'
import { en as clinicianEn } from '../../clinician/words/en.ts'
import { de as medicationDe } from '../../medication/words/de.ts'
import { en as medicationEn } from '../../medication/words/en.ts'
import { de as operatorDe } from '../../operator/words/de.ts'
import { en as operatorEn } from '../../operator/words/en.ts'
import { de as devicesDe } from '../../patient/devices/words/de.ts'
import { en as devicesEn } from '../../patient/devices/words/en.ts'
import { de as studiesDe } from '../../patient/studies/words/de.ts'
import { en as studiesEn } from '../../patient/studies/words/en.ts'
import { de as patientDe } from '../../patient/words/de.ts'
import { en as patientEn } from '../../patient/words/en.ts'
import { de as researchDe } from '../../research/words/de.ts'
import { en as researchEn } from '../../research/words/en.ts'
import { de as reviewDe } from '../../review/words/de.ts'
import { en as reviewEn } from '../../review/words/en.ts'
import { de as forecastDe } from '../forecast/words/de.ts'
import { en as forecastEn } from '../forecast/words/en.ts'
import { de } from './de.ts'
import { en } from './en.ts'

/** One row per part of the app; a role adds its own. */
const PARTS = [
  {
    part: 'frame',
    english: { ...en, ahead: forecastEn },
    german: { ...de, ahead: forecastDe },
  },
  { part: 'patient', english: patientEn, german: patientDe },
  { part: 'devices of a patient', english: devicesEn, german: devicesDe },
  { part: 'studies of a patient', english: studiesEn, german: studiesDe },
  { part: 'operator', english: operatorEn, german: operatorDe },
  { part: 'research', english: researchEn, german: researchDe },
  { part: 'medication', english: medicationEn, german: medicationDe },
  { part: 'review', english: reviewEn, german: reviewDe },
  { part: 'clinician', english: clinicianEn, german: clinicianDe },
] as const

/** Every text of a language with its place; of a function, what it says of something. */
function texts(value: unknown, place = ''): readonly (readonly [string, string])[] {
  if (typeof value === 'string') return [[place, value]]
  if (typeof value === 'function') return [[place, String(value(2, '3', '4', 'mg/dL'))]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) => texts(part, `${place}/${name}`))
}

describe.each(PARTS)('the words of the $part', ({ english, german }) => {
  test('each language says everything, nothing twice as empty or undefined', () => {
    const places = (language: unknown) => texts(language).map(([place]) => place)
    expect(places(german).length).toBeGreaterThan(20)
    expect(places(german)).toEqual(places(english))
    for (const [place, text] of [...texts(english), ...texts(german)]) {
      expect(text.trim(), place).not.toBe('')
      expect(text, place).not.toContain('undefined')
    }
  })

  test.each([
    ['en', english, /\b(wallet|gas|blockchain|cryptograph\w*|hash|ciphertext)\b/i],
    ['de', german, /\b(wallet|gas|blockchain|kryptograph\w*|hash|chiffre)\b/i],
  ] as const)('%s uses no word of the machinery', (_, language, machinery) => {
    for (const [place, text] of texts(language)) expect(text, place).not.toMatch(machinery)
  })
})

test.each([
  {
    language: 'English',
    own: patientEn,
    devices: devicesEn,
    clinician: clinicianEn,
    medication: medicationEn,
  },
  {
    language: 'German',
    own: patientDe,
    devices: devicesDe,
    clinician: clinicianDe,
    medication: medicationDe,
  },
])(
  '$language says of damaged hours how many they are, and of one that it is one',
  ({ own, devices, clinician, medication }) => {
    const sentences = [
      own.data.takenWithout,
      devices.leftOut,
      clinician.panel.leftOut,
      clinician.patient.leftOut,
      medication.leftOut,
    ]
    for (const sentence of sentences) {
      expect(sentence(1)).not.toMatch(/\d|hours|Stunden/)
      expect(sentence(12)).toMatch(/12 (hours|Stunden)/)
    }
  },
)
