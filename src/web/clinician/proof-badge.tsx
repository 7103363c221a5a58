/**
 * The integrity badge: whether what was opened is what was recorded, and the proof behind it, asked of the ledger again.
 *
 * Law: what is damaged is counted and named by its hours; partial data is never called whole.
 * Limit, stated: the hours were checked by the institution that opened them; here their roots are compared once more.
 */
import { useState } from 'react'
import type { PatientAnswer } from '../../api/index.ts'
import { hoursIn } from '../../consent/browser.door.ts'
import { startOfHour } from '../../vocabulary/index.ts'
import { DataTable } from '../shared/data-table.tsx'
import { shownInstant } from '../shared/format.ts'
import { askNode } from '../shared/node-fetch.ts'
import { useSettings } from '../shared/settings.tsx'
import { Trouble } from '../shared/trouble.tsx'
import { useClinicianWords } from './words.ts'

export function ProofBadge({ answer }: { readonly answer: PatientAnswer }) {
  const text = useClinicianWords().proof
  const { hours, damaged, waiting, roots } = answer.proof
  const isWhole = damaged.length === 0
  const [same, setSame] = useState<readonly boolean[]>()
  const [error, setError] = useState<unknown>()
  const check = async (): Promise<void> => {
    try {
      const client = askNode()
      const anchors = await Promise.all(
        roots.map(({ slot }) =>
          client.ledgerAnchor({ params: { member: answer.custodian, stream: 'objects', slot } }),
        ),
      )
      setSame(anchors.map(({ anchor }, place) => anchor?.root === roots[place]?.root))
      setError(undefined)
    } catch (failure) {
      setError(failure)
    }
  }
  return (
    <div className={isWhole ? 'notice good' : 'notice bad'} data-testid="integrity">
      <p role={isWhole ? undefined : 'alert'}>
        <strong>
          <span aria-hidden="true">{isWhole ? '✓ ' : '✕ '}</span>
          {isWhole ? text.whole(hours) : text.broken(hoursIn(damaged), hours)}
        </strong>
        {waiting === 0 ? '.' : `; ${text.waiting(waiting)}.`}
      </p>
      {isWhole ? null : <Damaged runs={damaged} />}
      <details
        onToggle={({ currentTarget }) => {
          if (currentTarget.open && same === undefined) void check()
        }}
      >
        <summary>{text.open}</summary>
        <p>{text.lead}</p>
        {error === undefined ? null : <Trouble error={error} again={() => void check()} />}
        <DataTable
          label={text.open}
          head={[text.slot, text.block, text.root, text.same]}
          rows={roots.map(({ slot, block, root }, place) => ({
            key: String(slot),
            cells: [
              slot,
              block,
              <code key="root">{root.slice(0, 14)}…</code>,
              same === undefined ? text.checking : same[place] === true ? text.yes : text.no,
            ],
          }))}
        />
      </details>
    </div>
  )
}

/** The most runs that are named; the others are counted. */
const MOST_NAMED = 12

function Damaged({ runs }: { readonly runs: PatientAnswer['proof']['damaged'] }) {
  const { words, language } = useSettings()
  const text = useClinicianWords().proof
  const more = runs.slice(MOST_NAMED)
  return (
    <ul>
      {runs.slice(0, MOST_NAMED).map(({ kind, first, end }) => (
        <li key={`${kind} ${first}`}>
          {text.hours(
            words.kinds[kind],
            shownInstant(startOfHour(first), language),
            shownInstant(startOfHour(end), language),
          )}
        </li>
      ))}
      {more.length === 0 ? null : <li>{text.moreHours(hoursIn(more))}</li>}
    </ul>
  )
}
