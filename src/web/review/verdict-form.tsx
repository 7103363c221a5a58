/** A verdict and a few words on it: what a patient and a reviewer are both asked for. */
import { useState } from 'react'
import { Picker } from '../shared/picker.tsx'

export function VerdictForm<V extends string>({
  ask,
  verdicts,
  name,
  note,
  hint,
  least,
  send,
  busy,
  act,
}: {
  readonly ask: string
  readonly verdicts: readonly V[]
  readonly name: (verdict: V) => string
  readonly note: string
  readonly hint?: string
  /** Characters that the words need. */
  readonly least: number
  readonly send: string
  readonly busy: boolean
  readonly act: (verdict: V, note: string) => void
}) {
  const [verdict, pick] = useState<V>()
  const [words, setWords] = useState('')
  const said = words.trim()
  return (
    <>
      <Picker label={ask} options={verdicts} name={name} picked={verdict} pick={pick} />
      <label className="field">
        {note}
        <input value={words} maxLength={500} onChange={({ target }) => setWords(target.value)} />
      </label>
      {hint === undefined ? null : <p className="quiet">{hint}</p>}
      <button
        type="button"
        className="button main"
        disabled={busy || verdict === undefined || said.length < least}
        onClick={() => (verdict === undefined ? undefined : act(verdict, said))}
      >
        {send}
      </button>
    </>
  )
}
