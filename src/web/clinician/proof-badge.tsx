/**
 * The integrity badge: whether what was opened is what was recorded, and the proof behind it, asked of the ledger again.
 *
 * Limit, stated: the hours were checked by the institution that opened them; here their roots are compared once more.
 */
import { useState } from 'react'
import type { PatientAnswer } from '../../api/index.ts'
import { DataTable } from '../shared/data-table.tsx'
import { askNode } from '../shared/node-fetch.ts'
import { Trouble } from '../shared/trouble.tsx'
import { useClinicianWords } from './words.ts'

export function ProofBadge({ answer }: { readonly answer: PatientAnswer }) {
  const text = useClinicianWords().proof
  const { chunks, broken, waiting, roots } = answer.proof
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
    <div className={broken === 0 ? 'notice good' : 'notice bad'} data-testid="integrity">
      <p>
        <strong>
          <span aria-hidden="true">{broken === 0 ? '✓ ' : '✕ '}</span>
          {broken === 0 ? text.whole(chunks) : text.broken(broken)}
        </strong>
        {waiting === 0 ? '.' : `; ${text.waiting(waiting)}.`}
      </p>
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
