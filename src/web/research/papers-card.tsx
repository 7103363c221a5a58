/** The plan that is decided on, in words, and the sheet that people are shown. */
import { useCallback } from 'react'
import type { Hash32 } from '../../vocabulary/index.ts'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { useAsked } from '../shared/use-asked.ts'
import { PlanSummary } from './plan-summary.tsx'
import { Refused } from './refused.tsx'
import { useResearchWords } from './words.ts'

export function PapersCard({
  person,
  study,
  version,
}: {
  readonly person: StaffPerson
  readonly study: Hash32
  /** Of the plan: with another one the papers are fetched again. */
  readonly version: number
}) {
  const text = useResearchWords().papers
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version is another paper
  const ask = useCallback(() => person.read.studyPapers({ params: { study } }), [person, study, version])
  const { value, error, again } = useAsked(ask)
  return (
    <article className="card" aria-labelledby="papers-title">
      <h2 id="papers-title">{text.title}</h2>
      {error === undefined ? null : <Refused error={error} again={again} />}
      {value === undefined ? null : (
        <>
          <PlanSummary plan={value.plan} />
          <details>
            <summary>{text.sheet}</summary>
            <div lang={value.sheet.language}>
              {value.sheet.sections.map(({ id, title, text: paragraphs }) => (
                <section key={id}>
                  <h3>{title}</h3>
                  {paragraphs.map((paragraph) => (
                    <p key={paragraph}>{paragraph}</p>
                  ))}
                </section>
              ))}
            </div>
          </details>
        </>
      )}
    </article>
  )
}
