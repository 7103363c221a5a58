/** The fields of a plan that most studies change; everything else is changed in its text. */
import type { ReactNode } from 'react'
import type { StudyPlan } from '../../study/browser.door.ts'
import { formatInstant, type Json, parseInstant } from '../../vocabulary/index.ts'
import { Picker } from '../shared/picker.tsx'
import { useResearchWords } from './words.ts'

type Change = (fields: Readonly<Record<string, Json>>) => void

export function PlanForm({ plan, change }: { readonly plan: StudyPlan; readonly change: Change }) {
  const text = useResearchWords().form
  return (
    <article className="card form" aria-labelledby="form-title">
      <h2 id="form-title">{text.title}</h2>
      <Field label={text.name}>
        <input
          value={plan.title}
          maxLength={200}
          required
          onChange={({ target }) => target.value !== '' && change({ title: target.value })}
        />
      </Field>
      <Field label={text.question}>
        <input
          value={plan.question}
          maxLength={2_000}
          required
          onChange={({ target }) => target.value !== '' && change({ question: target.value })}
        />
      </Field>
      <Day label={text.from} field="data.from" value={plan.data.from} change={change} />
      <Day label={text.until} field="data.until" value={plan.data.until} change={change} />
      <Count label={text.days} field="cohort.minimum_days" value={plan.cohort.minimum_days} change={change} />
      <Count
        label={text.wear}
        field="cohort.minimum_wear_percent"
        value={plan.cohort.minimum_wear_percent}
        least={0}
        change={change}
      />
      <Count label={text.rounds} field="rounds" value={plan.rounds} change={change} />
      <Count
        label={text.sites}
        field="quorum.minimum_sites"
        value={plan.quorum.minimum_sites}
        change={change}
      />
      <Count
        label={text.step}
        field="deadlines.step_seconds"
        value={plan.deadlines.step_seconds}
        change={change}
      />
      <Picker
        label={text.aggregation}
        options={['open', 'masked'] as const}
        name={(option) => text.aggregations[option]}
        picked={plan.privacy.aggregation}
        pick={(aggregation) => change({ 'privacy.aggregation': aggregation })}
      />
    </article>
  )
}

function Field({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the field stands inside
    <label className="field">
      {label}
      {children}
    </label>
  )
}

function Count({
  label,
  field,
  value,
  least = 1,
  change,
}: {
  readonly label: string
  readonly field: string
  readonly value: number
  readonly least?: number
  readonly change: Change
}) {
  return (
    <Field label={label}>
      <input
        type="number"
        min={least}
        value={value}
        onChange={({ target }) => {
          const next = target.valueAsNumber
          if (Number.isInteger(next) && next >= least) change({ [field]: next })
        }}
      />
    </Field>
  )
}

function Day({
  label,
  field,
  value,
  change,
}: {
  readonly label: string
  readonly field: string
  readonly value: string
  readonly change: Change
}) {
  return (
    <Field label={label}>
      <input
        type="date"
        value={formatInstant(parseInstant(value)).slice(0, 10)}
        onChange={({ target }) => target.value !== '' && change({ [field]: `${target.value}T00:00:00Z` })}
      />
    </Field>
  )
}
