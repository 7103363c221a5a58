/**
 * Nightscout documents: entries, treatments, device status and profiles, alone, mixed or wrapped.
 *
 * Source: cgm-remote-monitor's API documentation and observed uploads of xDrip+, Loop, iAPS (data-and-formats 1 and 5.1).
 * Laws: sgv is mg/dL always; below 13 it is an error code of the sensor; 39 is "Low" and 401 "High"; a temporary basal
 * ends where the next begins; an offset of 0 in `utcOffset` says nothing about where the person lives.
 */
import { jsonNumber } from '../decimals.ts'
import { type Context, type Draft, drop, type Moment, type Outcome, type Sheet } from '../draft.ts'
import { type Entry, isObject, type JsonObject, text } from '../json-text.ts'
import type { DropReason } from '../report.ts'
import { localOf, readStamp } from '../stamps.ts'
import {
  activity,
  deviceEvent,
  glucose,
  glucoseFromText,
  insulin,
  meal,
  note,
  type Value,
} from '../values.ts'

/** Dexcom error codes stand below this value. */
const SENSOR_ERROR_BELOW = 13
const LOW = 39
const HIGH = 401
/** A Sensor Start sent again within this time of itself is the same start. */
const REPEAT_SECONDS = 15 * 60

interface Basal {
  readonly index: number
  readonly rate: number
  readonly at: number
  readonly seconds: number
  readonly moment: Moment
  readonly source: string
  readonly line: number
}

/** Reads Nightscout documents. */
export function readNightscout(entries: readonly Entry[], _context: Context): Sheet {
  const outcomes: Outcome[] = []
  const models = new Map<string, string>()
  const basals: Basal[] = []
  const starts: {
    readonly index: number
    readonly line: number
    readonly key: string
    readonly at: number
  }[] = []
  let zone: string | undefined
  for (const { line, value } of entries) {
    if (value === undefined) {
      outcomes.push(drop(line, 'BROKEN_ROW'))
      continue
    }
    if (value['isValid'] === false) {
      outcomes.push(drop(line, 'DELETED'))
      continue
    }
    const store = value['store']
    if (isObject(store)) {
      zone ??= profileZone(value, store)
      outcomes.push(drop(line, 'SETTINGS'))
      continue
    }
    const source = text(value['device']) ?? text(value['enteredBy']) ?? ''
    if (!models.has(source)) models.set(source, source)
    const moment = momentOf(value)
    const eventType = text(value['eventType'])
    const isEntry =
      eventType === undefined && ('sgv' in value || 'mbg' in value || isEntryType(value['type']))
    if (!isEntry && eventType === undefined && !('insulin' in value) && !('carbs' in value)) {
      outcomes.push(drop(line, 'NOT_GLUCOSE'))
      continue
    }
    if (moment === undefined) {
      outcomes.push(drop(line, 'UNPARSED_TIME'))
      continue
    }
    const at = moment.instant ?? moment.local ?? 0
    if (eventType === 'Temp Basal') {
      const rate = jsonNumber(value['absolute']) ?? jsonNumber(value['rate'])
      const minutes = jsonNumber(value['duration'])
      if (rate !== undefined && minutes !== undefined && minutes > 0) {
        basals.push({ index: outcomes.length, rate, at, seconds: minutes * 60, moment, source, line })
        outcomes.push(drop(line, 'UNPARSED_VALUE'))
        continue
      }
      if (minutes === 0) basals.push({ index: -1, rate: 0, at, seconds: 0, moment, source, line })
    }
    const values = isEntry ? [entryValue(value)] : treatmentValues(eventType ?? '', value)
    const outcome = outcomeOf(line, values, { moment, source })
    if (!('drop' in outcome) && (eventType === 'Sensor Start' || eventType === 'Sensor Change')) {
      starts.push({ index: outcomes.length, line, key: `${eventType}|${source}`, at })
    }
    outcomes.push(outcome)
  }
  endBasals(basals, outcomes)
  dropRepeats(starts, outcomes)
  return { format: 'nightscout', outcomes, models, ...(zone === undefined ? {} : { zone }) }
}

function isEntryType(type: unknown): boolean {
  return type === 'sgv' || type === 'mbg' || type === 'cal' || type === 'etc'
}

function outcomeOf(line: number, values: readonly Value[], shared: Omit<Draft, 'body'>): Outcome {
  const drafts: Draft[] = []
  let reason: DropReason = 'NOT_GLUCOSE'
  for (const value of values) {
    if ('drop' in value) reason = value.drop
    else drafts.push({ ...shared, body: value.body })
  }
  return drafts.length === 0 ? drop(line, reason) : { line, person: '', drafts }
}

function entryValue(value: JsonObject): Value {
  const type = text(value['type'])
  if (type === 'cal') return deviceEvent('calibration')
  if (type === 'mbg' || (type === undefined && !('sgv' in value))) return mgPerDl(value['mbg'], 'smbg')
  if (type === 'etc') return { drop: 'NOT_GLUCOSE' }
  const raw = value['sgv'] ?? value['glucose']
  if (raw === null || raw === undefined) return { drop: 'NO_VALUE' }
  const number = jsonNumber(raw)
  if (number !== undefined && number >= 0 && number < SENSOR_ERROR_BELOW) return { drop: 'SENSOR_ERROR' }
  if (number === LOW) return glucose(number, 'mg/dL', 'cgm', 'low')
  if (number === HIGH) return glucose(number, 'mg/dL', 'cgm', 'high')
  return mgPerDl(raw, 'cgm')
}

