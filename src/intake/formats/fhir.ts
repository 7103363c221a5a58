/**
 * FHIR R4: CGM bundles of the HL7 CGM guide, single resources, and newline-delimited bulk files.
 *
 * Source: hl7.fhir.uv.cgm 1.0.0 (readings 99504-3 mg/dL and 105272-9 mmol/L), LOINC for finger sticks, ketone, HbA1c and
 * carbohydrates, UCUM units. Laws: the unit written beside the value wins over the one that the code implies;
 * `dataAbsentReason` is no reading; patients and devices are never stored; summaries are no readings.
 */
import type { GlucoseUnit } from '../../vocabulary/index.ts'
import { jsonNumber } from '../decimals.ts'
import { type Context, type Draft, drop, type Moment, type Outcome, type Sheet } from '../draft.ts'
import { FHIR_SYSTEM, PSEUDONYM_SYSTEM, readMarks } from '../fhir-marks.ts'
import { type Entry, isObject, type JsonObject, list, text } from '../json-text.ts'
import { localOf, readStamp } from '../stamps.ts'
import {
  activity,
  cleanText,
  glucose,
  insulin,
  meal,
  note,
  outside,
  ownEvent,
  unitIn,
  type Value,
} from '../values.ts'

const GLUCOSE: Readonly<Record<string, readonly [unit: GlucoseUnit, method: 'cgm' | 'smbg']>> = {
  '99504-3': ['mg/dL', 'cgm'],
  '105272-9': ['mmol/L', 'cgm'],
  '2344-0': ['mg/dL', 'cgm'],
  '14745-4': ['mmol/L', 'cgm'],
  '2339-0': ['mg/dL', 'smbg'],
  '15074-8': ['mmol/L', 'smbg'],
  '41653-7': ['mg/dL', 'smbg'],
  '32016-8': ['mg/dL', 'smbg'],
  '14743-9': ['mmol/L', 'smbg'],
}
/** Laboratory values that Islet keeps: HbA1c, serum glucose, ketone, creatinine, eGFR, lipids, albumin/creatinine. */
const LABORATORY = new Set([
  '4548-4',
  '59261-8',
  '17856-6',
  '2345-7',
  '14749-6',
  '66441-7',
  '53060-9',
  '6873-4',
  '2160-0',
  '33914-3',
  '98979-8',
  '2093-3',
  '2085-9',
  '13457-7',
  '2571-8',
  '9318-7',
  '14959-1',
])
const CARBS = '9059-7'
const VOID = new Set(['entered-in-error', 'cancelled', 'not-done'])

/** Reads FHIR resources. */
export function readFhir(entries: readonly Entry[], _context: Context): Sheet {
  const models = new Map<string, string>()
  for (const { value } of entries) {
    if (value === undefined || text(value['resourceType']) !== 'Device') continue
    const names = list(value['deviceName']).map((name) => (isObject(name) ? (text(name['name']) ?? '') : ''))
    models.set(`Device/${text(value['id']) ?? ''}`, names.join(' '))
  }
  const outcomes = entries.map(({ line, value }): Outcome => {
    if (value === undefined) return drop(line, 'BROKEN_ROW')
    const type = text(value['resourceType'])
    if (type === undefined) return drop(line, 'BROKEN_ROW')
    if (type === 'Patient' || type === 'RelatedPerson' || type === 'Person') return drop(line, 'IDENTITY')
    if (type === 'Device' || type === 'DeviceMetric') return drop(line, 'SETTINGS')
    if (type !== 'Observation' && type !== 'MedicationAdministration') return drop(line, 'NOT_GLUCOSE')
    if (VOID.has(text(value['status']) ?? '')) return drop(line, 'DELETED')
    const one = type === 'Observation' ? observation(value) : administration(value)
    if ('drop' in one) return drop(line, one.drop)
    const moment = momentOf(value, one.body.type === 'laboratory')
    if (moment === undefined) return drop(line, 'UNPARSED_TIME')
    const { local, tick, device } = readMarks(value)
    const reference = text(isObject(value['device']) ? value['device']['reference'] : undefined)
    const source = device ?? reference
    const draft: Draft = {
      body: one.body,
      moment: local === undefined ? moment : { ...moment, local },
      ...(source === undefined ? {} : { source }),
      ...(tick === undefined ? {} : { tick }),
    }
    const subject = isObject(value['subject']) ? text(value['subject']['reference']) : undefined
    return { line, person: subject ?? '', drafts: [draft] }
  })
  return { format: 'fhir', outcomes: anonymous(outcomes, pseudonyms(entries)), models }
}

/** The pseudonyms that our own export gave to its patients, by reference. */
function pseudonyms(entries: readonly Entry[]): Map<string, string> {
  const found = new Map<string, string>()
  for (const { value } of entries) {
    if (value === undefined || text(value['resourceType']) !== 'Patient') continue
    for (const identifier of list(value['identifier'])) {
      if (!isObject(identifier) || identifier['system'] !== PSEUDONYM_SYSTEM) continue
      const name = cleanText(text(identifier['value']) ?? '')
      if (name !== '') found.set(`Patient/${text(value['id']) ?? ''}`, name)
    }
  }
  return found
}

