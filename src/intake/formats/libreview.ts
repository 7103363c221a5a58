/**
 * LibreView CSV of FreeStyle Libre sensors, any language, and the older table of the desktop software.
 *
 * Source: observed exports (data-and-formats, section 1): a preamble with the person's name, for LibreView Pro one more
 * line, then the header; the order of the columns is the same in every language. Record types: 0 historic, 1 scan,
 * 2 strip, 3 ketone, 4 insulin, 5 food, 6 other. Laws: lines above the header are never read; scans stay apart from the
 * sensor's own trace (`method`), because both tell of the same minutes.
 */
import { decideUnit } from '../decide-unit.ts'
import { decimal } from '../decimals.ts'
import { headerCells, isOverlong } from '../delimited.ts'
import { type Context, type Draft, drop, type Outcome, type Sheet } from '../draft.ts'
import type { DropReason } from '../report.ts'
import { decideOrder, localOf, readStamp } from '../stamps.ts'
import { underHeader } from '../under-header.ts'
import { glucoseFromText, insulin, ketone, meal, note, unitIn, type Value } from '../values.ts'

interface Columns {
  readonly device: number
  readonly serial: number
  readonly time: number
  readonly type: number
  readonly historic: number
  readonly scan: number
  readonly rapid: number
  readonly carbs: number
  readonly long: number
  readonly notes: number
  readonly strip: number
  readonly ketone: number
  readonly mealInsulin: number
  readonly correction: number
  readonly userChange: number
}

const PORTAL: Columns = {
  device: 0,
  serial: 1,
  time: 2,
  type: 3,
  historic: 4,
  scan: 5,
  rapid: 7,
  carbs: 9,
  long: 12,
  notes: 13,
  strip: 14,
  ketone: 15,
  mealInsulin: 16,
  correction: 17,
  userChange: 18,
}
/** The desktop software writes an id in place of device and serial, and no servings. */
const DESKTOP: Columns = {
  device: -1,
  serial: -1,
  time: 1,
  type: 2,
  historic: 3,
  scan: 4,
  rapid: 6,
  carbs: 8,
  long: 10,
  notes: 11,
  strip: 12,
  ketone: 13,
  mealInsulin: 14,
  correction: 15,
  userChange: 16,
}

/** The columns of a header row, or undefined when it is none of LibreView's. */
export function libreColumns(row: readonly string[]): Columns | undefined {
  const cells = headerCells(row)
  if (cells.length < 14) return undefined
  const desktop = /^id$/i.test((cells[0] ?? '').trim())
  const columns = desktop ? DESKTOP : PORTAL
  const both = (test: (cell: string) => boolean): boolean =>
    test(cells[columns.historic] ?? '') && test(cells[columns.scan] ?? '')
  if (both((cell) => unitIn(cell) !== undefined)) return columns
  const typed = /t[yi]p/i.test(cells[columns.type] ?? '')
  return typed && both((cell) => /gl[uiy][ck]/i.test(cell)) ? columns : undefined
}

/** Reads a LibreView export. Throws `HEADER_MISSING`, `UNIT_AMBIGUOUS`, `DATE_ORDER_AMBIGUOUS`. */
export function readLibreView(text: string, delimiter: string, context: Context): Sheet {
  const { header, columns, body } = underHeader(text, delimiter, context, {
    app: 'LibreView',
    columnsOf: libreColumns,
  })
  const stamps = body.map((row) => readStamp(row.cells[columns.time] ?? ''))
  const order = decideOrder(
    stamps.map((stamp, index) => [body[index]?.line ?? 0, stamp] as const),
    context.options.dateOrder,
    context.place,
  )
  const values = function* (): Generator<readonly [number, number]> {
    for (const { line, cells } of body) {
      for (const column of [columns.historic, columns.scan, columns.strip]) {
        const value = decimal(cells[column] ?? '')
        if (value !== undefined) yield [line, value]
      }
    }
  }
  const unit =
    [columns.historic, columns.scan, columns.strip]
      .map((column) => unitIn(header.cells[column] ?? ''))
      .find((found) => found !== undefined) ?? decideUnit(values(), context.options.unit, context.place)
  const models = new Map<string, string>()
  const outcomes = body.map((row, index): Outcome => {
    const { line, cells } = row
    if (row.broken || isOverlong(cells, header.cells)) return drop(line, 'BROKEN_ROW')
    const cell = (column: number): string => (column < 0 ? '' : (cells[column] ?? '').trim())
    if (cells.length <= columns.historic) return drop(line, 'SHORT_ROW')
    const type = cell(columns.type)
    const stamp = stamps[index]
    const local = stamp === undefined ? undefined : localOf(stamp, order)
    if (local === undefined) return drop(line, 'UNPARSED_TIME')
    if (!/^\d{1,2}$/.test(type)) return drop(line, 'NOT_GLUCOSE')
    const source = `${cell(columns.device)} ${cell(columns.serial)}`
    if (!models.has(source)) models.set(source, cell(columns.device))
    const found: Value[] = []
    const glucose = (column: number, method: 'cgm' | 'scan' | 'smbg'): void => {
      const written = cell(column)
      if (written !== '') found.push(glucoseFromText(written, unit, method))
    }
    glucose(columns.historic, 'cgm')
    glucose(columns.scan, 'scan')
    glucose(columns.strip, 'smbg')
    const amount = (column: number, make: (value: number) => Value): void => {
      const written = cell(column)
      if (written === '') return
      const value = decimal(written)
      found.push(value === undefined ? { drop: 'UNPARSED_VALUE' } : make(value))
    }
    amount(columns.rapid, (units) => insulin(units, 'rapid-acting'))
    amount(columns.long, (units) => insulin(units, 'long-acting'))
    // Meal and correction insulin split the rapid-acting dose; they count only where no dose stands.
    if (cell(columns.rapid) === '') {
      amount(columns.mealInsulin, (units) => insulin(units, 'bolus'))
      amount(columns.correction, (units) => insulin(units, 'correction'))
    }
    amount(columns.carbs, meal)
    amount(columns.ketone, ketone)
    if (cell(columns.notes) !== '') found.push(note(cell(columns.notes)))
    const drafts: Draft[] = []
    let reason: DropReason = type === '6' ? 'NOT_GLUCOSE' : 'NO_VALUE'
    for (const value of found) {
      if ('drop' in value) reason = value.drop
      else drafts.push({ body: value.body, moment: { local }, source })
    }
    return drafts.length === 0 ? drop(line, reason) : { line, person: '', drafts }
  })
  return { format: 'libreview', outcomes, models }
}
