/** The studies of this node, those that wait for a decision first; one of them in full. */
import { useCallback, useState } from 'react'
import type { Hash32 } from '../../vocabulary/index.ts'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { useAsked } from '../shared/use-asked.ts'
import { Refused } from './refused.tsx'
import { StudyView } from './study-view.tsx'
import { useResearchWords } from './words.ts'

export function Studies({
  person,
  isCommittee,
}: {
  readonly person: StaffPerson
  readonly isCommittee: boolean
}) {
  const text = useResearchWords()
  const [open, setOpen] = useState<Hash32>()
  const { value, error, again } = useAsked(useCallback(() => person.read.studies(), [person]))
  const waits = (state: string): boolean => state === 'SUBMITTED' || state === 'APPROVED'
  const studies = [...(value?.studies ?? [])].sort((a, b) => Number(waits(b.state)) - Number(waits(a.state)))
  return (
    <section aria-labelledby="studies-title">
      <h1 id="studies-title">{isCommittee ? text.nav.review : text.nav.studies}</h1>
      <p className="lead">{isCommittee ? text.review.lead : text.studies.lead}</p>
      {error === undefined ? null : <Refused error={error} again={again} />}
      {value === undefined || studies.length > 0 ? null : <p>{text.studies.none}</p>}
      <div className="cards">
        {studies.map(({ study, title, state, applicant_name: applicant, plan_version: version, rounds }) => (
          <article key={study} className="card" aria-labelledby={`study-${study}`}>
            <h2 id={`study-${study}`}>{title}</h2>
            <p>
              <strong>{text.states[state]}</strong>
            </p>
            <p className="quiet">
              {text.studies.by(applicant, version)} {text.studies.rounds(rounds.opened, rounds.planned)}
            </p>
            <button
              type="button"
              className="button"
              aria-expanded={open === study}
              aria-label={open === study ? undefined : text.studies.lookAt(title)}
              onClick={() => setOpen(open === study ? undefined : study)}
            >
              {open === study ? text.studies.close : text.studies.look}
            </button>
          </article>
        ))}
      </div>
      {open === undefined ? null : (
        <StudyView key={open} person={person} study={open} isCommittee={isCommittee} changed={again} />
      )}
    </section>
  )
}
