/** History: the glucose profile report of the last days, in the order in which clinicians read it. */
import { useMemo, useState } from 'react'
import { type Report, report, summaryText } from '../../glycemia/index.ts'
import { fixed, shownGlucose } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import type { Health } from './health.ts'
import { Picker } from './picker.tsx'
import { ProfileChart } from './profile-chart.tsx'
import { RangesBar } from './ranges-bar.tsx'

const DAYS = [3, 7, 14] as const

export function History({ health }: { readonly health: Health }) {
  const { words, unit, language } = useSettings()
  const [days, setDays] = useState<(typeof DAYS)[number]>(14)
  const [copied, setCopied] = useState(false)
  const made = useMemo((): Report => {
    const last = health.glucose.at(-1)?.at ?? 0
    return report(health.glucose.filter(({ at }) => at > last - days * 86_400))
  }, [health, days])
  const shown: Report = { ...made, unit }
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(summaryText(shown))
    setCopied(true)
  }
  const { figures } = words.history
  const low = made.episodes.find(({ type, level }) => type === 'hypo' && level === 1)
  return (
    <section aria-labelledby="history-title">
      <h1 id="history-title">{words.history.title}</h1>
      <Picker
        label={words.history.span}
        options={DAYS}
        name={words.history.days}
        picked={days}
        pick={setDays}
      />
      <Proof health={health} />
      <article className="card" aria-labelledby="report-title">
        <h2 id="report-title">{words.history.report}</h2>
        {made.readings === 0 ? <p>{words.history.none}</p> : null}
        {made.sufficient ? null : <p className="notice">{words.history.thin}</p>}
        <dl className="figures" data-testid="figures">
          <Figure name={figures.wear} value={`${fixed(made.wear.percent, 1, language)} %`} />
          <Figure name={figures.lows} value={String(low?.count ?? 0)} />
          <Figure
            name={figures.mean}
            value={
              made.distribution.mean === null
                ? '–'
                : `${shownGlucose(made.distribution.mean, unit, language)} ${unit}`
            }
          />
          <Figure name={figures.gmi} value={`${fixed(made.gmi, 1, language)} %`} />
          <Figure name={figures.cv} value={`${fixed(made.cv, 1, language)} %`} />
          <Figure name={figures.readings} value={fixed(made.readings, 0, language)} />
        </dl>
        <h3>{words.history.ranges}</h3>
        <RangesBar report={shown} />
        <h3>{words.history.usual}</h3>
        <ProfileChart report={shown} />
        <p className="row noprint">
          <button type="button" className="button" onClick={() => void copy()}>
            {words.history.copy}
          </button>
          <button type="button" className="button" onClick={() => window.print()}>
            {words.history.print}
          </button>
          <span role="status">{copied ? words.history.copied : ''}</span>
        </p>
      </article>
    </section>
  )
}

/** How what is shown stands to the ledger. */
function Proof({ health }: { readonly health: Health }) {
  const { words } = useSettings()
  const { all, proven, broken } = health.chunks
  return (
    <>
      {broken === 0 ? null : (
        <p className="notice bad" role="alert">
          {words.history.broken(broken)}
        </p>
      )}
      <p className="quiet" data-testid="proof">
        {words.history.proof(proven, all - broken)}
      </p>
    </>
  )
}

function Figure({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}
