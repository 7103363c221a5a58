/** Every model that studies of this node made, and the contributions that it rests on. */
import { useCallback } from 'react'
import { DataTable } from '../shared/data-table.tsx'
import { Fingerprint } from '../shared/fingerprint.tsx'
import { useSettings } from '../shared/settings.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { useAsked } from '../shared/use-asked.ts'
import { instantOf } from './instant-of.ts'
import { Refused } from './refused.tsx'
import { useResearchWords } from './words.ts'

export function Registry({ person }: { readonly person: StaffPerson }) {
  const { nav, models: text } = useResearchWords()
  const { language } = useSettings()
  const { value, error, again } = useAsked(useCallback(() => person.read.studyRegistry(), [person]))
  return (
    <section aria-labelledby="models-title">
      <h1 id="models-title">{nav.models}</h1>
      <p className="lead">{text.lead}</p>
      {error === undefined ? null : <Refused error={error} again={again} />}
      {value?.models.length === 0 ? <p>{text.none}</p> : null}
      {value?.models.map(({ study, title, version, model, state, made, data_roots: roots, recorded }) => (
        <article key={`${study}:${version}`} className="card">
          <h2>{text.version(title, version)}</h2>
          <p>
            <strong>{text.states[state]}</strong>, {instantOf(made, language)} <Fingerprint of={model} />
          </p>
          <p>{text.rests(roots.length, new Set(roots.map(({ site }) => site)).size, recorded.length)}</p>
          <details>
            <summary>{text.roots}</summary>
            <DataTable
              label={text.roots}
              head={text.head}
              rows={roots.map((root) => ({
                key: `${root.round}:${root.site}`,
                cells: [
                  root.round,
                  root.site,
                  <Fingerprint key="cohort" of={root.cohort_root} />,
                  <Fingerprint key="update" of={root.update} />,
                ],
              }))}
            />
          </details>
        </article>
      ))}
    </section>
  )
}
