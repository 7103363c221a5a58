/**
 * Medtronic CareLink CSV: sections opened by `-------`, each with a header of its own, newest rows first.
 *
 * Source: observed exports of MiniMed 5xx–7xx and Guardian Connect (data-and-formats, section 1). Columns are found by
 * what translations keep: the units in parentheses, `ISIG` beside the sensor's value, and their order.
 * Laws: the preamble with the person's name is never read; rows doubled at the same second count once; alarms and pump
 * events are device events, never readings.
 */
import { type GlucoseUnit, IsletError } from '../../vocabulary/index.ts'
import { decimal } from '../decimals.ts'
import { headerCells, isOverlong, type Row, readRows } from '../delimited.ts'
import { type Context, type Draft, drop, type Outcome, type Sheet } from '../draft.ts'
import type { DropReason } from '../report.ts'
import { decideOrder, localOf, readStamp, type Stamp } from '../stamps.ts'
import { activity, deviceEvent, glucoseFromText, insulin, meal, unitIn, type Value } from '../values.ts'

interface Columns {
  readonly header: readonly string[]
  readonly unit: GlucoseUnit
  readonly sensor: number
  readonly meter: number
  readonly bolus: number
  readonly bolusType: number
  readonly bolusDuration: number
  readonly carbs: number
  readonly alarm: number
  readonly suspend: number
  readonly rewind: number
  readonly prime: number
  readonly basal: number
  readonly tempBasal: number
  readonly calibration: number
  readonly marker: number
  readonly exception: number
}

const INDEX = /^(index|indice|índice|indeks|indexe?)$/i

export function isSectionLine(cells: readonly string[]): boolean {
  return /^-{5,}$/.test((cells[0] ?? '').trim())
}

export function isCarelinkHeader(cells: readonly string[]): boolean {
  return INDEX.test((cells[0] ?? '').trim()) && cells.length >= 4 && !/hh:mm:ss/i.test(cells[1] ?? '')
}

function columnsOf(row: readonly string[], previous: GlucoseUnit): Columns {
  const cells = headerCells(row)
  const find = (pattern: RegExp): number => cells.findIndex((cell, index) => index > 2 && pattern.test(cell))
  const isig = find(/isig/i)
  const named = find(/sensor.?glu[ck]|glu[ck]\w* (del? )?sens|capteur.*glu|glu.*capteur|sensorglu/i)
  const sensor = named >= 0 ? named : isig > 0 && unitIn(cells[isig - 1] ?? '') !== undefined ? isig - 1 : -1
  const meterNamed = find(
    /^(bg reading|bz-messwert|lecture (de )?gs|glycémie|lectura|misurazione|bg-waarde)/i,
  )
  const firstUnit = find(/mg\/dl|mmol\/l/i)
  const units = cells.flatMap((cell, index) =>
    /\((u|e|i\.?e\.?|ui|iu|ie|j\.?)\)/i.test(cell) ? [index] : [],
  )
  const delivered = find(
    /bolus.*(delivered|abgegeben|administr|délivr|livr|erogat|toegediend|entregue)|abgegeben\w*.*bolus/i,
  )
  const calibration = find(/calibration bg|sensor ?calib.*(mg|mmol)|kalibr.*(mg|mmol)|calib.*(mg\/|mmol\/)/i)
  return {
    header: row,
    unit: cells.map((cell) => unitIn(cell)).find((unit) => unit !== undefined) ?? previous,
    sensor,
    meter:
      meterNamed >= 0 ? meterNamed : firstUnit >= 0 && firstUnit < 8 && firstUnit !== sensor ? firstUnit : -1,
    bolus: delivered >= 0 ? delivered : (units[1] ?? units[0] ?? -1),
    bolusType: find(/bolus.?t[yi]p|t[yi]p\w* (de |di )?bolus/i),
    bolusDuration: find(/bolus.*(duration|dauer|durée|duraci|durata|duur|duraç).*h:mm/i),
    carbs: find(/\((g|gr|grams?|gramm|grammes?|gramos|grammi|gramas)\)|carb.*(input|eingabe)/i),
    alarm: find(/^al(a|e)rm/i),
    suspend: find(/^(suspend|unterbr|susp|arrêt|sospens|onderbr)/i),
    rewind: find(/^(rewind|rücklauf|rebobin|riavvolg|terugdraai|retour)/i),
    prime: find(/^(prime|füll|cebad|amorç|riempim|vullen|purga).*(type|typ|tipo)|^prime type/i),
    basal: find(/^(basal rate|basalrate|débit basal|basal)/i),
    tempBasal: find(/^(temp basal amount|temp)/i),
    calibration,
    marker: find(/event marker|ereignis|marqueur|marcador|evento|gebeurtenis/i),
    exception: find(/sensor exception|sensor.?ausnahme/i),
  }
}

