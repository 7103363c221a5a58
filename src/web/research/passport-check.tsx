/**
 * A model's passport checked in this browser, by the same verifier as `islet study verify`.
 *
 * Law: the file goes nowhere; what is not at hand here (the ledger's own records, the bytes of models and updates) is
 * named as not checked and never counts as passed.
 */
import { useState } from 'react'
import { isPassport, type PassportVerdict, verifyPassport } from '../../study/browser.door.ts'
import { FileDrop } from '../shared/file-drop.tsx'
import { useResearchWords } from './words.ts'

interface Checked {
  readonly verdict: PassportVerdict
  readonly rounds: number
  readonly title: string
}

/** A passport takes some kilobytes a round; what is far longer is none. */
const LONGEST_BYTES = 64 << 20

export function PassportCheck() {
  const { nav, check: text } = useResearchWords()
  const [checked, setChecked] = useState<Checked | 'unreadable'>()
  const take = async ([file]: readonly File[]): Promise<void> => {
    if (file !== undefined) setChecked(await checkedFile(file))
  }
  return (
    <section aria-labelledby="check-title">
      <h1 id="check-title">{nav.check}</h1>
      <p className="lead">{text.lead}</p>
      <FileDrop label={text.file} accept=".json" take={(files) => void take(files)} />
      {checked === 'unreadable' ? (
        <p className="notice bad" role="alert">
          {text.unreadable}
        </p>
      ) : null}
      {checked === undefined || checked === 'unreadable' ? null : <Verdict checked={checked} />}
    </section>
  )
}

function Verdict({ checked: { verdict, rounds, title } }: { readonly checked: Checked }) {
  const text = useResearchWords().check
  const { ok, findings, unchecked, cohortEvidence } = verdict
  return (
    <article className={`notice ${ok ? 'good' : 'bad'}`} role="status" data-testid="verdict">
      <p>
        <strong>{ok ? text.holds(title, rounds) : text.broken(findings.length)}</strong>
      </p>
      {findings.length === 0 ? null : (
        <ul>
          {findings.map(({ code, at }) => (
            <li key={`${code} ${at}`}>
              {code.toLowerCase().replaceAll('_', ' ')} <span className="quiet">{at}</span>
            </li>
          ))}
        </ul>
      )}
      <p>{text.evidence[cohortEvidence]}</p>
      <p>{text.unchecked}</p>
      <ul>
        {unchecked.map((what) => (
          <li key={what}>{text.uncheckedOf[what]}</li>
        ))}
      </ul>
    </article>
  )
}

async function checkedFile(file: File): Promise<Checked | 'unreadable'> {
  if (file.size > LONGEST_BYTES) return 'unreadable'
  let value: unknown
  try {
    value = JSON.parse(await file.text())
  } catch {
    return 'unreadable'
  }
  const verdict = verifyPassport(value)
  return isPassport(value)
    ? { verdict, rounds: value.rounds.length, title: value.plan.title }
    : { verdict, rounds: 0, title: '' }
}
