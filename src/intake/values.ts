/**
 * Values as bodies of records, with the limits of what a body or a meter can show.
 *
 * Law: "Low" and "High" are readings; their value is the device's limit −1 and +1 mg/dL, 39 and 401 where the file
 * names none. A value beyond the limits below is dropped as OUT_OF_RANGE, never clamped.
 */
import {
  type GlucoseUnit,
  type Grams,
  type InsulinUnits,
  MG_PER_DL_PER_MMOL_PER_L,
  quantity,
} from '../vocabulary/index.ts'
import { decimal } from './decimals.ts'
import type { Body } from './draft.ts'
import type { DropReason } from './report.ts'

/** mg/dL: below, no one is alive to measure it and vendors write error codes; above, no meter reads. */
const GLUCOSE_LIMITS = { low: 10, high: 1500 } as const
const INSULIN_LIMIT_UNITS = 1000
const CARBS_LIMIT_GRAMS = 2000
/** LOINC 66441-7: beta hydroxybutyrate [moles/volume] in blood by test strip. */
const KETONE_STRIP = '66441-7'

export type Value = { readonly body: Body } | { readonly drop: DropReason }

const LOW =
  /^(?:low|lo|niedrig|tief|bas|basse?|bajo|baja|basso|bassa|baixo|baixa|laag|lav|lavt|låg|lågt|nízk[ýáé]|niski|niskie|matala|düşük)$/i
const HIGH =
  /^(?:high|hi|hoch|haut|élevée?|alto|alta|hoog|høj|høyt?|hög|högt|vysok[ýáé]|wysoki|wysokie|korkea|yüksek)$/i
const BOUND =
  /^\s*(?:(?:low|high|lo|hi)\s*\(?)?\s*([<>])=?\s*(\d+(?:[.,]\d+)?)\s*\)?\s*(?:mg\/dl|mmol\/l)?\s*$/i

/** Glucose written as text: a number, Low, High, `<40`, `>27.8`. */
export function glucoseFromText(text: string, unit: GlucoseUnit, method: 'cgm' | 'scan' | 'smbg'): Value {
  const number = decimal(text)
  if (number !== undefined) return glucose(number, unit, method)
  const word = text.trim()
  if (word.length > 40) return { drop: 'UNPARSED_VALUE' }
  if (LOW.test(word)) return outside('low', unit, method)
  if (HIGH.test(word)) return outside('high', unit, method)
  const bound = BOUND.exec(word)
  const limit = bound === null ? undefined : decimal(bound[2] ?? '')
  if (bound !== null && limit !== undefined)
    return outside(bound[1] === '<' ? 'low' : 'high', unit, method, limit)
  return { drop: 'UNPARSED_VALUE' }
}

export function glucose(
  value: number,
  unit: GlucoseUnit,
  method: 'cgm' | 'scan' | 'smbg',
  text?: 'low' | 'high',
): Value {
  const mgPerDl = unit === 'mg/dL' ? value : value * MG_PER_DL_PER_MMOL_PER_L
  if (!(mgPerDl >= GLUCOSE_LIMITS.low && mgPerDl <= GLUCOSE_LIMITS.high)) return { drop: 'OUT_OF_RANGE' }
  if (text === undefined) return { body: { type: 'glucose', value, unit, method } }
  return { body: { type: 'glucose', value, unit, method, text } }
}

/** A textual reading beyond a device limit given in `unit` (40 and 400 mg/dL when unknown). */
export function outside(
  text: 'low' | 'high',
  unit: GlucoseUnit,
  method: 'cgm' | 'scan' | 'smbg',
  limit?: number,
): Value {
  return glucose(substitute(text, unit, limit), unit, method, text)
}

/** The stated substitute of a textual reading, in `unit`: limit ∓ 1 mg/dL. */
function substitute(text: 'low' | 'high', unit: GlucoseUnit, limit?: number): number {
  const step = text === 'low' ? -1 : 1
  const standard = text === 'low' ? 40 : 400
  if (unit === 'mg/dL') return (limit ?? standard) + step
  if (limit === undefined) return (standard + step) / MG_PER_DL_PER_MMOL_PER_L
  const whole = Math.round(limit * MG_PER_DL_PER_MMOL_PER_L)
  const isWhole = Math.abs(whole - limit * MG_PER_DL_PER_MMOL_PER_L) < 1e-6
  return isWhole ? (whole + step) / MG_PER_DL_PER_MMOL_PER_L : limit + step / MG_PER_DL_PER_MMOL_PER_L
}

export function insulin(
  units: number,
  delivery: 'bolus' | 'basal' | 'long-acting' | 'rapid-acting' | 'correction',
  seconds?: number,
): Value {
  if (!(units >= 0 && units <= INSULIN_LIMIT_UNITS)) return { drop: 'OUT_OF_RANGE' }
  if (seconds !== undefined && !(seconds >= 0 && seconds <= 31 * 86_400)) return { drop: 'OUT_OF_RANGE' }
  const body = { type: 'insulin', units: quantity<InsulinUnits>(units), delivery } as const
  return { body: seconds === undefined ? body : { ...body, seconds } }
}

export function meal(carbs: number): Value {
  if (!(carbs >= 0 && carbs <= CARBS_LIMIT_GRAMS)) return { drop: 'OUT_OF_RANGE' }
  return { body: { type: 'meal', carbs: quantity<Grams>(carbs) } }
}

export function ketone(value: number): Value {
  if (!(value >= 0 && value <= 50)) return { drop: 'OUT_OF_RANGE' }
  return { body: { type: 'laboratory', code: KETONE_STRIP, value, unit: 'mmol/L' } }
}

export function activity(seconds: number | undefined, intensity?: string): Value {
  if (seconds !== undefined && !(seconds >= 0 && seconds <= 7 * 86_400)) return { drop: 'OUT_OF_RANGE' }
  return {
    body: {
      type: 'activity',
      ...(seconds === undefined ? {} : { seconds }),
      ...(intensity === undefined || intensity === '' ? {} : { intensity }),
    },
  }
}

/** Free text of a person, control characters removed, at most 2,000 characters. */
export function note(text: string): Value {
  const clean = cleanText(text, true)
  return clean === '' ? { drop: 'NOT_GLUCOSE' } : { body: { type: 'note', text: clean } }
}

/** An event name of a device: only words, never digits, so that no serial slips in. */
export function deviceEvent(event: string): Value {
  const name = event
    .slice(0, 200)
    .trim()
    .toLowerCase()
    .replace(/[\s_]+/g, ' ')
  return { body: { type: 'device', event: /^[\p{L}][\p{L} /()'.-]{0,39}$/u.test(name) ? name : 'other' } }
}

/** An event as our own export wrote it: any words, so that nothing is lost on the way back. */
export function ownEvent(event: string): Value {
  const name = cleanText(event).slice(0, 80)
  return name === '' ? { drop: 'NO_VALUE' } : { body: { type: 'device', event: name } }
}

/** Text without control and direction characters; with `lines`, line ends and tabs stay. */
export function cleanText(text: string, lines = false): string {
  const kept = lines
    ? /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]+/g
    : undefined
  return text
    .replace(kept ?? /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\ufeff]+/g, ' ')
    .trim()
    .slice(0, 2000)
    .toWellFormed()
}

/** The glucose unit that a header or cell names. */
export function unitIn(written: string): GlucoseUnit | undefined {
  const text = written.slice(0, 120)
  if (/mg\s*[/_.]?\s*d\s*l/i.test(text)) return 'mg/dL'
  if (/mmol/i.test(text)) return 'mmol/L'
  return undefined
}
