/** The glucose profile report: figures, time in ranges, a usual day, in the order in which clinicians read it. */
import type { ReactNode } from 'react'
import type { Report } from '../../glycemia/index.ts'
import { Fact } from './fact.tsx'
import { fixed, shownGlucose } from './format.ts'
import { ProfileChart } from './profile-chart.tsx'
import { RangesBar } from './ranges-bar.tsx'
import { useSettings } from './settings.tsx'

export function ReportArticle({
  report,
  children,
}: {
  readonly report: Report
  /** What stands below it: buttons, notes. */
  readonly children?: ReactNode
}) {
  const { words, unit, language } = useSettings()
  const shown: Report = { ...report, unit }
  const { figures } = words.report
  const { mean } = report.distribution
  const low = report.episodes.find(({ type, level }) => type === 'hypo' && level === 1)
  return (
    <article className="card" aria-labelledby="report-title">
      <h2 id="report-title">{words.report.title}</h2>
      {report.readings === 0 ? <p>{words.report.none}</p> : null}
      {report.sufficient ? null : <p className="notice">{words.report.thin}</p>}
      <dl className="figures" data-testid="figures">
        <Fact name={figures.wear} value={`${fixed(report.wear.percent, 1, language)} %`} />
        <Fact name={figures.lows} value={String(low?.count ?? 0)} />
        <Fact
          name={figures.mean}
          value={mean === null ? '–' : `${shownGlucose(mean, unit, language)} ${unit}`}
        />
        <Fact name={figures.gmi} value={`${fixed(report.gmi, 1, language)} %`} />
        <Fact name={figures.cv} value={`${fixed(report.cv, 1, language)} %`} />
        <Fact name={figures.readings} value={fixed(report.readings, 0, language)} />
      </dl>
      <h3>{words.report.ranges}</h3>
      <RangesBar report={shown} />
      <h3>{words.report.usual}</h3>
      <ProfileChart report={shown} />
      {children}
    </article>
  )
}