function mgPerDl(raw: unknown, method: 'cgm' | 'smbg'): Value {
  const number = jsonNumber(raw)
  if (number !== undefined) return glucose(number, 'mg/dL', method)
  return typeof raw === 'string' ? glucoseFromText(raw, 'mg/dL', method) : { drop: 'UNPARSED_VALUE' }
}

function treatmentValues(eventType: string, value: JsonObject): readonly Value[] {
  const values: Value[] = []
  const minutes = jsonNumber(value['duration'])
  if (eventType === 'BG Check') {
    const number = jsonNumber(value['glucose']) ?? jsonNumber(value['mbg'])
    const unit = /mmol/i.test(text(value['units']) ?? '') ? 'mmol/L' : 'mg/dL'
    const method = /sensor/i.test(text(value['glucoseType']) ?? '') ? 'cgm' : 'smbg'
    values.push(number === undefined ? { drop: 'UNPARSED_VALUE' } : glucose(number, unit, method))
  }
  const units = jsonNumber(value['insulin'])
  if (units !== undefined && units > 0) {
    const extended = jsonNumber(value['extendedEmulated']) !== undefined
    const correction = eventType === 'Correction Bolus' || eventType === 'SMB'
    values.push(
      insulin(
        units,
        correction ? 'correction' : 'bolus',
        extended && minutes !== undefined ? minutes * 60 : undefined,
      ),
    )
  } else if (typeof value['insulin'] === 'string' && value['insulin'].trim() !== '' && units === undefined) {
    values.push({ drop: 'UNPARSED_VALUE' })
  }
  const carbs = jsonNumber(value['carbs'])
  if (carbs !== undefined && carbs > 0) values.push(meal(carbs))
  else if (typeof value['carbs'] === 'string' && value['carbs'].trim() !== '' && carbs === undefined) {
    values.push({ drop: 'UNPARSED_VALUE' })
  }
  if (eventType === 'Exercise') values.push(activity(minutes === undefined ? undefined : minutes * 60))
  const noted = text(value['notes']) ?? ''
  if (values.length === 0 && !(isNote(eventType) && noted !== '')) values.push(deviceEvent(eventType))
  if (noted.trim() !== '') values.push(note(noted))
  return values
}

function isNote(eventType: string): boolean {
  return eventType === 'Note' || eventType === 'Announcement' || eventType === 'Question' || eventType === ''
}

/** Units delivered = rate × time until the planned end or the next temporary basal, whichever is first. */
function endBasals(basals: Basal[], outcomes: Outcome[]): void {
  basals.sort((a, b) => a.at - b.at || a.index - b.index)
  for (let i = 0; i < basals.length; i++) {
    const basal = basals[i]
    if (basal === undefined || basal.index < 0) continue
    let follower = i + 1
    while (basals[follower]?.at === basal.at) follower++
    const next = basals[follower]
    const seconds = next === undefined ? basal.seconds : Math.min(basal.seconds, next.at - basal.at)
    const value = insulin((basal.rate * seconds) / 3600, 'basal', seconds)
    outcomes[basal.index] = outcomeOf(basal.line, [value], { moment: basal.moment, source: basal.source })
  }
}

function dropRepeats(
  starts: { readonly index: number; readonly line: number; readonly key: string; readonly at: number }[],
  outcomes: Outcome[],
): void {
  starts.sort((a, b) => a.at - b.at)
  const previous = new Map<string, number>()
  for (const { index, line, key, at } of starts) {
    const before = previous.get(key)
    if (before !== undefined && at - before <= REPEAT_SECONDS) outcomes[index] = drop(line, 'REPEATED')
    previous.set(key, at)
  }
}

/** The instant, and the local clock where the document tells an offset other than 0. */
function momentOf(value: JsonObject): Moment | undefined {
  const written = text(value['dateString']) ?? text(value['sysTime']) ?? text(value['created_at'])
  const stamp = written === undefined ? undefined : readStamp(written)
  const stampLocal = stamp === undefined ? undefined : localOf(stamp, undefined)
  let instant = epochSeconds(value['date']) ?? epochSeconds(value['mills'])
  if (instant === undefined) {
    for (const key of ['created_at', 'dateString', 'sysTime', 'timestamp', 'eventTime']) {
      instant = instantOf(value[key])
      if (instant !== undefined) break
    }
  }
  if (instant === undefined) return stampLocal === undefined ? undefined : { local: stampLocal }
  const minutes = jsonNumber(value['utcOffset'])
  const offset = stamp?.offset !== undefined && stamp.offset !== 0 ? stamp.offset : (minutes ?? 0) * 60
  if (offset === 0 || Math.abs(offset) > 18 * 3600) return { instant }
  return { instant, local: instant + offset }
}

function epochSeconds(value: unknown): number | undefined {
  const number = jsonNumber(value)
  if (number === undefined || number <= 0) return undefined
  return number > 1e11 ? number / 1000 : number > 1e8 ? number : undefined
}

function instantOf(value: unknown): number | undefined {
  if (typeof value === 'number') return epochSeconds(value)
  if (typeof value !== 'string') return undefined
  const stamp = readStamp(value)
  if (stamp === undefined || stamp.offset === undefined) return epochSeconds(value)
  const local = localOf(stamp, undefined)
  return local === undefined ? undefined : local - stamp.offset
}

function profileZone(value: JsonObject, store: JsonObject): string | undefined {
  const chosen = store[text(value['defaultProfile']) ?? text(value['profile']) ?? '']
  for (const candidate of [chosen, ...Object.values(store)]) {
    const zone = isObject(candidate) ? text(candidate['timezone']) : undefined
    if (zone !== undefined && zone !== '') return zone
  }
  return undefined
}
