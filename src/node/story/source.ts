/**
 * Whom the story is about: the person of an export, or virtual people; and a persona who leaves at the end.
 *
 * Law: nothing is invented about a user's own data; who is simulated is marked so. Of several people in the files the one
 * with the most glucose is taken, and that is said.
 */
import { type IntakeDocument, mergeRecords } from '../../intake/index.ts'
import { cohort } from '../../physiology/index.ts'
import type { HealthRecord } from '../../series/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { FUTURE_REMEDY, FUTURE_WORDS, futureRows } from './future-rows.ts'
import { LEAST_READINGS, type Material, materialOf } from './material.ts'
import type { Source } from './stage.ts'

/** Everybody in the story, and where their records come from. */
export interface Cast {
  readonly material: Material
  /** A virtual person who is erased at the end. */
  readonly leaving: Material
  readonly source: Source
  /** What the person at the keyboard should know about how their files were taken. */
  readonly remarks: readonly string[]
}

/** Days that the main virtual person lives; the one who leaves needs one. */
const DAYS = 14
const LEAVING_DAYS = 1

/** Two virtual people; the same seed gives the same people. */
export function virtualCast(seed: number): Cast {
  const [first] = cohort({ seed, people: 1, days: DAYS }).people
  if (first === undefined) throw new IsletError('BAD_SCENARIO', 'the cohort is empty')
  return {
    material: materialOf(first.id, first.records, true),
    leaving: leavingPerson(seed),
    source: { reports: [], seed },
    remarks: [],
  }
}

/** The person of a user's own files. Throws `TOO_LITTLE_GLUCOSE`, `READINGS_IN_FUTURE`. */
export function castOfFiles(documents: readonly IntakeDocument[], seed: number): Cast {
  const { person, records, remarks } = mostGlucose(documents)
  return {
    material: materialOf(person, records, false),
    leaving: leavingPerson(seed),
    source: { reports: documents, seed },
    remarks,
  }
}

function leavingPerson(seed: number): Material {
  const people = cohort({ seed: seed + 1, people: 1, days: LEAVING_DAYS }).people
  const [person] = people
  if (person === undefined) throw new IsletError('BAD_SCENARIO', 'the cohort is empty')
  return materialOf(person.id, person.records, true)
}

interface Chosen {
  readonly person: string
  readonly records: readonly HealthRecord[]
  readonly remarks: readonly string[]
}

/**
 * The first file decides who it is: the one with the most glucose in it. From the others come the records under the same
 * pseudonym, or, where a file knows one person only, that person's.
 */
function mostGlucose(documents: readonly IntakeDocument[]): Chosen {
  const remarks: string[] = []
  const [first, ...others] = documents
  const people = [...(first?.people ?? [])].sort((a, b) => glucoseOf(b.records) - glucoseOf(a.records))
  const [chosen] = people
  if (chosen === undefined || glucoseOf(chosen.records) < LEAST_READINGS) requireThePast(documents)
  if (chosen === undefined) {
    throw new IsletError(
      'TOO_LITTLE_GLUCOSE',
      'the file holds no glucose reading',
      { readings: 0 },
      { remedy: 'see what islet read FILE says about it' },
    )
  }
  if (people.length > 1) {
    remarks.push(`${people.length} people are in the file; the one with the most glucose is taken`)
  }
  let records: readonly HealthRecord[] = chosen.records
  let floating = chosen.clock === 'floating'
  for (const document of others) {
    const [only] = document.people
    const same =
      document.people.find(({ id }) => id === chosen.id) ?? (document.people.length === 1 ? only : undefined)
    if (same === undefined) {
      remarks.push('a further file holds several people and none of them is the first file’s: it is left out')
      continue
    }
    if (same.clock === 'floating') floating = true
    records = [...records, ...mergeRecords(records, same.records).added]
  }
  const future = futureRowsOf(documents)
  if (future > 0) remarks.push(`${future} rows are left out: ${FUTURE_WORDS}`)
  if (floating)
    remarks.push('the file names no time zone: its clock is read as UTC (say --tz ZONE to place it)')
  return { person: chosen.id, records: [...records].sort((a, b) => a.at - b.at), remarks }
}

function futureRowsOf(documents: readonly IntakeDocument[]): number {
  return documents.reduce((sum, document) => sum + futureRows(document), 0)
}

/** Where too little is left because rows were dropped as later than the present, that is the fault to name. */
function requireThePast(documents: readonly IntakeDocument[]): void {
  const future = futureRowsOf(documents)
  if (future === 0) return
  throw new IsletError(
    'READINGS_IN_FUTURE',
    `${future} rows are ${FUTURE_WORDS}, and too little is left without them`,
    { rows: future },
    { remedy: FUTURE_REMEDY },
  )
}

function glucoseOf(records: readonly HealthRecord[]): number {
  return records.filter((record) => record.type === 'glucose').length
}
