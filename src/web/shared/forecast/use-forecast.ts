/** The forecast of the readings that are shown, while they are fresh; worked out beside the screen, which waits for nothing. */
import { useEffect, useState } from 'react'
import type { OwnForecast } from '../../../learning/browser.door.ts'
import type { Glucose } from '../../../series/index.ts'
import type { Ahead } from '../trace-chart.tsx'
import type { ForecastHere } from './forecast-here.ts'

/** Readings older than two steps of a common sensor and the way here say nothing of the next hour. */
const FRESH_SECONDS = 15 * 60

export interface ShownForecast {
  readonly here: ForecastHere | { readonly none: 'STALE' | 'FAILED' }
  /** For a chart; undefined where there is no forecast. */
  readonly ahead: Ahead | undefined
}

/** Undefined until it is known. `now`: seconds since 1970; `glucose` in order of time. */
export function useForecast(glucose: readonly Glucose[], now: number): ShownForecast | undefined {
  const last = glucose.findLast(({ method }) => method !== 'smbg')?.at ?? 0
  const fresh = now - last <= FRESH_SECONDS
  const [known, know] = useState<{ readonly of: readonly Glucose[]; readonly here: ShownForecast['here'] }>()
  useEffect(() => {
    if (!fresh) return
    let left = false
    void import('./forecast-here.ts')
      .then(({ forecastHere }) => forecastHere(glucose))
      .catch((): ShownForecast['here'] => ({ none: 'FAILED' }))
      .then((here) => {
        if (!left) know({ of: glucose, here })
      })
    return () => {
      left = true
    }
  }, [glucose, fresh])
  if (!fresh) return { here: { none: 'STALE' }, ahead: undefined }
  return known?.of === glucose ? { here: known.here, ahead: aheadOf(known.here, last) } : undefined
}

function aheadOf(here: ShownForecast['here'], last: number): Ahead | undefined {
  if ('none' in here) return undefined
  const { path } = here.forecast
  const widths = widthsOf(here.forecast)
  return {
    path: path.map(({ minutes, mgdl }) => ({ at: last + minutes * 60, mgdl })),
    band: path.map(({ minutes, mgdl }) => {
      const { below, above } = widths(minutes)
      return { at: last + minutes * 60, low: mgdl - below, high: mgdl + above }
    }),
  }
}

/** How far the band reaches from the path: told at 30 and 60 minutes, a straight line from the reading on between them. */
function widthsOf({ path, band }: OwnForecast): (minutes: number) => { below: number; above: number } {
  const told = [{ minutes: 0, below: 0, above: 0 }]
  for (const { minutes, low, high } of band) {
    const value = path.find((step) => step.minutes === minutes)?.mgdl ?? (low + high) / 2
    told.push({ minutes, below: value - low, above: high - value })
  }
  return (minutes) => {
    const next = told.find((one) => one.minutes >= minutes) ?? { minutes, below: 0, above: 0 }
    const before = told.findLast((one) => one.minutes < minutes) ?? next
    const share = next === before ? 1 : (minutes - before.minutes) / (next.minutes - before.minutes)
    const between = (a: number, b: number): number => a + share * (b - a)
    return { below: between(before.below, next.below), above: between(before.above, next.above) }
  }
}
