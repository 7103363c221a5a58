/**
 * Day by day: a small curve for each local day, midnight to midnight, with its mean and its share in range in words.
 *
 * Law: all days share one scale; a gap is drawn as a gap; the words say what the picture shows.
 */
import { report } from '../../glycemia/index.ts'
import { fixed, shownGlucose } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import { linePath, scaleOf } from '../shared/trace-path.ts'
import type { Point } from '../shared/trend.ts'
import type { Health } from './health.ts'
import { localDays } from './local-days.ts'
import { usePatientWords } from './words.ts'

const WIDTH = 96
const HEIGHT = 48
const TOP_MGDL = 350

export function DayThumbnails({ health, days }: { readonly health: Health; readonly days: number }) {
  const text = usePatientWords().history
  const last = health.points.at(-1)
  if (last === undefined) return null
  return (
    <>
      <h3>{text.daysTitle}</h3>
      <ol className="days" data-testid="days">
        {localDays(last.at, days).map(([from, until]) => (
          <Day key={from} health={health} from={from} until={until} />
        ))}
      </ol>
    </>
  )
}

function Day({
  health,
  from,
  until,
}: {
  readonly health: Health
  readonly from: number
  readonly until: number
}) {
  const { unit, language } = useSettings()
  const text = usePatientWords().history
  const isHere = ({ at }: Pick<Point, 'at'>): boolean => at >= from && at < until
  const points = health.points.filter(isHere)
  const { distribution, bands } = report(health.glucose.filter(isHere))
  const name = new Date(from * 1_000).toLocaleDateString(language === 'en' ? 'en-GB' : language, {
    weekday: 'short',
    day: 'numeric',
    month: 'numeric',
  })
  const share = bands.find(({ band }) => band.name === 'target')?.percent ?? null
  const { mean } = distribution
  const words =
    mean === null
      ? `${name}: ${text.noDay}`
      : text.day(name, shownGlucose(mean, unit, language), unit, fixed(share, 0, language))
  const { x, y } = scaleOf({ width: WIDTH, height: HEIGHT, from, until, top: TOP_MGDL })
  return (
    <li className="chart">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={words}>
        <rect className="target" width={WIDTH} y={y(180)} height={y(70) - y(180)} />
        <path className="line thin" d={linePath(points, x, y)} />
      </svg>
      <span aria-hidden="true">
        {name} <span className="quiet">{share === null ? '–' : `${fixed(share, 0, language)} %`}</span>
      </span>
    </li>
  )
}
