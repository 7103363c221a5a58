/**
 * Dexcom Clarity CSV: 12, 13 or 14 columns, in any of the portal's languages.
 *
 * Law: rows without a timestamp (name, birth date, devices, alert levels) are counted and never stored; an alert's
 * glucose number is no reading; a row shorter than the header is read as far as it goes.
 * Source: observed exports of G4–G7 (data-and-formats, section 1). Clocks are local; `Transmitter Time` is seconds since
 * activation of the transmitter that `Transmitter ID` names.
 */
import { decimal } from '../decimals.ts'
import { headerCells, isOverlong, type Row } from '../delimited.ts'
import { type Context, type Draft, drop, type Outcome, type Sheet } from '../draft.ts'
import { decideOrder, localOf, readStamp } from '../stamps.ts'
import { underHeader } from '../under-header.ts'
import { activity, deviceEvent, glucoseFromText, insulin, meal, note, unitIn, type Value } from '../values.ts'

interface Columns {
  readonly time: number
  readonly event: number
  readonly subtype: number
  readonly patient: number
  readonly device: number
  readonly display: number
  readonly glucose: number
  readonly insulin: number
  readonly carbs: number
  readonly duration: number
  readonly tick: number
  readonly transmitter: number
}

/** `YYYY-MM-DDThh:mm:ss` with the letters of any of the portal's languages. */
const STAMP_PATTERN = /[YJAÅ]{4}.*[a-zåäö]{2}[:.]mm[:.]ss/i

/** The header's columns: by English name, else by what no translation changes, the clock pattern, the unit and the order. */
export function clarityColumns(row: readonly string[]): Columns | undefined {
  const cells = headerCells(row)
  const time = cells.findIndex((cell) => STAMP_PATTERN.test(cell))
  if (time < 0 || time > 1) return undefined
  const glucose = cells.findIndex((cell) => unitIn(cell) !== undefined && !/\/\s*min/i.test(cell))
  if (glucose <= time + 1) return undefined
  const named = (pattern: RegExp, standard: number): number => {
    const found = cells.findIndex((cell, index) => index > time && pattern.test(cell))
    return found >= 0 ? found : standard < cells.length ? standard : -1
  }
  const ordered = glucose === time + 6 && cells.length >= glucose + 4
  if (!ordered && !cells.some((cell) => /event type/i.test(cell))) return undefined
  /** Without the usual order only names count. */
  const place = (column: number): number => (ordered ? column : Number.POSITIVE_INFINITY)
  return {
    time,
    event: named(/event type/i, place(time + 1)),
    subtype: named(/event subtype/i, place(time + 2)),
    patient: named(/patient info/i, place(time + 3)),
    device: named(/device info/i, place(time + 4)),
    display: named(/source device/i, place(time + 5)),
    glucose,
    insulin: named(/^insulin value/i, place(glucose + 1)),
    carbs: named(/^carb/i, place(glucose + 2)),
    duration: named(/^duration/i, place(glucose + 3)),
    tick: named(
      /long integer|ganzzahl|entier|entero|intero|inteiro|geheel|transmitter time/i,
      place(glucose + 5),
    ),
    transmitter: named(/transmit\w*[ -]?id\b|\bid\b.*(trans|ém|em)/i, place(glucose + 6)),
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
  const { header, columns, body } = underHeader(text, delimiter, context, {
    app: 'Clarity',
    columnsOf: clarityColumns,
  })
  const unit = unitIn(header.cells[columns.glucose] ?? '') ?? 'mg/dL'
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
    if (row.broken || isOverlong(cells, header.cells)) return drop(line, 'BROKEN_ROW')
    const cell = (column: number): string => (column < 0 ? '' : (cells[column] ?? ''))
    const stampText = cell(columns.time).trim()
    if (stampText === '') {
      if (cells.length <= columns.time) return drop(line, 'SHORT_ROW')
      if (cell(columns.device).trim() !== '') product = cell(columns.device)
      return drop(line, profileRow(row, columns))
    }
    const tick = decimal(cell(columns.tick))
    // An event name of a language we do not know is a reading when the transmitter's clock stands beside its value.
    const ticking = tick !== undefined && tick > 0 && cell(columns.glucose).trim() !== ''
    const event = eventOf(cell(columns.event).trim().slice(0, 60)) ?? (ticking ? 'egv' : undefined)
    const stamp = stamps[index]
    const local = stamp === undefined ? undefined : localOf(stamp, order)
    if (local === undefined) return drop(line, 'UNPARSED_TIME')
    if (event === undefined) return drop(line, 'NOT_GLUCOSE')
    if (cells.length <= columns.glucose && (event === 'egv' || event === 'insulin' || event === 'carbs')) {
      return drop(line, 'SHORT_ROW')
    }
    const value = eventValue(event, cell, columns, unit)
    if ('drop' in value) return drop(line, value.drop)
    const display = cell(columns.display).trim()
    const transmitter = cell(columns.transmitter).trim()
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
  const event = (row.cells[columns.event] ?? '').trim()
  const patient = (row.cells[columns.patient] ?? '').trim()
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
  const subtype = cell(columns.subtype).trim().slice(0, 2000)
  switch (event) {
    case 'egv':
      return cell(columns.glucose).trim() === ''
        ? { drop: 'NO_VALUE' }
        : glucoseFromText(cell(columns.glucose), unit, 'cgm')
    case 'insulin': {
      const units = decimal(cell(columns.insulin))
      if (units === undefined) return { drop: 'UNPARSED_VALUE' }
      return insulin(
        units,
        LONG.test(subtype) ? 'long-acting' : FAST.test(subtype) ? 'rapid-acting' : 'bolus',
      )
    }
    case 'carbs': {
      const grams = decimal(cell(columns.carbs))
      return grams === undefined ? { drop: 'UNPARSED_VALUE' } : meal(grams)
    }
    case 'exercise':
      return activity(durationOf(cell(columns.duration)), subtype.toLowerCase())
    case 'health':
      return note(subtype)
    case 'calibration':
      return deviceEvent('calibration')
    case 'notes':
      return note(
        [columns.subtype, columns.patient, columns.device].map(cell).find((text) => text.trim() !== '') ?? '',
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
