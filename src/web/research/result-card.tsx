/** What came of a study: the model beside plain forecasts, what each site's part was worth, and the passport to keep. */
import { useState } from 'react'
import type { MessageReply, StudyStandingAnswer } from '../../api/index.ts'
import { DataTable } from '../shared/data-table.tsx'
import { Fingerprint } from '../shared/fingerprint.tsx'
import { fixed } from '../shared/format.ts'
import { saveDocument } from '../shared/save-file.ts'
import { useSettings } from '../shared/settings.tsx'
import type { StaffPerson } from '../shared/staff-sign-in.ts'
import { useAct } from '../shared/use-act.ts'
import { nameOf } from './name-of.ts'
import { Refused } from './refused.tsx'
import { useResearchWords } from './words.ts'

type Contribution = MessageReply<'study-contribution'>

export function ResultCard({
  person,
  standing,
  isApplicant,
}: {
  readonly person: StaffPerson
  readonly standing: StudyStandingAnswer
  readonly isApplicant: boolean
}) {
  const text = useResearchWords().result
  const { language } = useSettings()
  const { busy, error, run } = useAct()
  const [contribution, setContribution] = useState<Contribution>()
  const { study } = standing
  const { model, comparison, sites } = study
  if (model === null) return null
  const name = nameOf(standing)
  const nameById = (id: string): string => {
    const site = sites.find((one) => one.id === id)
    return site === undefined ? id.slice(0, 10) : name(site.key)
  }
  const save = (): void =>
    run(async () =>
      saveDocument(
        `passport-${study.study.slice(2, 10)}.json`,
        await person.read.studyPassport({ params: { study: study.study } }),
      ),
    )
  const judge = (): void =>
    run(async () => setContribution(await person.tell('study-contribution', { study: study.study })))
  return (
    <article className="card" aria-labelledby="result-title">
      <h2 id="result-title">{text.title(model.version)}</h2>
      <p className="quiet">
        {text.fingerprint} <Fingerprint of={model.hash} />
      </p>
      {comparison == null ? (
        <p>{text.noComparison}</p>
      ) : (
        <>
          <p>{text.comparison(comparison.windows)}</p>
          <DataTable
            label={text.beside}
            head={text.head}
            rows={comparison.rows.map((row) => ({
              key: row.model,
              cells: [
                text.models[row.model],
                fixed(row.rmse_30_mgdl, 1, language),
                fixed(row.rmse_60_mgdl, 1, language),
              ],
            }))}
          />
        </>
      )}
      <div className="row">
        <button type="button" className="button main" disabled={busy} onClick={save}>
          {text.passport}
        </button>
        {isApplicant ? (
          <button type="button" className="button" disabled={busy} onClick={judge}>
            {text.contribution}
          </button>
        ) : null}
      </div>
      {contribution === undefined ? null : (
        <div data-testid="contribution">
          <DataTable
            label={text.contribution}
            head={text.contributionHead}
            rows={contribution.values.map(({ site, value }) => ({
              key: site,
              cells: [nameById(site), fixed(value, 3, language)],
            }))}
          />
        </div>
      )}
      {error === undefined ? null : <Refused error={error} />}
      <p role="status">{busy ? text.busy : ''}</p>
    </article>
  )
}
