/** History: the glucose profile report of the last days, and how it stands to the ledger. */
import { lazy, Suspense, useMemo, useState } from 'react'
import { type Report, report, summaryText } from '../../glycemia/index.ts'
import { Picker } from '../shared/picker.tsx'
import { ReportArticle } from '../shared/report-article.tsx'
import { useSettings } from '../shared/settings.tsx'
import type { Health } from './health.ts'
import { usePatientWords } from './words.ts'

const DAYS = [3, 7, 14, 30, 90] as const
/** Days that fit beside the report on one page. */
const MOST_THUMBNAILS = 14

const DayThumbnails = lazy(async () => ({ default: (await import('./day-thumbnails.tsx')).DayThumbnails }))

export function History({
  health,
  reach,
}: {
  readonly health: Health
  /** Asks for more days than are open here. */
  readonly reach: (days: number) => void
}) {
  const { unit } = useSettings()
  const text = usePatientWords()
  const [days, setDays] = useState<(typeof DAYS)[number]>(14)
  const [copied, setCopied] = useState<'done' | 'refused'>()
  const opening = days > health.days
  const made = useMemo((): Report => reportOf(health, days), [health, days])
  const choose = (chosen: (typeof DAYS)[number]): void => {
    setDays(chosen)
    setCopied(undefined)
    if (chosen > health.days) reach(chosen)
  }
  const copy = async (): Promise<void> => {
    const put = navigator.clipboard.writeText(summaryText({ ...made, unit }))
    setCopied(
      await put.then(
        () => 'done' as const,
        () => 'refused' as const,
      ),
    )
  }
  return (
    <section aria-labelledby="history-title">
      <h1 id="history-title">{text.history.title}</h1>
      <Picker label={text.history.span} options={DAYS} name={text.history.days} picked={days} pick={choose} />
      <p role="status">{opening ? text.history.opening(days) : ''}</p>
      <Proof health={health} />
      <ReportArticle report={made}>
        <Suspense fallback={null}>
          <DayThumbnails health={health} days={Math.min(days, MOST_THUMBNAILS)} />
        </Suspense>
        <p className="row noprint">
          <button type="button" className="button" onClick={() => void copy()}>
            {text.history.copy}
          </button>
          <button type="button" className="button" onClick={() => window.print()}>
            {text.history.print}
          </button>
          <span role="status">{copied === undefined ? '' : text.history.copied[copied]}</span>
        </p>
      </ReportArticle>
    </section>
  )
}

/** The report of the last days; how long it took stands in the browser’s own timeline, as `islet report`. */
function reportOf({ glucose }: Health, days: number): Report {
  const start = performance.now()
  const last = glucose.at(-1)?.at ?? 0
  const made = report(glucose.filter(({ at }) => at > last - days * 86_400))
  performance.measure('islet report', { start })
  return made
}

/** How what is shown stands to the ledger. */
function Proof({ health }: { readonly health: Health }) {
  const text = usePatientWords()
  const { all, proven, broken } = health.chunks
  return (
    <>
      {broken === 0 ? null : (
        <p className="notice bad" role="alert">
          {text.history.broken(broken)}
        </p>
      )}
      <p className="quiet" data-testid="proof">
        {text.history.proof(proven, all - broken)}
      </p>
    </>
  )
}