/** Reads a CareLink export. Throws `HEADER_MISSING`, `DATE_ORDER_AMBIGUOUS`. */
export function readCarelink(text: string, delimiter: string, context: Context): Sheet {
  const all = readRows(text, delimiter, context.limits, context.place)
  const data: { readonly row: Row; readonly columns: Columns }[] = []
  let columns: Columns | undefined
  let unit: GlucoseUnit = 'mg/dL'
  let model = ''
  for (const row of all) {
    if (isSectionLine(row.cells)) {
      // The section line names the pump and its serial: only the closed list of models is kept of it.
      model ||= row.cells[1] ?? ''
      columns = undefined
      continue
    }
    if (isCarelinkHeader(row.cells)) {
      columns = columnsOf(row.cells, unit)
      unit = columns.unit
      continue
    }
    if (columns !== undefined) data.push({ row, columns })
  }
  if (columns === undefined && data.length === 0) {
    throw new IsletError(
      'HEADER_MISSING',
      'no section header of a CareLink export stands in the file',
      {},
      {
        at: { ...context.place, line: 1 },
        remedy: 'export again from CareLink, or name another --format',
      },
    )
  }
  const stamps = data.map(({ row }) => stampOf(row.cells))
  const order = decideOrder(
    stamps.map((stamp, index) => [data[index]?.row.line ?? 0, stamp] as const),
    context.options.dateOrder,
    context.place,
  )
  const outcomes = data.map(({ row, columns: section }, index): Outcome => {
    if (row.broken || isOverlong(row.cells, section.header)) return drop(row.line, 'BROKEN_ROW')
    if (row.cells.length < 3) return drop(row.line, 'SHORT_ROW')
    const stamp = stamps[index]
    const local = stamp === undefined ? undefined : localOf(stamp, order)
    if (local === undefined) return drop(row.line, 'UNPARSED_TIME')
    const drafts: Draft[] = []
    let reason: DropReason = 'NOT_GLUCOSE'
    for (const { value, source } of valuesOf(row.cells, section)) {
      if ('drop' in value) reason = value.drop
      else drafts.push({ body: value.body, moment: { local }, source })
    }
    return drafts.length === 0 ? drop(row.line, reason) : { line: row.line, person: '', drafts }
  })
  const models = new Map([
    ['pump', model],
    ['meter', ''],
  ])
  return { format: 'carelink', outcomes, models }
}

function stampOf(cells: readonly string[]): Stamp | undefined {
  const date = (cells[1] ?? '').trim()
  const time = (cells[2] ?? '').trim()
  return readStamp(time === '' ? date : `${date} ${time}`)
}

function valuesOf(
  cells: readonly string[],
  columns: Columns,
): readonly { readonly value: Value; readonly source: 'pump' | 'meter' }[] {
  const cell = (column: number): string => (column < 0 ? '' : (cells[column] ?? '').trim())
  const found: { value: Value; source: 'pump' | 'meter' }[] = []
  const sensor = cell(columns.sensor)
  if (sensor !== '') found.push({ value: glucoseFromText(sensor, columns.unit, 'cgm'), source: 'pump' })
  const meter = cell(columns.meter)
  if (meter !== '' && columns.meter !== columns.calibration) {
    found.push({ value: glucoseFromText(meter, columns.unit, 'smbg'), source: 'meter' })
  }
  const amount = (column: number, make: (value: number) => Value): void => {
    const written = cell(column)
    if (written === '') return
    const value = decimal(written)
    found.push({ value: value === undefined ? { drop: 'UNPARSED_VALUE' } : make(value), source: 'pump' })
  }
  const span = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(cell(columns.bolusDuration))
  const seconds = span === null ? 0 : Number(span[1]) * 3600 + Number(span[2]) * 60 + Number(span[3] ?? 0)
  const square = /square|dual|verlängert|carr|cuadrad|quadr|vierkant/i.test(
    cell(columns.bolusType).slice(0, 60),
  )
  amount(columns.bolus, (units) => insulin(units, 'bolus', square && seconds > 0 ? seconds : undefined))
  if (cell(columns.carbs) !== '' && decimal(cell(columns.carbs)) !== 0) amount(columns.carbs, meal)
  const marker = cell(columns.marker).slice(0, 200)
  if (marker !== '') found.push({ value: markerValue(marker), source: 'pump' })
  const events: readonly (readonly [column: number, name: string])[] = [
    [columns.calibration, 'calibration'],
    [columns.alarm, 'alarm'],
    [columns.suspend, 'suspend'],
    [columns.rewind, 'rewind'],
    [columns.prime, 'prime'],
    [columns.tempBasal, 'temp basal'],
    [columns.basal, 'basal rate'],
    [columns.exception, 'sensor exception'],
  ]
  for (const [column, name] of events) {
    if (cell(column) !== '') found.push({ value: deviceEvent(name), source: 'pump' })
  }
  return found
}

/** Marks that the person set: `Meal: 45,00grams`, `Insulin: 3.00`, `Exercise`. */
function markerValue(marker: string): Value {
  const number = decimal(/\d+(?:[.,]\d+)?/.exec(marker)?.[0] ?? '')
  if (/meal|mahlzeit|repas|comida|pasto|maaltijd|refei|carb/i.test(marker)) {
    return number === undefined ? deviceEvent('meal marker') : meal(number)
  }
  if (/insulin/i.test(marker))
    return number === undefined ? deviceEvent('insulin marker') : insulin(number, 'bolus')
  if (/exerc|sport|ejerc|eserc|beweg/i.test(marker)) return activity(undefined)
  return deviceEvent('event marker')
}
