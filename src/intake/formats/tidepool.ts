/**
 * Tidepool data model: an array of typed records, a wrapper around one, or newline-delimited.
 *
 * Source: Tidepool data model (BSD-2), device-data types. Glucose is stored as mmol/L, unrounded mg/dL ÷ 18.01559
 * (PROTOCOL 28); the value is kept as written. `time` is UTC, `timezoneOffset` minutes give the clock the person saw.
 * Laws: a wizard repeats its bolus, so that only its carbohydrates count; settings and uploads are no measurements.
 */
import { jsonNumber } from '../decimals.ts'
import { type Context, type Draft, drop, type Moment, type Outcome, type Sheet } from '../draft.ts'
import { type Entry, isObject, type JsonObject, list, text } from '../json-text.ts'
import type { DropReason } from '../report.ts'
import { localOf, readStamp } from '../stamps.ts'
import { activity, deviceEvent, glucose, insulin, ketone, meal, note, unitIn, type Value } from '../values.ts'

const SETTINGS = new Set([
  'pumpSettings',
  'cgmSettings',
  'controllerSettings',
  'upload',
  'dosingDecision',
  'pumpStatus',
  'controllerStatus',
  'deviceStatus',
])

/** Reads Tidepool records. */
export function readTidepool(entries: readonly Entry[], _context: Context): Sheet {
  const models = new Map<string, string>()
  let zone: string | undefined
  const outcomes = entries.map(({ line, value }): Outcome => {
    if (value === undefined) return drop(line, 'BROKEN_ROW')
    const type = text(value['type']) ?? ''
    if (type === 'upload') {
      const source = text(value['deviceId']) ?? ''
      models.set(source, `${text(value['deviceModel']) ?? ''} ${source}`)
      const named = text(value['timezone'])
      if (named !== undefined && named !== '') zone ??= named
    }
    if (SETTINGS.has(type)) return drop(line, 'SETTINGS')
    const moment = momentOf(value)
    const source = text(value['deviceId']) ?? ''
    if (!models.has(source)) models.set(source, source)
    const values = valuesOf(type, value)
    const drafts: Draft[] = []
    let reason: DropReason = 'NOT_GLUCOSE'
    for (const one of values) {
      if ('drop' in one) reason = one.drop
      else if (moment !== undefined) drafts.push({ body: one.body, moment, source })
    }
    if (drafts.length > 0) return { line, person: '', drafts }
    return drop(line, moment === undefined && values.some((one) => 'body' in one) ? 'UNPARSED_TIME' : reason)
  })
  // The zone that an upload names is where the computer stood; records with an offset of their own keep it.
  const offsets = entries.some(
    ({ value }) => value !== undefined && jsonNumber(value['timezoneOffset']) !== undefined,
  )
  return { format: 'tidepool', outcomes, models, ...(zone === undefined || offsets ? {} : { zone }) }
}

function momentOf(value: JsonObject): Moment | undefined {
  const time = stampOf(value['time'])
  const device = stampOf(value['deviceTime'])
  if (time === undefined) return device === undefined ? undefined : { local: device.local }
  const instant = time.local - (time.offset ?? 0)
  const minutes = jsonNumber(value['timezoneOffset'])
  if (minutes !== undefined && Math.abs(minutes) <= 18 * 60) return { instant, local: instant + minutes * 60 }
  if (device !== undefined && Math.abs(device.local - instant) <= 18 * 3600)
    return { instant, local: device.local }
  return { instant }
}

function stampOf(value: unknown): { readonly local: number; readonly offset?: number } | undefined {
  const number = typeof value === 'number' && value > 1e11 ? value / 1000 : undefined
  if (number !== undefined) return { local: number, offset: 0 }
  const stamp = typeof value === 'string' ? readStamp(value) : undefined
  const local = stamp === undefined ? undefined : localOf(stamp, undefined)
  if (local === undefined) return undefined
  return stamp?.offset === undefined ? { local } : { local, offset: stamp.offset }
}

