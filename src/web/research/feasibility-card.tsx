/** About how many people each site could bring to a plan, asked before anybody applies. */
import { useState } from 'react'
import type { MessageReply } from '../../api/index.ts'
import type { StudyPlan } from '../../study/browser.door.ts'
import { DataTable } from '../shared/data-table.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { useAct } from '../shared/use-act.ts'
import { Refused } from './refused.tsx'
import { useResearchWords } from './words.ts'

export function FeasibilityCard({
  person,
  plan,
}: {
  readonly person: StaffPerson
  readonly plan: StudyPlan
}) {
  const text = useResearchWords().feasibility
  const { busy, error, run } = useAct()
  const [answer, setAnswer] = useState<MessageReply<'study-feasibility'>>()
  const ask = (): void => run(async () => setAnswer(await person.tell('study-feasibility', { plan })))
  return (
    <article className="card" aria-labelledby="feasibility-title">
      <h2 id="feasibility-title">{text.title}</h2>
      <p className="quiet">{text.note}</p>
      <button type="button" className="button" disabled={busy} onClick={ask}>
        {text.ask}
      </button>
      {error === undefined ? null : <Refused error={error} />}
      {answer === undefined ? null : (
        <div data-testid="feasibility">
          <p>{text.answer(answer.period, answer.epsilon, answer.budget)}</p>
          <DataTable
            label={text.title}
            head={text.head}
            rows={answer.sites.map(({ id, key, code, people, spent }) => ({
              key: id,
              cells: [key, text.codes[code](people ?? 0), `${spent} / ${answer.budget}`],
            }))}
          />
        </div>
      )}
      <p role="status">{busy ? text.asking : ''}</p>
    </article>
  )
}
