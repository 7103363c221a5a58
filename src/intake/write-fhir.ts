/**
 * Records → FHIR R4 bundle of type collection: readings as the HL7 CGM guide writes them, the rest as Observations and
 * MedicationAdministrations, so that an export serves others and comes back without loss (GDPR article 20).
 *
 * Source: hl7.fhir.uv.cgm 1.0.0; LOINC 99504-3, 105272-9, 2339-0, 15074-8, 9059-7; UCUM. What the guide has no place for
 * (local clock, device tick) stands in extensions (`fhir-marks`). Law: the pseudonym given by the caller is the only
 * identifier in it.
 */
import type { Glucose, HealthRecord, Insulin } from '../series/index.ts'
import { formatInstant, MG_PER_DL_PER_MMOL_PER_L } from '../vocabulary/index.ts'
import { FHIR_SYSTEM, type Marks, PSEUDONYM_SYSTEM, writeMarks } from './fhir-marks.ts'
import type { JsonObject } from './json-text.ts'
import type { Holding } from './own-csv.ts'

const UCUM = 'http://unitsofmeasure.org'
const LOINC = 'http://loinc.org'
const PROFILE = 'http://hl7.org/fhir/uv/cgm/StructureDefinition/'
const LABORATORY = [
  {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' }],
  },
]

/** A bundle of everything; `subject` is `Patient/<id>` with the given pseudonym. */
export function writeFhir(people: readonly Holding[]): JsonObject {
  const entry: JsonObject[] = []
  people.forEach(({ id, records, zone }, index) => {
    const name = `person-${index + 1}`
    entry.push({
      resource: {
        resourceType: 'Patient',
        id: name,
        extension: writeMarks({ zone: zone ?? 'unknown' }),
        identifier: [{ system: PSEUDONYM_SYSTEM, value: id }],
      },
    })
    for (const record of records)
      entry.push({ resource: resourceOf(record, { reference: `Patient/${name}` }) })
  })
  return { resourceType: 'Bundle', type: 'collection', entry }
}

function resourceOf(record: HealthRecord, subject: JsonObject): JsonObject {
  switch (record.type) {
    case 'glucose':
      return observation(record, subject, glucoseContent(record), { method: record.method })
    case 'insulin':
      return administration(record, subject)
    case 'meal':
      return observation(record, subject, {
        code: coded(LOINC, '9059-7'),
        valueQuantity: measured(record.carbs, 'g', 'g'),
      })
    case 'activity':
      return observation(
        record,
        subject,
        {
          code: coded(FHIR_SYSTEM, 'activity'),
          ...(record.seconds === undefined ? {} : { valueQuantity: measured(record.seconds, 's', 's') }),
        },
        record.intensity === undefined ? {} : { intensity: record.intensity },
      )
    case 'laboratory':
      return observation(
        record,
        subject,
        {
          code: {
            coding: [
              { system: FHIR_SYSTEM, code: 'laboratory' },
              { system: LOINC, code: record.code },
            ],
          },
          category: LABORATORY,
          valueQuantity: measured(record.value, record.unit, record.unit),
        },
        { code: record.code },
      )
    case 'note':
      return observation(record, subject, { code: coded(FHIR_SYSTEM, 'note'), valueString: record.text })
    case 'device':
      return observation(record, subject, { code: coded(FHIR_SYSTEM, 'device'), valueString: record.event })
    default:
      return record satisfies never
  }
}

function glucoseContent({ value, unit, method, text }: Glucose): JsonObject {
  const mass = unit === 'mg/dL'
  const code = method === 'smbg' ? (mass ? '2339-0' : '15074-8') : mass ? '99504-3' : '105272-9'
  const profile = mass ? 'cgm-sensor-reading-mass-per-volume' : 'cgm-sensor-reading-moles-per-volume'
  return {
    ...(method === 'smbg' ? {} : { meta: { profile: [PROFILE + profile] } }),
    category: LABORATORY,
    code: coded(LOINC, code),
    valueQuantity:
      text === undefined
        ? measured(value, mass ? 'mg/dl' : 'mmol/l', unit)
        : {
            ...measured(limitOf(value, unit, text), mass ? 'mg/dl' : 'mmol/l', unit),
            comparator: text === 'low' ? '<' : '>',
          },
  }
}

/** The device limit behind a textual reading's substitute: one mg/dL towards the range. */
function limitOf(value: number, unit: Glucose['unit'], text: 'low' | 'high'): number {
  const step = text === 'low' ? 1 : -1
  if (unit === 'mg/dL') return value + step
  const mgPerDl = value * MG_PER_DL_PER_MMOL_PER_L
  const whole = Math.round(mgPerDl)
  return (Math.abs(whole - mgPerDl) < 1e-6 ? whole + step : mgPerDl + step) / MG_PER_DL_PER_MMOL_PER_L
}

function observation(
  record: HealthRecord,
  subject: JsonObject,
  content: JsonObject,
  marks: Marks = {},
): JsonObject {
  return {
    resourceType: 'Observation',
    ...content,
    status: 'final',
    subject,
    effectiveDateTime: formatInstant(record.at, record.local),
    extension: writeMarks({ ...clocks(record), ...marks }),
  }
}

function administration(record: Insulin, subject: JsonObject): JsonObject {
  return {
    resourceType: 'MedicationAdministration',
    status: 'completed',
    medicationCodeableConcept: { text: 'insulin' },
    subject,
    effectiveDateTime: formatInstant(record.at, record.local),
    dosage: { dose: measured(record.units, 'U', '[iU]') },
    extension: writeMarks({
      ...clocks(record),
      delivery: record.delivery,
      ...(record.seconds === undefined ? {} : { seconds: record.seconds }),
    }),
  }
}

function clocks({ local, tick, device }: HealthRecord): Marks {
  return {
    local,
    ...(tick === undefined ? {} : { tick }),
    ...(device === undefined ? {} : { device: String(device) }),
  }
}

function coded(system: string, code: string): JsonObject {
  return { coding: [{ system, code }] }
}

function measured(value: number, unit: string, code: string): JsonObject {
  return { value, unit, system: UCUM, code }
}