/** Patients of others become running numbers: a resource id may be a record number. */
function anonymous(outcomes: readonly Outcome[], numbers: Map<string, string>): readonly Outcome[] {
  return outcomes.map((outcome) => {
    if ('drop' in outcome) return outcome
    const number = numbers.get(outcome.person) ?? String(numbers.size + 1)
    numbers.set(outcome.person, number)
    return { ...outcome, person: number }
  })
}

function codesOf(concept: unknown): readonly { readonly system: string; readonly code: string }[] {
  return list(isObject(concept) ? concept['coding'] : undefined).flatMap((coding) =>
    isObject(coding) && typeof coding['code'] === 'string'
      ? [{ system: text(coding['system']) ?? '', code: coding['code'] }]
      : [],
  )
}

function observation(value: JsonObject): Value {
  const codes = codesOf(value['code'])
  const quantity = isObject(value['valueQuantity']) ? value['valueQuantity'] : undefined
  const number = quantity === undefined ? undefined : jsonNumber(quantity['value'])
  const unitText = quantity === undefined ? '' : (text(quantity['code']) ?? text(quantity['unit']) ?? '')
  for (const { system, code } of codes) {
    if (system === FHIR_SYSTEM) return ownObservation(code, value, number)
    const known = Object.hasOwn(GLUCOSE, code) ? GLUCOSE[code] : undefined
    if (known !== undefined) {
      if (quantity === undefined || number === undefined) {
        return {
          drop: isObject(value['dataAbsentReason']) || quantity === undefined ? 'NO_VALUE' : 'UNPARSED_VALUE',
        }
      }
      const unit =
        unitIn(unitText) ?? unitIn(text(quantity['unit']) ?? '') ?? (unitText === '' ? known[0] : undefined)
      if (unit === undefined) return { drop: 'UNPARSED_VALUE' }
      const method = readMarks(value).method ?? known[1]
      const comparator = text(quantity['comparator'])
      if (comparator === '<' || comparator === '<=') return outside('low', unit, method, number)
      if (comparator === '>' || comparator === '>=') return outside('high', unit, method, number)
      return glucose(number, unit, method)
    }
    if (code === CARBS) return number === undefined ? { drop: 'NO_VALUE' } : meal(number)
    if (LABORATORY.has(code)) {
      if (number === undefined) return { drop: 'NO_VALUE' }
      return { body: { type: 'laboratory', code, value: number, unit: unitText } }
    }
  }
  return { drop: 'NOT_GLUCOSE' }
}

/** Observations that our own export writes for what has no standard code. */
function ownObservation(code: string, value: JsonObject, number: number | undefined): Value {
  const written = text(value['valueString']) ?? ''
  switch (code) {
    case 'activity':
      return activity(number, readMarks(value).intensity)
    case 'note':
      return note(written)
    case 'device':
      return ownEvent(written)
    case 'laboratory': {
      const marks = readMarks(value)
      const quantity = isObject(value['valueQuantity']) ? value['valueQuantity'] : {}
      if (number === undefined || marks.code === undefined) return { drop: 'NO_VALUE' }
      return {
        body: { type: 'laboratory', code: marks.code, value: number, unit: text(quantity['unit']) ?? '' },
      }
    }
    default:
      return { drop: 'NOT_GLUCOSE' }
  }
}

const DELIVERIES = ['bolus', 'basal', 'long-acting', 'rapid-acting', 'correction'] as const

function administration(value: JsonObject): Value {
  const dosage = isObject(value['dosage']) ? value['dosage'] : {}
  const dose = isObject(dosage['dose']) ? dosage['dose'] : {}
  const unit = text(dose['code']) ?? text(dose['unit']) ?? ''
  const units = jsonNumber(dose['value'])
  const medication = JSON.stringify(value['medicationCodeableConcept'] ?? '').toLowerCase()
  if (
    !/insulin|humalog|novolog|novorapid|lantus|fiasp|tresiba|levemir|apidra|toujeo|humulin|lyumjev/.test(
      medication,
    )
  ) {
    return { drop: 'NOT_GLUCOSE' }
  }
  if (units === undefined || !/^(\[?iu\]?|u|units?|\[iU\])$/i.test(unit)) return { drop: 'UNPARSED_VALUE' }
  const marks = readMarks(value)
  const delivery = DELIVERIES.find((one) => one === marks.delivery)
  return insulin(
    units,
    delivery ??
      (/glargine|degludec|detemir|lantus|tresiba|levemir|toujeo/.test(medication) ? 'long-acting' : 'bolus'),
    marks.seconds,
  )
}

function momentOf(value: JsonObject, dateOnly: boolean): Moment | undefined {
  const period = isObject(value['effectivePeriod']) ? text(value['effectivePeriod']['start']) : undefined
  const written = text(value['effectiveDateTime']) ?? text(value['effectiveInstant']) ?? period
  if (written === undefined) return undefined
  if (!dateOnly && !/\d:\d/.test(written)) return undefined
  const stamp = readStamp(written)
  const local = stamp === undefined ? undefined : localOf(stamp, undefined)
  if (local === undefined) return undefined
  if (stamp?.offset === undefined) return { local }
  return stamp.offset === 0 ? { instant: local } : { instant: local - stamp.offset, local }
}
