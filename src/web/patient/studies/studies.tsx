/** Studies: those that are open to the person, those that they take part in, and what each has learned from them. */
import { lazy, Suspense, useCallback, useState } from 'react'
import type { OpenStudy } from '../../../api/index.ts'
import { listed, shownDay } from '../../shared/format.ts'
import { askNode } from '../../shared/node-fetch.ts'
import { useSettings } from '../../shared/settings.tsx'
import { Trouble } from '../../shared/trouble.tsx'
import { useAsked } from '../../shared/use-asked.ts'
import type { Person } from '../sign-in.ts'
import { consentsTo, type StudyConsent } from './my-consents.ts'
import { MyStudyCard } from './my-study-card.tsx'
import { useStudiesWords } from './words.ts'

const StudySheet = lazy(async () => ({ default: (await import('./study-sheet.tsx')).StudySheet }))

interface Known {
  readonly study: OpenStudy
  readonly consents: readonly StudyConsent[]
}

export function Studies({ person }: { readonly person: Person }) {
  const text = useStudiesWords()
  const [said, say] = useState('')
  const { value, error, again } = useAsked(useCallback(() => askNode().openStudies(), []))
  const now = Date.now() / 1_000
  const known = (value?.studies ?? []).map((study): Known => {
    const { grants } = person.agent.memory.now
    return { study, consents: consentsTo(grants, study.study, study.sheets, now) }
  })
  const isMine = ({ consents }: Known): boolean => consents.some(({ stands }) => stands)
  const mine = known.filter(isMine)
  const open = known.filter((one) => !isMine(one) && one.study.state === 'OPEN')
  const left = known.filter((one) => !isMine(one) && one.consents.length > 0)
  const done = (words: string): void => {
    say(words)
    again()
  }
  return (
    <section aria-labelledby="studies-title">
      <h1 id="studies-title">{text.title}</h1>
      <p className="lead">{text.lead}</p>
      <p className={said === '' ? 'away' : 'notice good'} role="status">
        {said}
      </p>
      {error === undefined ? null : <Trouble error={error} again={again} />}
      <h2>{text.mine}</h2>
      {value !== undefined && mine.length === 0 ? <p className="quiet">{text.noMine}</p> : null}
      {mine.map((one) => (
        <MyStudyCard key={one.study.study} person={person} {...one} done={done} />
      ))}
      <h2>{text.open}</h2>
      {value !== undefined && open.length === 0 ? <p className="quiet">{text.none}</p> : null}
      {open.map(({ study, consents }) => (
        <OpenCard key={study.study} person={person} study={study} consents={consents} done={done} />
      ))}
      {left.length === 0 ? null : (
        <>
          <h2>{text.left}</h2>
          {left.map((one) => (
            <MyStudyCard key={one.study.study} person={person} {...one} done={done} />
          ))}
        </>
      )}
    </section>
  )
}

function OpenCard({
  person,
  study,
  consents,
  done,
}: Known & { readonly person: Person; readonly done: (words: string) => void }) {
  const { words, language } = useSettings()
  const text = useStudiesWords()
  const [reading, read] = useState(false)
  const kinds = study.kinds.map((kind) => words.kinds[kind])
  const purposes = study.duo.flatMap((code) => text.purposes[code] ?? [])
  return (
    <article className="card">
      <h3>{study.title}</h3>
      <p className="quiet">
        {text.by(study.applicant)}
        {purposes.length === 0 ? '' : ` · ${listed(purposes, words.and)}`}
      </p>
      <p lang="en">{study.question}</p>
      <p>
        {text.uses(listed(kinds, words.and), shownDay(study.from, language), shownDay(study.until, language))}{' '}
        {text.ends(shownDay(study.expires, language))}
      </p>
      <button
        type="button"
        className={reading ? 'button' : 'button main'}
        aria-expanded={reading}
        aria-label={`${reading ? text.hide : text.look}: ${study.title}`}
        onClick={() => read(!reading)}
      >
        {reading ? text.hide : text.look}
      </button>
      <Suspense fallback={null}>
        {reading ? (
          <StudySheet person={person} study={study} before={consents[0]?.sheet} done={done} />
        ) : null}
      </Suspense>
    </article>
  )
}
