/**
 * Generic CSV: one row per reading, columns for the person, the time and the value, several people allowed.
 *
 * Law: columns are found by name (a closed list of synonyms); the unit stands in the header, in a column of its own, or
 * is decided by the values, else refused. The person column is the file's own pseudonym and is kept.
 */
import { type GlucoseUnit, IsletError } from '../../vocabulary/index.ts'
import { decideUnit } from '../decide-unit.ts'
import { decimal } from '../decimals.ts'
import { headerCells, isOverlong, readRows } from '../delimited.ts'
import { type Context, drop, type Moment, type Outcome, type Sheet } from '../draft.ts'
import { decideOrder, localOf, readClock, readStamp, type Stamp } from '../stamps.ts'
import { cleanText, glucoseFromText, unitIn } from '../values.ts'

const PERSON = [
  'id',
  'subject',
  'subject_id',
  'subjectid',
  'patient',
  'patient_id',
  'patientid',
  'person',
  'person_id',
  'participant',
  'participant_id',
  'ptid',
  'pid',
  'deidentid',
  'usubjid',
  'user_id',
  'userid',
]
const TIME = [
  'datetime',
  'date_time',
  'timestamp',
  'device_timestamp',
  'devicetime',
  'device_time',
  'localtime',
  'local_time',
  'display_time',
  'glucosedisplaytime',
  'displaytime',
  'datadtm',
  'time',
  'ts',
  'date',
  'datum',
  'zeit',
  'zeitpunkt',
  'uhrzeit',
  'fecha',
  'data',
  'horodatage',
]
const DATE = ['date', 'day', 'datum', 'fecha', 'data', 'jour']
const VALUE = [
  'gl',
  'glucose',
  'glucose_value',
  'glucosevalue',
  'glucose_level',
  'glucose_mgdl',
  'glucose_mg_dl',
  'glucose_mmol',
  'glucose_mmoll',
  'glucose_mmol_l',
  'sensor_glucose',
  'sensorglucose',
  'glycemia',
  'glukose',
  'glucosa',
  'glicose',
  'glucosio',
  'blood_glucose',
  'bg',
  'bgvalue',
  'bg_value',
  'sgv',
  'cgm',
  'cgm_value',
  'cbg',
  'udt_cgms',
  'reading',
  'value',
]
const UNIT = ['unit', 'units', 'einheit', 'unite']
const KIND = ['type', 'kind', 'method', 'source_type']

export interface CsvColumns {
  readonly person: number
  readonly time: number
  readonly value: number
  readonly unit: number
  readonly kind: number
  /** A date of its own beside a clock. */
  readonly date: number
}

/** The columns of a header row, or undefined when time or value is missing. */
export function csvColumns(row: readonly string[]): CsvColumns | undefined {
  const cells = headerCells(row)
  const names = cells.map(plainName)
  const find = (list: readonly string[]): number => {
    for (const name of list) {
      const index = names.indexOf(name)
      if (index >= 0) return index
    }
    return -1
  }
  const time = find(TIME)
  const named = find(VALUE)
  const value =
    named >= 0
      ? named
      : cells.findIndex((cell) => unitIn(cell) !== undefined && /glu[ck]|bg|gl\b|sugar/i.test(cell))
  if (time < 0 || value < 0 || time === value) return undefined
  const date = find(DATE)
  return {
    person: find(PERSON),
    time,
    value,
    unit: find(UNIT),
    kind: find(KIND),
    date: date === time ? -1 : date,
  }
}

function plainName(cell: string): string {
  return cell
    .trim()
    .toLowerCase()
    .replace(/\(.*?\)|\[.*?\]/g, '')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .replace(/_(mg_?dl?|mmol_?l?)(_l)?$/, '')
}

