/** One study in full: what is to be decided or done next, its rounds as they run, what came of them. */
import type { Hash32 } from '../../vocabulary/index.ts'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { ApplicantCard } from './applicant-card.tsx'
import { DecisionCard } from './decision-card.tsx'
import { PapersCard } from './papers-card.tsx'
import { Refused } from './refused.tsx'
import { ResultCard } from './result-card.tsx'
import { RoundsCard } from './rounds-card.tsx'
import { StandingCard } from './standing-card.tsx'
import { useStudy } from './use-study.ts'

export function StudyView({
  person,
  study,
  isCommittee,
  changed,
}: {
  readonly person: StaffPerson
  readonly study: Hash32
  readonly isCommittee: boolean
  /** Called when something was decided or done. */
  readonly changed: () => void
}) {
  const { standing, error, again } = useStudy(person, study)
  return (
    <div>
      {error === undefined ? null : <Refused error={error} again={again} />}
      {standing === undefined ? (
        <p role="status">…</p>
      ) : (
        <>
          <StandingCard standing={standing} />
          {isCommittee ? (
            <DecisionCard person={person} standing={standing} changed={changed} />
          ) : (
            <ApplicantCard person={person} standing={standing} changed={changed} />
          )}
          <RoundsCard standing={standing} />
          <ResultCard person={person} standing={standing} isApplicant={!isCommittee} />
          <PapersCard person={person} study={study} version={standing.study.plan_version} />
        </>
      )}
    </div>
  )
}
