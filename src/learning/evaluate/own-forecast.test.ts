/** A person's own forecast: what it says, how the band stands to their past, and when it says nothing. */
import { describe, expect, it } from 'vitest'
import { words } from '../nets/schedule.ts'
import { linearForecast, persistenceForecast } from '../ridge/baselines.ts'
import { ownForecast, type PathOf } from './own-forecast.ts'

const START = 1_700_000_000
const DAY = 86_400
/** Slow waves with a little noise, every five minutes: a line through the last quarter hour beats "it stays". */
function traceOf(days: number, keep: (second: number) => boolean = () => true) {
  const next = words(7)
  const at = Float64Array.from({ length: (days * DAY) / 300 }, (_, i) => START + 300 * i).filter((second) =>
    keep(second),
  )
  const value = at.map((second) => 150 + 60 * Math.sin(second / 3_000) + (4 * next()) / 4_294_967_296)
  return { id: 'one', glucose: { at, local: at, value } }
}
const WEEK = traceOf(7)

describe('a forecast of one person', () => {
  const said = ownForecast(linearForecast, WEEK)
  if ('none' in said) throw new Error(said.none)

  it('has twelve steps of five minutes, and a band around the path at 30 and 60 minutes', () => {
    expect(said.path.map(({ minutes }) => minutes)).toEqual([5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60])
    expect(said.band.map(({ minutes }) => minutes)).toEqual([30, 60])
    for (const { minutes, low, high } of said.band) {
      const value = said.path.find((step) => step.minutes === minutes)?.mgdl ?? 0
      expect(low).toBeLessThan(value)
      expect(high).toBeGreaterThan(value)
    }
  })

  it('nine of ten moments lay inside the band: no narrower for a model that misses more', () => {
    // A path that is wrong by 12 more, up and down in turn.
    const off: PathOf = (windows) =>
      linearForecast(windows).map(
        (value, i) => value + (Math.floor(i / windows.horizon) % 2 === 0 ? 12 : -12),
      )
    const wide = ownForecast(off, WEEK)
    if ('none' in wide) throw new Error(wide.none)
    const width = ({ band }: typeof wide) => (band[0]?.high ?? 0) - (band[0]?.low ?? 0)
    expect(width(wide)).toBeGreaterThan(width(said) + 15)
    expect(wide.rmse30).toBeGreaterThan(said.rmse30)
  })

  it('missed less than “it stays as it is”, and says on how many moments', () => {
    expect(said.rmse30).toBeLessThan(said.stays30)
    expect(said.moments).toBeGreaterThan(300)
    expect(said.moments).toBeLessThan((7 * 24 * 3_600) / 1_800)
  })
})

describe.each([
  {
    why: 'one that is as good as “it stays”',
    pathOf: persistenceForecast,
    trace: WEEK,
    none: 'MODEL_FITS_BADLY',
  },
  {
    why: 'a gap of an hour before the last reading',
    pathOf: linearForecast,
    trace: traceOf(7, (second) => second < START + 7 * DAY - 4_500 || second > START + 7 * DAY - 900),
    none: 'CONTEXT_TOO_SHORT',
  },
  { why: 'a day alone', pathOf: linearForecast, trace: traceOf(1), none: 'PAST_TOO_SHORT' },
  { why: 'no reading', pathOf: linearForecast, trace: traceOf(0), none: 'CONTEXT_TOO_SHORT' },
] as const)('$why', ({ pathOf, trace, none }) => {
  it(`forecasts nothing: ${none}`, () => {
    expect(ownForecast(pathOf, trace)).toEqual({ none })
  })
})