/** Reads `id,time,gl` in any spelling. Throws `HEADER_MISSING`, `UNIT_AMBIGUOUS`, `DATE_ORDER_AMBIGUOUS`. */
export function readCsv(text: string, delimiter: string, context: Context): Sheet {
  const rows = readRows(text, delimiter, context.limits, context.place)
  const at = rows.slice(0, 50).findIndex((row) => csvColumns(row.cells) !== undefined)
  const header = rows[at]
  const columns = header === undefined ? undefined : csvColumns(header.cells)
  if (header === undefined || columns === undefined) {
    throw new IsletError(
      'HEADER_MISSING',
      'the header names no column for the time or for the glucose value',
      {},
      {
        at: { ...context.place, line: rows[0]?.line ?? 1 },
        remedy: 'name the columns, for example id,time,gl',
      },
    )
  }
  const body = rows.slice(at + 1)
  const stamps = body.map((row) => stampOf(row.cells, columns))
  const order = decideOrder(
    stamps.map((stamp, index) => [body[index]?.line ?? 0, stamp] as const),
    context.options.dateOrder,
    context.place,
  )
  const values = function* (): Generator<readonly [number, number]> {
    for (const { line, cells } of body) {
      const value = decimal(cells[columns.value] ?? '')
      if (value !== undefined) yield [line, value]
    }
  }
  const headerUnit =
    unitIn(header.cells[columns.value] ?? '') ?? unitIn((header.cells[columns.value] ?? '').replace(/_/g, ''))
  const rowUnits =
    columns.unit >= 0 && body.some((row) => unitIn(row.cells[columns.unit] ?? '') !== undefined)
  const unit: GlucoseUnit =
    headerUnit ?? (rowUnits ? 'mg/dL' : decideUnit(values(), context.options.unit, context.place))
  const outcomes = body.map((row, index): Outcome => {
    const { line, cells } = row
    if (row.broken || isOverlong(cells, header.cells)) return drop(line, 'BROKEN_ROW')
    if (cells.length <= Math.max(columns.value, columns.time)) return drop(line, 'SHORT_ROW')
    const moment = momentOf(stamps[index], order)
    if (moment === undefined) return drop(line, 'UNPARSED_TIME')
    const person = columns.person < 0 ? '' : cleanText(cells[columns.person] ?? '')
    if (columns.person >= 0 && person === '') return drop(line, 'NO_PERSON')
    const written = (cells[columns.value] ?? '').trim()
    if (written === '' || /^(na|nan|null|none|-|\.)$/i.test(written)) return drop(line, 'NO_VALUE')
    const rowUnit = rowUnits ? unitIn(cells[columns.unit] ?? '') : unit
    if (rowUnit === undefined) return drop(line, 'UNPARSED_VALUE')
    const manual =
      columns.kind >= 0 &&
      /manual|smbg|finger|strip|bgm|meter/i.test((cells[columns.kind] ?? '').slice(0, 60))
    const value = glucoseFromText(written, rowUnit, manual ? 'smbg' : 'cgm')
    if ('drop' in value) return drop(line, value.drop)
    return { line, person, drafts: [{ body: value.body, moment }] }
  })
  return { format: 'csv', outcomes, models: new Map() }
}

function stampOf(cells: readonly string[], columns: CsvColumns): Stamp | undefined {
  const written = (cells[columns.time] ?? '').trim()
  if (/^\d{10}(\.\d+)?$/.test(written)) return { kind: 'fixed', local: Number(written), offset: 0 }
  if (/^\d{13}$/.test(written)) return { kind: 'fixed', local: Number(written) / 1000, offset: 0 }
  const stamp = readStamp(written)
  if (stamp !== undefined || columns.date < 0) return stamp
  return readClock(written) === undefined
    ? undefined
    : readStamp(`${(cells[columns.date] ?? '').trim()} ${written}`)
}

function momentOf(stamp: Stamp | undefined, order: 'dmy' | 'mdy' | undefined): Moment | undefined {
  if (stamp === undefined) return undefined
  const local = localOf(stamp, order)
  if (local === undefined) return undefined
  if (stamp.offset === undefined) return { local }
  return stamp.offset === 0 ? { instant: local } : { instant: local - stamp.offset, local }
}
