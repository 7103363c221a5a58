/** A record as it was opened: integrity, the report, the days with insulin and meals, the next hour. */
import { useMemo, useState } from 'react'
import type { PatientAnswer } from '../../api/index.ts'
import { hoursIn } from '../../consent/browser.door.ts'
import { mgPerDlOf, report, sensorReadings } from '../../glycemia/index.ts'
import type { HealthRecord } from '../../series/index.ts'
import { ForecastNote } from '../shared/forecast/forecast-note.tsx'
import { type ShownForecast, useForecast } from '../shared/forecast/use-forecast.ts'
import { useForecastWords } from '../shared/forecast/words.ts'
import { fixed, shownTime } from '../shared/format.ts'
import { ReportArticle } from '../shared/report-article.tsx'
import { useSettings } from '../shared/settings.tsx'
import { TraceChart } from '../shared/trace-chart.tsx'
import type { Point } from '../shared/trend.ts'
import { ProofBadge } from './proof-badge.tsx'
import { healthRecords } from './records.ts'
import { useClinicianWords } from './words.ts'

const DAY = 86_400

export function RecordView({ answer }: { readonly answer: PatientAnswer }) {
  const { patient: text, codes } = useClinicianWords()
  const records = useMemo(() => healthRecords(answer.records), [answer])
  const glucose = useMemo(() => records.filter((record) => record.type === 'glucose'), [records])
  const points = useMemo(
    () => sensorReadings(glucose).map((one) => ({ at: one.at, mgdl: mgPerDlOf(one) })),
    [glucose],
  )
  const forecast = useForecast(glucose, answer.at)
  const left = hoursIn(answer.proof.damaged.filter(({ kind }) => kind === 'glucose'))
  const leftOut = left === 0 ? null : <p className="notice bad">{text.leftOut(left)}</p>
  return (
    <>
      <ProofBadge answer={answer} />
      {glucose.length === 0 ? (
        <p>{left === 0 ? text.noReport : codes['OBJECT_TAMPERED']}</p>
      ) : (
        <ReportArticle report={report(glucose)}>{leftOut}</ReportArticle>
      )}
      {points.length === 0 ? null : <Days points={points} records={records} forecast={forecast} />}
    </>
  )
}

function Days({
  points,
  records,
  forecast,
}: {
  readonly points: readonly Point[]
  readonly records: readonly HealthRecord[]
  readonly forecast: ShownForecast | undefined
}) {
  const { language } = useSettings()
  const text = useClinicianWords().patient
  const { title: aheadTitle } = useForecastWords()
  const starts = useMemo(() => daysOf(points), [points])
  const [picked, pick] = useState<number>()
  const from = picked ?? starts[0] ?? 0
  const within = ({ at }: { readonly at: number }): boolean => at >= from && at < from + DAY
  const events = records
    .filter((record) => record.type === 'insulin' || record.type === 'meal')
    .filter(within)
  /** The next hour stands in the chart of the newest day. */
  const ahead = from === starts[0] ? forecast?.ahead : undefined
  const until = Math.max(from + DAY, ahead?.path.at(-1)?.at ?? 0)
  return (
    <article className="card" aria-labelledby="days-title">
      <h2 id="days-title">{text.dayTitle}</h2>
      <label className="field">
        {text.day}
        <select value={from} onChange={({ target }) => pick(Number(target.value))}>
          {starts.map((start) => (
            <option key={start} value={start}>
              {shownDay(start, language)}
            </option>
          ))}
        </select>
      </label>
      <TraceChart points={points.filter(within)} from={from} until={until} ahead={ahead} />
      <h3>{text.events}</h3>
      {events.length === 0 ? <p className="quiet">{text.noEvents}</p> : null}
      <ul className="timeline">
        {events.map((event) => (
          <li key={`${event.at} ${event.type}`}>
            <time>{shownTime(event.at, language)}</time> {said(event, text, language)}
          </li>
        ))}
      </ul>
      <h3>{aheadTitle}</h3>
      <ForecastNote shown={forecast} />
    </article>
  )
}

function said(
  event: HealthRecord,
  text: ReturnType<typeof useClinicianWords>['patient'],
  language: string,
): string {
  if (event.type === 'meal') return text.meal(fixed(event.carbs, 0, language))
  if (event.type !== 'insulin') return ''
  const units = fixed(event.units, 2, language)
  return event.delivery === 'basal' || event.delivery === 'long-acting'
    ? text.basal(units)
    : text.insulin(units)
}

/** Midnights of this device's clock, the newest day first. */
function daysOf(points: readonly Point[]): readonly number[] {
  const starts = points.map(({ at }) => new Date(at * 1_000).setHours(0, 0, 0, 0) / 1_000)
  return [...new Set(starts)].sort((a, b) => b - a)
}

function shownDay(at: number, language: string): string {
  return new Date(at * 1_000).toLocaleDateString(language === 'en' ? 'en-GB' : language, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
  })
}
