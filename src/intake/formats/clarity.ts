/**
 * Dexcom Clarity CSV: 12, 13 or 14 columns, in any of the portal's languages.
 *
 * Law: rows without a timestamp (name, birth date, devices, alert levels) are counted and never stored; an alert's
 * glucose number is no reading; a row shorter than the header is read as far as it goes.
 * Source: observed exports of G4–G7 (data-and-formats, section 1). Clocks are local; `Transmitter Time` is seconds since
 * activation of the transmitter that `Transmitter ID` names.
 */
import { IsletError } from '../../vocabulary/index.ts'
import { decimal } from '../decimals.ts'
import { type Row, readRows } from '../delimited.ts'
import { type Context, type Draft, drop, type Outcome, type Sheet } from '../draft.ts'
import { decideOrder, localOf, readStamp } from '../stamps.ts'
import { activity, deviceEvent, glucoseFromText, insulin, meal, note, unitIn, type Value } from '../values.ts'

interface Columns {
  readonly time: number
  readonly glucose: number
  readonly tick: number
  readonly transmitter: number
}

/** The header's columns, found by what no translation changes: the clock pattern and the unit. */
export function clarityColumns(cells: readonly string[]): Columns | undefined {
  const time = cells.findIndex((cell) => /hh:mm:ss|hh\.mm\.ss/i.test(cell) && /[YJA]{2,4}/i.test(cell))
  if (time < 0 || time > 1) return undefined
  const glucose = cells.findIndex((cell) => unitIn(cell) !== undefined && !/\/\s*min/i.test(cell))
  if (glucose !== time + 6 || cells.length < glucose + 4) return undefined
  const after = (pattern: RegExp, standard: number): number => {
    const found = cells.findIndex((cell, index) => index > glucose + 3 && pattern.test(cell))
    return found >= 0 ? found : standard < cells.length ? standard : -1
  }
  return {
    time,
    glucose,
    tick: after(/integer|ganzzahl|entier|entero|intero|inteiro|geheel|transmitter time/i, glucose + 5),
    transmitter: after(/transmit\w*[ -]?id\b|\bid\b.*(trans|ém|em)/i, glucose + 6),
  }
}

const FAST = /fast|rapid|schnell|kurz|rápid|rapide|snel|bolus/i
const LONG = /long|lang|lent|prolong|lunga|basal/i
const EVENTS: readonly (readonly [
  RegExp,
  'egv' | 'insulin' | 'carbs' | 'exercise' | 'health' | 'calibration' | 'notes',
])[] = [
  [/^(egv|vge|eav|gs|geschätzter|.*glu[ck]o[sz]e?(wert)?)$/i, 'egv'],
  [/^insulin/i, 'insulin'],
  [/^(carb|kohlen|glucid|hidrat|carboid|koolh|kulhyd|kolhyd|karbo)/i, 'carbs'],
  [/^(exerci|sport|beweg|ejerc|eserc|exerc|lichaams|motion|training|träning|aktiv)/i, 'exercise'],
  [/^(health|gesund|sant|salud|salute|saúde|gezond|sundhed|hälsa|helse)/i, 'health'],
  [/^(calib|kalib|étalon|calibr|taratura)/i, 'calibration'],
  [/^(note|notiz|nota|noti|anmerk|remarque|opmerk)/i, 'notes'],
]

