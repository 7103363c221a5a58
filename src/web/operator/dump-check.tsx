/** Check a dump in this browser, and say what only `islet verify` can. */
import { useState } from 'react'
import { anchorIn, type TrustAnchor } from '../../finality/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { FileDrop } from '../shared/file-drop.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { Trouble } from '../shared/trouble.tsx'
import { checkDump, type DumpChecked, dumpFiles } from './check-dump.ts'
import { useOperatorWords } from './words.ts'

/** Findings that are listed. */
const LISTED = 50

export function DumpCheck({ person }: { readonly person: StaffPerson }) {
  const { nav, dump: text } = useOperatorWords()
  const [checked, setChecked] = useState<DumpChecked>()
  const [error, setError] = useState<unknown>()
  const [busy, setBusy] = useState('')
  const [anchor, setAnchor] = useState<TrustAnchor>()
  const believe = async ([file]: readonly File[]): Promise<void> => {
    setChecked(undefined)
    const named = file === undefined ? undefined : anchorIn(await file.text())
    setAnchor(named)
    setError(
      file !== undefined && named === undefined
        ? new IsletError('NOT_A_TRUST_ANCHOR', 'this file holds no block to start from')
        : undefined,
    )
  }
  const take = async (files: readonly File[]): Promise<void> => {
    setChecked(undefined)
    setError(undefined)
    try {
      setChecked(
        await checkDump(dumpFiles(files), person, anchor, (done, of) => setBusy(text.progress(done, of))),
      )
    } catch (failure) {
      setError(failure)
    }
    setBusy('')
  }
  return (
    <section aria-labelledby="dump-title">
      <h1 id="dump-title">{nav.dump}</h1>
      <p className="lead">{text.lead}</p>
      <FileDrop label={text.anchor} accept=".json" take={(files) => void believe(files)} />
      <FileDrop label={text.folder} folder take={(files) => void take(files)} />
      <p role="status">{busy}</p>
      {error === undefined ? null : <Trouble error={error} codes={text.codes} />}
      {checked === undefined ? null : (
        <article
          className={`notice ${checked.findings.length === 0 && (checked.ours || checked.signed.vouched) ? 'good' : 'bad'}`}
          data-testid="dump"
        >
          <p>
            <strong>
              {checked.findings.length > 0
                ? text.broken(checked.findings.length)
                : checked.ours
                  ? text.holds
                  : checked.signed.vouched
                    ? text.foreignVouched
                    : text.foreign}
            </strong>
          </p>
          <p>{text.counts(checked.files, checked.heads, checked.logs, checked.entries)}</p>
          {checked.signed.voted === 0 ? null : (
            <p>
              {text.voted(checked.signed.voted, checked.signed.facts)}{' '}
              {checked.signed.vouched ? text.vouched : text.notVouched}
            </p>
          )}
          {checked.findings.length === 0 ? null : (
            <ul>
              {checked.findings.slice(0, LISTED).map(({ code, where }) => (
                <li key={`${code} ${where}`}>
                  {code.toLowerCase().replaceAll('_', ' ')} <span className="quiet">{where}</span>
                </li>
              ))}
            </ul>
          )}
        </article>
      )}
      <article className="card" aria-labelledby="not-here-title">
        <h2 id="not-here-title">{text.notHere}</h2>
        <ul>
          {text.notHereList.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
        <p>
          {text.elsewhere} <code>islet verify DIR --anchor HEAD</code>
        </p>
      </article>
    </section>
  )
}
