/** The access logs of all members, each checked in this browser against what the ledger has of it. */
import { useState } from 'react'
import { DataTable } from '../shared/data-table.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { Trouble } from '../shared/trouble.tsx'
import { checkLog, type LogChecked } from './check-log.ts'
import { useOperatorWords } from './words.ts'

interface Line extends LogChecked {
  readonly id: string
  readonly name: string
}

export function Logs({ person }: { readonly person: StaffPerson }) {
  const { nav, logs: text } = useOperatorWords()
  const [lines, setLines] = useState<readonly Line[]>([])
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState(false)
  const check = async (): Promise<void> => {
    setBusy(true)
    setError(undefined)
    setLines([])
    try {
      const [{ institutions }, { members }] = await Promise.all([
        person.read.institutions(),
        person.read.ledgerMembers(),
      ])
      for (const { id, message_key: key } of members) {
        const name = institutions.find((one) => one.id === id)?.name ?? id.slice(0, 10)
        const line = { id, name, ...(await checkLog(person, id, key)) }
        setLines((before) => [...before, line])
      }
    } catch (failure) {
      setError(failure)
    }
    setBusy(false)
  }
  return (
    <section aria-labelledby="logs-title">
      <h1 id="logs-title">{nav.logs}</h1>
      <p className="lead">{text.lead}</p>
      <button type="button" className="button main" disabled={busy} onClick={() => void check()}>
        {text.check}
      </button>
      {error === undefined ? null : <Trouble error={error} />}
      {lines.length === 0 ? null : (
        <div data-testid="logs">
          <DataTable
            label={nav.logs}
            head={text.head}
            rows={lines.map(({ id, name, code, size, anchored }) => ({
              key: id,
              cells: [name, text.states[code], size, anchored],
            }))}
          />
        </div>
      )}
      <p role="status">{busy ? text.busy : ''}</p>
    </section>
  )
}
