/**
 * Islet's own CSV: every record of every kind on a row of its own, so that an export comes back without loss
 * (GDPR article 20).
 *
 * Law: reading what was written gives the same records. A cell that a spreadsheet would run as a formula is written with
 * a leading apostrophe, which reading takes off again.
 */

import type { HealthRecord } from '../series/index.ts'
import { formatInstant, type GlucoseUnit, quantity } from '../vocabulary/index.ts'
import { decimal } from './decimals.ts'
import { isOverlong, type Row } from './delimited.ts'
import { type Body, drop, type Outcome, type Sheet } from './draft.ts'
import { localOf, readStamp } from './stamps.ts'
import { activity, cleanText, glucose, insulin, meal, note, ownEvent, type Value } from './values.ts'

const HEADER = [
  'id',
  'time',
  'local_time',
  'type',
  'method',
  'value',
  'unit',
  'text',
  'seconds',
  'code',
  'tick',
  'device',
] as const
type Column = (typeof HEADER)[number]

export function isOwnHeader(cells: readonly string[]): boolean {
  return HEADER.every((name, index) => cells[index]?.trim() === name)
}

/** Whose records to write, under which pseudonym. */
export interface Holding {
  readonly id: string
  /** IANA zone of the local clock, when known. */
  readonly zone?: string | null
  readonly records: readonly HealthRecord[]
}

/** Writes records as CSV (RFC 4180, UTF-8, CRLF). */
export function writeCsv(people: readonly Holding[]): string {
  const lines: string[] = [HEADER.join(',')]
  for (const { id, records } of people) {
    for (const record of records) {
      const row: Record<Column, string> = {
        id,
        time: formatInstant(record.at),
        local_time: formatInstant(quantity(record.local)).replace('Z', ''),
        type: record.type,
        tick: record.tick === undefined ? '' : String(record.tick),
        device: record.device === undefined ? '' : String(record.device),
        ...contentOf(record),
      }
      lines.push(HEADER.map((name) => quoted(row[name])).join(','))
    }
  }
  return `${lines.join('\r\n')}\r\n`
}

type Content = Record<'method' | 'value' | 'unit' | 'text' | 'seconds' | 'code', string>
const EMPTY: Content = { method: '', value: '', unit: '', text: '', seconds: '', code: '' }

function contentOf(record: HealthRecord): Content {
  switch (record.type) {
    case 'glucose':
      return {
        ...EMPTY,
        method: record.method,
        value: String(record.value),
        unit: record.unit,
        text: record.text ?? '',
      }
    case 'insulin':
      return {
        ...EMPTY,
        method: record.delivery,
        value: String(record.units),
        unit: 'U',
        seconds: optional(record.seconds),
      }
    case 'meal':
      return { ...EMPTY, value: String(record.carbs), unit: 'g' }
    case 'activity':
      return { ...EMPTY, seconds: optional(record.seconds), text: record.intensity ?? '' }
    case 'laboratory':
      return { ...EMPTY, value: String(record.value), unit: record.unit, code: record.code }
    case 'note':
      return { ...EMPTY, text: record.text }
    case 'device':
      return { ...EMPTY, text: record.event }
    default:
      return record satisfies never
  }
}

function optional(value: number | undefined): string {
  return value === undefined ? '' : String(value)
}

function quoted(cell: string): string {
  const safe = /^[=+\-@\t\r']/.test(cell) && decimal(cell) === undefined ? `'${cell}` : cell
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Reads rows that stand under our own header. */
export function readOwnCsv(rows: readonly Row[]): Sheet {
  const outcomes = rows.map((row): Outcome => {
    if (row.broken || isOverlong(row.cells, HEADER)) return drop(row.line, 'BROKEN_ROW')
    if (row.cells.length < HEADER.length) return drop(row.line, 'SHORT_ROW')
    const cell = (name: Column): string => (row.cells[HEADER.indexOf(name)] ?? '').replace(/^'/, '')
    const time = readStamp(cell('time'))
    const local = readStamp(cell('local_time'))
    if (time?.kind !== 'fixed' || local?.kind !== 'fixed') return drop(row.line, 'UNPARSED_TIME')
    const person = cleanText(cell('id'))
    if (person === '') return drop(row.line, 'NO_PERSON')
    const value = contentValue(cell)
    if ('drop' in value) return drop(row.line, value.drop)
    const tick = decimal(cell('tick'))
    const body: Body = value.body
    const moment = { instant: (localOf(time, undefined) ?? 0) - (time.offset ?? 0), local: local.local }
    const device = cell('device')
    return {
      line: row.line,
      person,
      drafts: [
        {
          body,
          moment,
          ...(device === '' ? {} : { source: device }),
          ...(tick === undefined ? {} : { tick }),
        },
      ],
    }
  })
  return { format: 'csv', outcomes, models: new Map() }
}

const METHODS = ['cgm', 'scan', 'smbg'] as const
const DELIVERIES = ['bolus', 'basal', 'long-acting', 'rapid-acting', 'correction'] as const
const UNITS: readonly GlucoseUnit[] = ['mg/dL', 'mmol/L']

function contentValue(cell: (name: Column) => string): Value {
  const value = decimal(cell('value')) ?? exact(cell('value'))
  const seconds = decimal(cell('seconds'))
  switch (cell('type')) {
    case 'glucose': {
      const method = METHODS.find((one) => one === cell('method'))
      const unit = UNITS.find((one) => one === cell('unit'))
      const text = (['low', 'high'] as const).find((one) => one === cell('text'))
      if (value === undefined || method === undefined || unit === undefined) return { drop: 'UNPARSED_VALUE' }
      return glucose(value, unit, method, text)
    }
    case 'insulin': {
      const delivery = DELIVERIES.find((one) => one === cell('method'))
      if (value === undefined || delivery === undefined) return { drop: 'UNPARSED_VALUE' }
      return insulin(value, delivery, seconds)
    }
    case 'meal':
      return value === undefined ? { drop: 'UNPARSED_VALUE' } : meal(value)
    case 'activity':
      return activity(seconds, cell('text'))
    case 'laboratory':
      if (value === undefined) return { drop: 'UNPARSED_VALUE' }
      return { body: { type: 'laboratory', code: cell('code'), value, unit: cell('unit') } }
    case 'note':
      return note(cell('text'))
    case 'device':
      return ownEvent(cell('text'))
    default:
      return { drop: 'NOT_GLUCOSE' }
  }
}

/** Exponents as JavaScript writes them for the smallest doses. */
function exact(text: string): number | undefined {
  const number = /^-?\d+(\.\d+)?e-\d{1,3}$/.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(number) ? number : undefined
}
