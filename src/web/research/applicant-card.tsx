/** What the applicant does next: open the study, have it run, and see that it runs. */
import { useState } from 'react'
import type { StudyStandingAnswer } from '../../api/index.ts'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { useAct } from '../shared/use-act.ts'
import { ConditionsField } from './conditions-field.tsx'
import { Refused } from './refused.tsx'
import { useResearchWords } from './words.ts'

export function ApplicantCard({
  person,
  standing: { study, run: running, conditions: named },
  changed,
}: {
  readonly person: StaffPerson
  readonly standing: StudyStandingAnswer
  readonly changed: () => void
}) {
  const text = useResearchWords().applicant
  const { busy, error, run } = useAct()
  const isConditional = study.state === 'CONDITIONAL'
  const decided = named.find(({ hash }) => hash === study.committee.conditions)?.words
  const [typed, setConditions] = useState<string>()
  const conditions = typed ?? decided ?? ''
  const open = (): void =>
    run(async () => {
      const words = isConditional ? conditions.trim() : null
      await person.tell('study-opening', { study: study.study, conditions: words })
      changed()
    })
  const start = (): void => run(async () => void (await person.tell('study-run', { study: study.study })))
  return (
    <article className="card" aria-labelledby="next-title">
      <h2 id="next-title">{text.title}</h2>
      <p>{text.next[study.state]}</p>
      {isConditional ? (
        <ConditionsField label={text.conditions} value={conditions} change={setConditions} />
      ) : null}
      <div className="row">
        {isConditional || study.state === 'APPROVED' ? (
          <button
            type="button"
            className="button main"
            disabled={busy || (isConditional && conditions.trim() === '')}
            onClick={open}
          >
            {isConditional ? text.accept : text.open}
          </button>
        ) : null}
        {study.state === 'OPEN' && running.state !== 'running' && running.state !== 'awaits-ledger' ? (
          <button type="button" className="button main" disabled={busy} onClick={start}>
            {text.run}
          </button>
        ) : null}
      </div>
      {error === undefined ? null : <Refused error={error} />}
      <p role="status" data-testid="run">
        {text.runs[running.state]}{' '}
        {running.because === null ? '' : (text.because[running.because] ?? running.because)}
      </p>
    </article>
  )
}