/** Reads a Clarity export. Throws `HEADER_MISSING`, `UNIT_AMBIGUOUS`, `DATE_ORDER_AMBIGUOUS`. */
export function readClarity(text: string, delimiter: string, context: Context): Sheet {
  const rows = readRows(text, delimiter, context.limits, context.place)
  const at = rows.findIndex((row) => clarityColumns(row.cells) !== undefined)
  const header = rows[at]
  const columns = header === undefined ? undefined : clarityColumns(header.cells)
  if (header === undefined || columns === undefined) {
    throw new IsletError(
      'HEADER_MISSING',
      'no header of a Clarity export stands in the file',
      {},
      {
        at: { ...context.place, line: 1 },
        remedy: 'export again from Clarity, or name another --format',
      },
    )
  }
  const unit = unitIn(header.cells[columns.glucose] ?? '') ?? 'mg/dL'
  const body = rows.slice(at + 1)
  const stamps = body.map((row) => readStamp(row.cells[columns.time] ?? ''))
  const order = decideOrder(
    stamps.map((stamp, index) => [body[index]?.line ?? 0, stamp] as const),
    context.options.dateOrder,
    context.place,
  )
  const models = new Map<string, string>()
  let product = ''
  const outcomes: Outcome[] = body.map((row, index) => {
    const { line, cells } = row
    if (row.broken) return drop(line, 'BROKEN_ROW')
    const cell = (column: number): string => (column < 0 ? '' : (cells[column] ?? ''))
    const stampText = cell(columns.time).trim()
    if (stampText === '') {
      if (cells.length <= columns.time) return drop(line, 'SHORT_ROW')
      if (cell(columns.time + 4).trim() !== '') product = cell(columns.time + 4)
      return drop(line, profileRow(row, columns))
    }
    const event = eventOf(cell(columns.time + 1).trim())
    const stamp = stamps[index]
    const local = stamp === undefined ? undefined : localOf(stamp, order)
    if (local === undefined) return drop(line, 'UNPARSED_TIME')
    if (event === undefined) return drop(line, 'NOT_GLUCOSE')
    if (cells.length <= columns.glucose && (event === 'egv' || event === 'insulin' || event === 'carbs')) {
      return drop(line, 'SHORT_ROW')
    }
    const value = eventValue(event, cell, columns, unit)
    if ('drop' in value) return drop(line, value.drop)
    const display = cell(columns.time + 5).trim()
    const transmitter = cell(columns.transmitter).trim()
    const tick = decimal(cell(columns.tick))
    const source = transmitter === '' ? display : `transmitter ${transmitter}`
    if (!models.has(source)) models.set(source, `${product} ${display}`)
    const draft: Draft = {
      body: value.body,
      moment: stamp?.offset === undefined ? { local } : { local, instant: local - stamp.offset },
      source,
      ...(tick !== undefined && tick > 0 && event === 'egv' ? { tick, display } : {}),
    }
    return { line, person: '', drafts: [draft] }
  })
  return { format: 'dexcom-clarity', outcomes, models }
}

function profileRow(row: Row, columns: Columns): 'IDENTITY' | 'SETTINGS' {
  const event = (row.cells[columns.time + 1] ?? '').trim()
  const patient = (row.cells[columns.time + 3] ?? '').trim()
  if (
    patient !== '' ||
    /name|birth|nachname|geburt|nom\b|naiss|apellido|nacim|cognome|nascita|sobrenome|nascim|naam|geboorte/i.test(
      event,
    )
  ) {
    return 'IDENTITY'
  }
  return 'SETTINGS'
}

function eventOf(text: string) {
  for (const [pattern, event] of EVENTS) if (pattern.test(text)) return event
  return undefined
}

function eventValue(
  event: NonNullable<ReturnType<typeof eventOf>>,
  cell: (column: number) => string,
  columns: Columns,
  unit: 'mg/dL' | 'mmol/L',
): Value {
  const subtype = cell(columns.time + 2).trim()
  switch (event) {
    case 'egv':
      return cell(columns.glucose).trim() === ''
        ? { drop: 'NO_VALUE' }
        : glucoseFromText(cell(columns.glucose), unit, 'cgm')
    case 'insulin': {
      const units = decimal(cell(columns.glucose + 1))
      if (units === undefined) return { drop: 'UNPARSED_VALUE' }
      return insulin(
        units,
        LONG.test(subtype) ? 'long-acting' : FAST.test(subtype) ? 'rapid-acting' : 'bolus',
      )
    }
    case 'carbs': {
      const grams = decimal(cell(columns.glucose + 2))
      return grams === undefined ? { drop: 'UNPARSED_VALUE' } : meal(grams)
    }
    case 'exercise':
      return activity(durationOf(cell(columns.glucose + 3)), subtype.toLowerCase())
    case 'health':
      return note(subtype)
    case 'calibration':
      return deviceEvent('calibration')
    case 'notes':
      return note(
        [2, 3, 4].map((column) => cell(columns.time + column)).find((text) => text.trim() !== '') ?? '',
      )
    default:
      return event satisfies never
  }
}

function durationOf(text: string): number | undefined {
  const match = /^(\d{1,3}):(\d\d)(?::(\d\d))?$/.exec(text.trim())
  if (match === null) return undefined
  return Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3] ?? 0)
}
