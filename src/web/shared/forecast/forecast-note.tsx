/** What the next hour may bring, in words: value and band at 30 and 60 minutes, what it rests on, and that none doses by it. */
import { shownDay, shownGlucose } from '../format.ts'
import { useSettings } from '../settings.tsx'
import type { ShownForecast } from './use-forecast.ts'
import { useForecastWords } from './words.ts'

export function ForecastNote({ shown }: { readonly shown: ShownForecast | undefined }) {
  const { unit, language } = useSettings()
  const text = useForecastWords()
  if (shown === undefined) return <p role="status">{text.working}</p>
  const { here } = shown
  if ('none' in here) return <p className="quiet">{text.none[here.none]}</p>
  const { source, forecast } = here
  const glucose = (mgdl: number): string => shownGlucose(mgdl, unit, language)
  return (
    <div data-testid="forecast">
      <ul>
        {forecast.band.map(({ minutes, low, high }) => (
          <li key={minutes}>
            {text.says(
              minutes,
              `${glucose(forecast.path.find((step) => step.minutes === minutes)?.mgdl ?? 0)} ${unit}`,
              glucose(low),
              glucose(high),
            )}
          </li>
        ))}
      </ul>
      <p>
        <strong>{text.limit}</strong>
      </p>
      <details>
        <summary>{text.how}</summary>
        <p>{text.band(forecast.moments)}</p>
        <p>{text.error(glucose(forecast.rmse30), glucose(forecast.stays30), unit)}</p>
        <p>{text.source(source.title, source.version, shownDay(source.made, language))}</p>
      </details>
    </div>
  )
}
