/**
 * Which format a JSON document is, and its entries: told by members that only that format has.
 */
import { type Entry, entriesOf, isObject, type JsonObject, list, text } from './json-text.ts'
import type { Format } from './report.ts'

const TIDEPOOL_TYPES = new Set([
  'cbg',
  'smbg',
  'bolus',
  'basal',
  'wizard',
  'food',
  'upload',
  'deviceEvent',
  'pumpSettings',
  'cgmSettings',
  'bloodKetone',
  'physicalActivity',
  'reportedState',
  'insulin',
  'dosingDecision',
  'controllerSettings',
  'controllerStatus',
  'pumpStatus',
  'automated',
  'water',
  'alert',
  'deviceStatus',
])

export type JsonFormat = Extract<Format, 'tidepool' | 'nightscout' | 'fhir'>

/** The format that one object belongs to, or undefined. */
function objectFormat(value: JsonObject): JsonFormat | undefined {
  if (typeof value['resourceType'] === 'string') return 'fhir'
  const type = text(value['type'])
  if (type !== undefined && TIDEPOOL_TYPES.has(type)) {
    if (
      ['time', 'deviceTime', 'deviceId', 'uploadId', 'guid', 'timezoneOffset'].some((key) => key in value)
    ) {
      return 'tidepool'
    }
  }
  if ('sgv' in value || 'mbg' in value) return 'nightscout'
  if ((type === 'cal' || type === 'sgv' || type === 'mbg') && 'date' in value) return 'nightscout'
  if ('eventType' in value && ('created_at' in value || 'timestamp' in value || 'date' in value))
    return 'nightscout'
  if ('store' in value && 'defaultProfile' in value) return 'nightscout'
  if ('store' in value && 'startDate' in value) return 'nightscout'
  if ('device' in value && ['pump', 'openaps', 'loop', 'uploader'].some((key) => key in value))
    return 'nightscout'
  return undefined
}

/** The arrays that hold the entries: the document itself, or members of a wrapper (`entries`, `treatments`, `data`, `result`). */
export function documentEntries(document: unknown): {
  readonly entries: readonly Entry[]
  readonly wrapped: boolean
} {
  if (Array.isArray(document)) return { entries: entriesOf(document), wrapped: false }
  if (!isObject(document)) return { entries: [], wrapped: false }
  if (text(document['resourceType']) === 'Bundle') {
    const resources = list(document['entry']).map((entry) =>
      isObject(entry) ? entry['resource'] : undefined,
    )
    return { entries: entriesOf(resources), wrapped: true }
  }
  if (objectFormat(document) !== undefined) return { entries: entriesOf([document]), wrapped: false }
  const entries: Entry[] = []
  for (const member of Object.values(document)) {
    if (!Array.isArray(member) || !member.some((item) => isObject(item) && objectFormat(item) !== undefined))
      continue
    entries.push(...entriesOf(member, entries.length + 1))
  }
  return { entries, wrapped: true }
}

/** The format of most of the first 2,000 entries; undefined when none is known. */
export function entriesFormat(entries: readonly Entry[]): JsonFormat | undefined {
  const votes = new Map<JsonFormat, number>()
  for (const { value } of entries.slice(0, 2000)) {
    const format = value === undefined ? undefined : objectFormat(value)
    if (format !== undefined) votes.set(format, (votes.get(format) ?? 0) + 1)
  }
  let best: JsonFormat | undefined
  for (const [format, count] of votes) if (best === undefined || count > (votes.get(best) ?? 0)) best = format
  return best
}