function valuesOf(type: string, value: JsonObject): readonly Value[] {
  switch (type) {
    case 'cbg':
    case 'smbg':
      return [glucoseOf(value, type === 'cbg' ? 'cgm' : 'smbg')]
    case 'bolus':
      return bolusOf(value)
    case 'basal':
      return [basalOf(value)]
    case 'wizard': {
      const carbs = jsonNumber(value['carbInput'])
      return carbs === undefined || carbs <= 0
        ? []
        : [meal(/exchange/i.test(text(value['carbUnits']) ?? '') ? carbs * 15 : carbs)]
    }
    case 'food': {
      const nutrition = value['nutrition']
      const carbohydrate = isObject(nutrition) ? nutrition['carbohydrate'] : undefined
      const net = isObject(carbohydrate)
        ? (jsonNumber(carbohydrate['net']) ?? jsonNumber(carbohydrate['total']))
        : undefined
      return net === undefined ? [{ drop: 'NO_VALUE' }] : [meal(net)]
    }
    case 'bloodKetone': {
      const number = jsonNumber(value['value'])
      return [number === undefined ? { drop: 'UNPARSED_VALUE' } : ketone(number)]
    }
    case 'insulin': {
      const dose = value['dose']
      const total = isObject(dose) ? jsonNumber(dose['total']) : undefined
      const formulation = JSON.stringify(value['formulation'] ?? '').toLowerCase()
      const delivery = /long|intermediate/.test(formulation) ? 'long-acting' : 'rapid-acting'
      return [total === undefined ? { drop: 'UNPARSED_VALUE' } : insulin(total, delivery)]
    }
    case 'physicalActivity': {
      const duration = value['duration']
      const amount = isObject(duration) ? jsonNumber(duration['value']) : jsonNumber(duration)
      const unit = isObject(duration) ? text(duration['units']) : 'milliseconds'
      const factor = unit === 'hours' ? 3600 : unit === 'minutes' ? 60 : unit === 'seconds' ? 1 : 0.001
      return [activity(amount === undefined ? undefined : amount * factor, text(value['reportedIntensity']))]
    }
    case 'deviceEvent':
      return [deviceEvent(text(value['subType']) ?? 'other')]
    case 'reportedState':
      return [
        note(
          list(value['states'])
            .map((state) => (isObject(state) ? (text(state['state']) ?? '') : ''))
            .join(', '),
        ),
      ]
    default:
      return []
  }
}

function glucoseOf(value: JsonObject, method: 'cgm' | 'smbg'): Value {
  const number = jsonNumber(value['value'])
  if (number === undefined) return { drop: value['value'] == null ? 'NO_VALUE' : 'UNPARSED_VALUE' }
  const unit = unitIn(text(value['units']) ?? '')
  if (unit === undefined) return { drop: 'UNPARSED_VALUE' }
  for (const annotation of list(value['annotations'])) {
    if (!isObject(annotation) || annotation['code'] !== 'bg/out-of-range') continue
    const bound = annotation['value']
    if (bound === 'low' || bound === 'high') return glucose(number, unit, method, bound)
  }
  return glucose(number, unit, method)
}

function bolusOf(value: JsonObject): readonly Value[] {
  const normal = jsonNumber(value['normal'])
  const extended = jsonNumber(value['extended'])
  const milliseconds = jsonNumber(value['duration'])
  const delivery = text(value['subType']) === 'automated' ? 'correction' : 'bolus'
  const values: Value[] = []
  if (normal !== undefined && (normal > 0 || extended === undefined)) values.push(insulin(normal, delivery))
  if (extended !== undefined && extended > 0) {
    values.push(insulin(extended, delivery, milliseconds === undefined ? undefined : milliseconds / 1000))
  }
  return values.length > 0 ? values : [{ drop: 'UNPARSED_VALUE' }]
}

function basalOf(value: JsonObject): Value {
  const milliseconds = jsonNumber(value['duration'])
  const suspended = text(value['deliveryType']) === 'suspend'
  const rate = jsonNumber(value['rate']) ?? (suspended ? 0 : undefined)
  if (rate === undefined || milliseconds === undefined) return { drop: 'UNPARSED_VALUE' }
  return insulin((rate * milliseconds) / 3_600_000, 'basal', milliseconds / 1000)
}
