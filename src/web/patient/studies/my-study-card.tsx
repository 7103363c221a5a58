/** A study that the person takes or took part in: where, what learned from them, and the way out. */
import { lazy, Suspense, useState } from 'react'
import type { OpenStudy } from '../../../api/index.ts'
import { shownDay } from '../../shared/format.ts'
import { useSettings } from '../../shared/settings.tsx'
import type { Person } from '../sign-in.ts'
import type { StudyConsent } from './my-consents.ts'
import { useStudiesWords } from './words.ts'

const LearnedFromMe = lazy(async () => ({ default: (await import('./learned-table.tsx')).LearnedTable }))
const StudySheet = lazy(async () => ({ default: (await import('./study-sheet.tsx')).StudySheet }))
const StopDialog = lazy(async () => ({ default: (await import('../stop-dialog.tsx')).StopDialog }))

export function MyStudyCard({
  person,
  study,
  consents,
  done,
}: {
  readonly person: Person
  readonly study: OpenStudy
  readonly consents: readonly StudyConsent[]
  readonly done: (words: string) => void
}) {
  const { language } = useSettings()
  const text = useStudiesWords()
  const [leaving, leave] = useState(false)
  const [asking, ask] = useState(false)
  const { title } = study
  const standing = consents.filter(({ stands }) => stands)
  const outdated = standing.length > 0 && standing.every(({ sheet }) => sheet !== study.sheets.at(-1))
  const sites = new Set(
    (standing.length > 0 ? standing : consents).map(({ grant }) => grant.handOver.readerName),
  )
  return (
    <article className="card" aria-label={title} data-testid="my-study">
      <h3>{title}</h3>
      <p>
        {[...sites].map((site) => text.at(site)).join(', ')} · {text.ends(shownDay(study.expires, language))}
      </p>
      {outdated ? (
        <>
          <p className="notice bad" role="alert">
            {text.again}
          </p>
          <Suspense fallback={null}>
            <StudySheet person={person} study={study} before={standing[0]?.sheet} done={done} />
          </Suspense>
        </>
      ) : null}
      <p className="row">
        <button
          type="button"
          className="button"
          aria-expanded={asking}
          aria-label={`${text.learned} ${title}`}
          onClick={() => ask(!asking)}
        >
          {text.learned}
        </button>
        {standing.length === 0 ? null : (
          <button
            type="button"
            className="button danger"
            aria-label={`${text.leave}: ${title}`}
            onClick={() => leave(true)}
          >
            {text.leave}
          </button>
        )}
      </p>
      <Suspense fallback={null}>
        {asking ? (
          <LearnedFromMe person={person} study={study.study} grants={consents.map(({ grant }) => grant)} />
        ) : null}
        {leaving ? (
          <StopDialog
            agent={person.agent}
            grants={standing.map(({ grant }) => grant)}
            words={{
              title: text.leaveTitle(title),
              stopsNow: text.stopsNow,
              cannot: text.cannot,
              confirm: text.confirm,
              keep: text.keep,
              going: text.going,
              onLedger: text.gone,
              onItsWay: text.onItsWay,
              kept: text.kept,
            }}
            done={(words) => {
              leave(false)
              done(words)
            }}
            close={() => leave(false)}
          />
        ) : null}
      </Suspense>
    </article>
  )
}
