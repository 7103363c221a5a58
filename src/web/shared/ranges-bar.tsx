/** Time in ranges as one bar and as words: every share stands beside its name, so that colour is never alone. */
import type { Report } from '../../glycemia/index.ts'
import { fixed, shownGlucose } from './format.ts'
import { useSettings } from './settings.tsx'

export function RangesBar({ report }: { readonly report: Report }) {
  const { words, unit, language } = useSettings()
  const border = (threshold: { readonly mgdl: number; readonly mmol: number }): string =>
    unit === 'mg/dL' ? shownGlucose(threshold.mgdl, unit, language) : fixed(threshold.mmol, 1, language)
  return (
    <div className="ranges">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {placed(report).map(({ name, percent, x }) => (
          <rect key={name} className={name} x={x} width={percent} y={0} height={6} />
        ))}
      </svg>
      <ul>
        {report.bands.map(({ band, percent }) => (
          <li key={band.name}>
            <span className={`swatch ${band.name}`} aria-hidden="true" /> {words.report.bands[band.name]}{' '}
            <span className="quiet">
              {band.from === undefined ? '<' : band.to === undefined ? '>' : ''}
              {[band.from, band.to].flatMap((one) => (one === undefined ? [] : [border(one)])).join('–')}{' '}
              {unit}
            </span>{' '}
            <strong data-band={band.name}>{fixed(percent, 1, language)} %</strong>
          </li>
        ))}
      </ul>
    </div>
  )
}

/** Each band with where it begins on the bar. */
function placed(report: Report) {
  let x = 0
  return report.bands.map(({ band, percent }) => {
    const here = x
    x += percent ?? 0
    return { name: band.name, percent: percent ?? 0, x: here }
  })
}
