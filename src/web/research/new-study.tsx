/**
 * A new study: a form over the text of the plan, checked here by the schema that the node and the ledger's offices use.
 *
 * Laws: the form changes the text and nothing beside it, so that what is seen is what is applied with; nothing is sent
 * before it is asked for.
 */
import { useCallback, useEffect, useId, useState } from 'react'
import {
  ledgerPlanOf,
  planHashOf,
  readPlan,
  readSheet,
  type StudyPlan,
  sheetHash,
  withFields,
} from '../../study/browser.door.ts'
import type { Json } from '../../vocabulary/index.ts'
import { Fingerprint } from '../shared/fingerprint.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { useAct } from '../shared/use-act.ts'
import { useAsked } from '../shared/use-asked.ts'
import { FeasibilityCard } from './feasibility-card.tsx'
import { PlanForm } from './plan-form.tsx'
import { PlanSummary } from './plan-summary.tsx'
import { Refused } from './refused.tsx'
import { useResearchWords } from './words.ts'

export function NewStudy({ person }: { readonly person: StaffPerson }) {
  const text = useResearchWords()
  const {
    value: draft,
    error,
    again,
  } = useAsked(useCallback(() => person.read.studyDraft({ query: {} }), [person]))
  const [plan, setPlan] = useState('')
  const [sheet, setSheet] = useState('')
  const act = useAct()
  const [sent, setSent] = useState(false)
  useEffect(() => {
    if (draft === undefined) return
    setPlan(draft.plan)
    setSheet(draft.sheet)
  }, [draft])
  const read = plan === '' ? undefined : attempt(plan, sheet)
  const change = (fields: Readonly<Record<string, Json>>): void => {
    setPlan((before) => withFields(before, fields))
    setSent(false)
  }
  const changeSheet = (next: string): void => {
    setSheet(next)
    const hash = hashOfSheet(next)
    if (hash !== undefined) change({ information_sheet: hash })
  }
  const apply = (ready: Ready): void =>
    act.run(async () => {
      await person.tell('study-application', { plan: ready.plan, sheet: ready.sheet, replaces: null })
      setSent(true)
    })
  return (
    <section aria-labelledby="new-title">
      <h1 id="new-title">{text.nav.new}</h1>
      <p className="lead">{text.editor.lead}</p>
      {error === undefined ? null : <Refused error={error} again={again} />}
      {read?.plan === undefined ? null : <PlanForm plan={read.plan} change={change} />}
      <article className="card">
        <details>
          <summary>{text.editor.asText}</summary>
          <TextField label={text.editor.planText} rows={24} value={plan} change={setPlan} />
        </details>
        <details>
          <summary>{text.editor.sheet}</summary>
          <TextField label={text.editor.sheetText} rows={16} value={sheet} change={changeSheet} />
        </details>
      </article>
      {read?.error === undefined ? null : <Refused error={read.error} />}
      {read?.plan === undefined || read.sheet === undefined ? null : (
        <>
          <article className="card" aria-labelledby="preview-title">
            <h2 id="preview-title">{text.editor.preview}</h2>
            <h3>{read.plan.title}</h3>
            <PlanSummary plan={read.plan} />
            <p>
              {text.editor.fingerprint}{' '}
              <strong data-testid="fingerprint">
                <Fingerprint of={planHashOf(ledgerPlanOf(read.plan))} />
              </strong>
            </p>
            <p className="quiet">{text.editor.fingerprintNote}</p>
            <button
              type="button"
              className="button main"
              disabled={act.busy || sent}
              onClick={() => apply({ plan: read.plan, sheet: read.sheet })}
            >
              {text.editor.apply}
            </button>
            {act.error === undefined ? null : <Refused error={act.error} />}
            <p role="status">{act.busy ? text.editor.sending : sent ? text.editor.sent : ''}</p>
          </article>
          <FeasibilityCard person={person} plan={read.plan} />
        </>
      )}
    </section>
  )
}

/** The label stands apart, so that the text is no part of its own name. */
function TextField({
  label,
  rows,
  value,
  change,
}: {
  readonly label: string
  readonly rows: number
  readonly value: string
  readonly change: (text: string) => void
}) {
  const id = useId()
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={rows}
        spellCheck={false}
        value={value}
        onChange={({ target }) => change(target.value)}
      />
    </div>
  )
}

interface Ready {
  readonly plan: StudyPlan
  readonly sheet: ReturnType<typeof readSheet>
}
type Attempt =
  | (Ready & { readonly error?: undefined })
  | { readonly error: unknown; readonly plan?: undefined; readonly sheet?: undefined }

function attempt(plan: string, sheet: string): Attempt {
  try {
    return { plan: readPlan(plan), sheet: readSheet(sheet) }
  } catch (error) {
    return { error }
  }
}

function hashOfSheet(text: string) {
  try {
    return sheetHash(readSheet(text))
  } catch {
    return undefined
  }
}
