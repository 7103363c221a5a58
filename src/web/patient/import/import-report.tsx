/** What a file holds and what of it is left out, with the reason; the parts add up to its rows. */
import { useState } from 'react'
import type { IntakeDocument } from '../../../intake/index.ts'
import { Picker } from '../../shared/picker.tsx'
import { usePatientWords } from '../words.ts'

export function ImportReport({
  document,
  busy,
  again,
  add,
}: {
  readonly document: IntakeDocument
  readonly busy: boolean
  /** Whether it was added already. */
  readonly again: boolean
  readonly add: (person: string) => void
}) {
  const text = usePatientWords().data
  const { people } = document
  const [picked, pick] = useState(people[0]?.id ?? '')
  const other = Object.values(document.other).reduce((sum, count) => sum + count, 0)
  return (
    <section aria-label={text.report}>
      <h3>{text.report}</h3>
      <table data-testid="import-report">
        <tbody>
          <Row name={text.kept} count={document.kept} />
          <Row name={text.other} count={other} />
          {document.dropped.map(({ reason, count }) => (
            <Row key={reason} name={text.dropped[reason]} count={count} />
          ))}
          <Row name={text.rows} count={document.rows} />
        </tbody>
      </table>
      {people.length < 2 ? null : (
        <Picker
          label={text.who}
          options={people.map(({ id }) => id)}
          name={(id) => id}
          picked={picked}
          pick={pick}
        />
      )}
      {people.length === 0 ? (
        <p className="notice">{text.nothing}</p>
      ) : (
        <button type="button" className="button main" disabled={busy} onClick={() => add(picked)}>
          {again ? text.addAgain : text.add}
        </button>
      )}
    </section>
  )
}

function Row({ name, count }: { readonly name: string; readonly count: number }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{count}</td>
    </tr>
  )
}
