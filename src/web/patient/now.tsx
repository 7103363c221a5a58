/** Now: the last value with its arrow and age, the hours before it, and the hour after. */
import { useEffect, useState } from 'react'
import { ForecastNote } from '../shared/forecast/forecast-note.tsx'
import { useForecast } from '../shared/forecast/use-forecast.ts'
import { useForecastWords } from '../shared/forecast/words.ts'
import { shownGlucose } from '../shared/format.ts'
import { Picker } from '../shared/picker.tsx'
import { useSettings } from '../shared/settings.tsx'
import { TraceChart } from '../shared/trace-chart.tsx'
import { ARROWS, trendOf } from '../shared/trend.ts'
import type { Health } from './health.ts'
import { usePatientWords } from './words.ts'

const HOURS = [3, 6, 12, 24] as const
/** Minutes after which a value is old: two steps of a common sensor and the way here. */
const STALE_MINUTES = 15

export function Now({ health, lead }: { readonly health: Health; readonly lead: string }) {
  const { words, unit, language } = useSettings()
  const text = usePatientWords()
  const [hours, setHours] = useState<(typeof HOURS)[number]>(6)
  const now = useSecondsNow()
  const forecast = useForecast(health.glucose, now)
  const ahead = useForecastWords()
  const last = health.points.at(-1)
  if (last === undefined) return <p>{text.now.none}</p>
  const minutes = Math.max(0, Math.floor((now - last.at) / 60))
  const age = text.now.ago(minutes)
  const stale = minutes > STALE_MINUTES
  const trend = stale ? undefined : trendOf(health.points)
  const shown = health.points.filter(({ at }) => at > now - hours * 3_600)
  const values = shown.map(({ mgdl }) => mgdl)
  return (
    <section aria-labelledby="now-title">
      <h1 id="now-title">{text.now.title}</h1>
      <p className="quiet">{lead}</p>
      <div className="cards">
        <div className={stale ? 'card big stale' : 'card big'}>
          <p className="value" data-testid="value">
            <strong>{shownGlucose(last.mgdl, unit, language)}</strong> <span>{unit}</span>
            {trend === undefined ? null : (
              <span className="arrow">
                <span aria-hidden="true">{ARROWS[trend]}</span>
                <span className="away">{words.trace.trend[trend]}</span>
              </span>
            )}
          </p>
          <p className={stale ? 'notice' : 'quiet'}>{stale ? text.now.stale(age) : age}</p>
        </div>
        <div className="card">
          <h2>{ahead.title}</h2>
          <ForecastNote shown={forecast} />
        </div>
      </div>
      <div className="card">
        <Picker label={text.now.span} options={HOURS} name={text.now.hours} picked={hours} pick={setHours} />
        <p>
          {values.length === 0
            ? text.now.none
            : text.now.summary(
                values.length,
                shownGlucose(Math.min(...values), unit, language),
                shownGlucose(Math.max(...values), unit, language),
                unit,
              )}{' '}
          {text.now.inRange}
        </p>
        <TraceChart
          points={shown}
          from={now - hours * 3_600}
          until={forecast?.ahead?.path.at(-1)?.at ?? now}
          ahead={forecast?.ahead}
        />
      </div>
    </section>
  )
}

/** Seconds since 1970, twice a minute. */
function useSecondsNow(): number {
  const [now, setNow] = useState(() => Math.floor(Date.now() / 1_000))
  useEffect(() => {
    const timer = setInterval(() => setNow(Math.floor(Date.now() / 1_000)), 30_000)
    return () => clearInterval(timer)
  }, [])
  return now
}
