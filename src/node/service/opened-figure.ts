/**
 * What a reader opened, as the landing page shows it: a trace of at most 2,000 points and the figures of the report.
 *
 * Law: it holds health values, so it goes to loopback pages only and, for real people, never to the disk.
 */
import type { StoryOpened } from '../../api/index.ts'
import type { Reading } from '../../consent/index.ts'
import { reportDocument } from '../../glycemia/index.ts'
import type { Glucose, HealthRecord } from '../../series/index.ts'
import {
  formatInstant,
  MG_PER_DL_PER_MMOL_PER_L,
  startOfHour,
  type UnixSeconds,
} from '../../vocabulary/index.ts'

const MOST_POINTS = 2_000
const MOST_DAYS = 400
const DAY = 86_400

/** Draws what was opened; undefined when no glucose was. */
export function openedFigure(reader: string, reading: Reading): StoryOpened | undefined {
  const glucose = sensorTrace(reading.records)
  const [first] = glucose
  const last = glucose.at(-1)
  if (first === undefined || last === undefined) return undefined
  const report = reportDocument(glucose)
  const { from, until } = spanOf(reading, first.at, last.at)
  const firstDay = Math.floor(first.local / DAY)
  const every = Math.max(1, Math.ceil(glucose.length / MOST_POINTS))
  const trace = glucose
    .filter((_, index) => index % every === 0)
    .map(({ local, value, unit }) => ({
      day: Math.floor(local / DAY) - firstDay,
      minute: Math.floor((((local % DAY) + DAY) % DAY) / 60),
      glucose_mgdl: Math.round(unit === 'mg/dL' ? value : value * MG_PER_DL_PER_MMOL_PER_L),
    }))
    .filter(({ day, glucose_mgdl }) => day >= 0 && day <= MOST_DAYS && glucose_mgdl <= 2_000)
  return {
    reader,
    kind: 'glucose',
    from: formatInstant(from),
    until: formatInstant(until),
    readings: glucose.length,
    trace,
    mean_mgdl: report.mean_mgdl,
    gmi_percent: report.gmi_percent,
    cv_percent: report.cv_percent,
    tbr54_percent: report.tbr54_percent,
    tbr70_percent: report.tbr70_percent,
    tir_percent: report.tir_percent,
    tar180_percent: report.tar180_percent,
    tar250_percent: report.tar250_percent,
  }
}

/** One trace: the sensor's if there is one, else scans, else finger sticks (the rule of the report). */
function sensorTrace(records: readonly HealthRecord[]): readonly Glucose[] {
  const glucose = records.filter((record) => record.type === 'glucose')
  for (const method of ['cgm', 'scan', 'smbg'] as const) {
    const some = glucose.filter((reading) => reading.method === method)
    if (some.length > 0) return some
  }
  return []
}

function spanOf(
  { chunks }: Reading,
  first: UnixSeconds,
  last: UnixSeconds,
): { readonly from: UnixSeconds; readonly until: UnixSeconds } {
  const hours = chunks.map(({ place }) => place.hour)
  if (hours.length === 0) return { from: first, until: last }
  const least = hours.reduce((a, b) => (a < b ? a : b))
  const most = hours.reduce((a, b) => (a > b ? a : b))
  return { from: startOfHour(least), until: (startOfHour(most) + 3600) as UnixSeconds }
}
