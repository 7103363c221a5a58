import { describe, expect, it } from 'vitest'
import { readDocument } from '../index.ts'
import { bytes } from '../testing/sums.ts'

const read = (document: unknown, options = {}) => readDocument(bytes(JSON.stringify(document)), options)

function reading(change: Readonly<Record<string, unknown>> = {}) {
  return {
    resourceType: 'Observation',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '99504-3' }] },
    subject: { reference: 'Patient/mrn-4711' },
    effectiveDateTime: '2024-05-02T10:15:00+02:00',
    valueQuantity: { value: 120, unit: 'mg/dl', system: 'http://unitsofmeasure.org', code: 'mg/dL' },
    ...change,
  }
}
const coded = (code: string) => ({ coding: [{ system: 'http://loinc.org', code }] })
const quantity = (value: number, code: string) => ({
  value,
  unit: code,
  system: 'http://unitsofmeasure.org',
  code,
})

describe('FHIR', () => {
  it.each([
    [{}, { value: 120, unit: 'mg/dL', method: 'cgm' }, 'CGM in mg/dL'],
    [
      { code: coded('105272-9'), valueQuantity: quantity(6.7, 'mmol/L') },
      { value: 6.7, unit: 'mmol/L' },
      'CGM in mmol/L',
    ],
    [{ valueQuantity: quantity(6.7, 'mmol/L') }, { unit: 'mmol/L' }, 'the written unit wins over the code'],
    [{ valueQuantity: { value: 120 } }, { unit: 'mg/dL' }, 'no unit: the code implies it'],
    [{ code: coded('2339-0') }, { method: 'smbg' }, 'a finger stick'],
    [
      { valueQuantity: { ...quantity(40, 'mg/dL'), comparator: '<' } },
      { value: 39, text: 'low' },
      'below the limit',
    ],
    [
      { valueQuantity: { ...quantity(400, 'mg/dL'), comparator: '>' } },
      { value: 401, text: 'high' },
      'above the limit',
    ],
    [
      { code: coded('4548-4'), valueQuantity: quantity(6.8, '%') },
      { type: 'laboratory', value: 6.8, unit: '%' },
      'HbA1c',
    ],
    [
      { code: coded('9059-7'), valueQuantity: quantity(45, 'g') },
      { type: 'meal', carbs: 45 },
      'carbohydrates',
    ],
  ])('%j', (change, expected, _why) => {
    const document = read(reading(change))
    expect(document.people[0]?.records[0]).toMatchObject({
      at: Date.parse('2024-05-02T08:15:00Z') / 1000,
      local: Date.parse('2024-05-02T10:15:00Z') / 1000,
      ...expected,
    })
    expect(document.people[0]?.id).toBe('1')
    expect(JSON.stringify(document)).not.toContain('4711')
  })

  it.each([
    [{ valueQuantity: undefined, dataAbsentReason: { text: 'sensor error' } }, 'NO_VALUE'],
    [{ status: 'entered-in-error' }, 'DELETED'],
    [{ effectiveDateTime: '2024-05-02' }, 'UNPARSED_TIME'],
    [{ effectiveDateTime: undefined }, 'UNPARSED_TIME'],
    [{ code: coded('97507-8') }, 'NOT_GLUCOSE'],
    [{ code: coded('constructor') }, 'NOT_GLUCOSE'],
    [{ valueQuantity: quantity(120, 'lbs') }, 'UNPARSED_VALUE'],
    [{ resourceType: 'Patient' }, 'IDENTITY'],
    [{ resourceType: 'Device' }, 'SETTINGS'],
    [{ resourceType: 'Condition' }, 'NOT_GLUCOSE'],
  ])('%j is dropped as %s', (change, reason) => {
    expect(read(reading(change))).toMatchObject({
      rows: 1,
      kept: 0,
      dropped: [{ reason, count: 1, lines: [1] }],
    })
  })

  it('insulin given is read; other medication is not', () => {
    const given = {
      resourceType: 'MedicationAdministration',
      status: 'completed',
      subject: { reference: 'Patient/x' },
      effectiveDateTime: '2024-05-02T10:15:00Z',
      dosage: { dose: { value: 4.5, code: '[iU]', system: 'http://unitsofmeasure.org' } },
    }
    const insulin = read({ ...given, medicationCodeableConcept: { text: 'Insulin lispro' } })
    expect(insulin.people[0]?.records[0]).toMatchObject({ type: 'insulin', units: 4.5 })
    const other = read({ ...given, medicationCodeableConcept: { text: 'metformin' } })
    expect(other.dropped[0]?.reason).toBe('NOT_GLUCOSE')
  })

  it('bundles of two patients and newline-delimited bulk files keep people apart', () => {
    const other = reading({ subject: { reference: 'Patient/other' } })
    const bundle = {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: reading() }, { resource: other }, {}],
    }
    const document = read(bundle)
    expect(document).toMatchObject({ rows: 3, kept: 2, dropped: [{ reason: 'BROKEN_ROW', lines: [3] }] })
    expect(document.people.map(({ id }) => id)).toEqual(['1', '2'])
    const bulk = `${JSON.stringify(reading())}\n${JSON.stringify(other)}\n`
    expect(readDocument(bytes(bulk))).toMatchObject({ format: 'fhir', rows: 2, kept: 2 })
  })
})
