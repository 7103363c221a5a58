/**
 * What a committee member decides: their institution's seat votes on the plan that is shown, or its own site takes part.
 *
 * Law: a decision names the plan by its fingerprint; if the plan was replaced meanwhile it counts for nothing.
 */
import { useState } from 'react'
import type { StudyDecision, StudyStandingAnswer } from '../../api/index.ts'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { useAct } from '../shared/use-act.ts'
import { ConditionsField } from './conditions-field.tsx'
import { Refused } from './refused.tsx'
import { useResearchWords } from './words.ts'

/** What can be decided in each state; of the others nothing. */
const OPEN: Readonly<Partial<Record<StudyStandingAnswer['study']['state'], readonly StudyDecision[]>>> = {
  SUBMITTED: ['APPROVE', 'REJECT', 'RECUSE'],
  CONDITIONAL: ['REVOKE'],
  APPROVED: ['TAKE_PART', 'RENEW', 'REVOKE'],
  OPEN: ['TAKE_PART', 'RENEW', 'REVOKE'],
}

export function DecisionCard({
  person,
  standing: { study, conditions: named },
  changed,
}: {
  readonly person: StaffPerson
  readonly standing: StudyStandingAnswer
  readonly changed: () => void
}) {
  const text = useResearchWords().review
  const { busy, error, run } = useAct()
  const [conditions, setConditions] = useState('')
  const [done, setDone] = useState<StudyDecision>()
  const decide = (decision: StudyDecision): void =>
    run(async () => {
      await person.tell('study-decision', {
        study: study.study,
        plan_hash: study.plan_hash,
        decision,
        until: null,
        conditions: decision === 'APPROVE' && conditions.trim() !== '' ? conditions.trim() : null,
      })
      setDone(decision)
      changed()
    })
  const open = OPEN[study.state] ?? []
  return (
    <article className="card" aria-labelledby="decide-title">
      <h2 id="decide-title">{text.title(person.institutionName)}</h2>
      {open.length === 0 ? <p>{text.nothing}</p> : <p className="quiet">{text.note}</p>}
      {open.includes('APPROVE') ? (
        <>
          <ConditionsField label={text.conditions} value={conditions} change={setConditions} />
          {named.map(({ hash, words }) => (
            <button key={hash} type="button" className="button small" onClick={() => setConditions(words)}>
              {text.sameConditions}
            </button>
          ))}
        </>
      ) : null}
      <div className="row">
        {open.map((decision) => (
          <button
            key={decision}
            type="button"
            className={decision === 'APPROVE' || decision === 'TAKE_PART' ? 'button main' : 'button'}
            disabled={busy}
            onClick={() => decide(decision)}
          >
            {text.decisions[decision]}
          </button>
        ))}
      </div>
      {error === undefined ? null : <Refused error={error} />}
      <p role="status">{busy ? text.sending : done === undefined ? '' : text.done[done]}</p>
    </article>
  )
}
