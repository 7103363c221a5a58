/**
 * The rounds of a study as they run: who is awaited and until when, and how far off the forecasts were that the round
 * began with, beside repeating the last value.
 */
import type { StudyStandingAnswer } from '../../api/index.ts'
import { DataTable } from '../shared/data-table.tsx'
import { fixed } from '../shared/format.ts'
import { useSettings } from '../shared/settings.tsx'
import { instantOf } from './instant-of.ts'
import { nameOf } from './name-of.ts'
import { useResearchWords } from './words.ts'

type Round = StudyStandingAnswer['study']['rounds'][number]

export function RoundsCard({ standing }: { readonly standing: StudyStandingAnswer }) {
  const { study, bytes } = standing
  const text = useResearchWords().rounds
  const { language } = useSettings()
  const error = ({ metrics }: Round, name: string): string => {
    const at = (minutes: number): string =>
      fixed(metrics?.[`${name}_rmse_${minutes}_mgdl`] ?? null, 1, language)
    return `${at(30)} / ${at(60)}`
  }
  const awaits = ({ awaited, deadline }: Round): string =>
    awaited.length === 0 || deadline === null
      ? '–'
      : text.awaited(awaited.map(nameOf(standing)).join(', '), instantOf(deadline, language))
  const kilobytes = (count: number): string => fixed(count / 1_000, 1, language)
  return (
    <article className="card" aria-labelledby="rounds-title">
      <h2 id="rounds-title">{text.title}</h2>
      {study.rounds.length === 0 ? (
        <p>{text.none}</p>
      ) : (
        <>
          <div data-testid="rounds">
            <DataTable
              label={text.title}
              head={text.head}
              rows={study.rounds.map((round) => ({
                key: String(round.round),
                cells: [
                  round.round,
                  `${text.states[round.state]}${round.is_partial === true ? ` (${text.partial})` : ''}`,
                  round.cohort.sites,
                  awaits(round),
                  error(round, 'base'),
                  error(round, 'persistence'),
                ],
              }))}
            />
          </div>
          <p className="quiet">{text.note}</p>
          <p>{text.bytes(kilobytes(bytes.updates), kilobytes(bytes.models))}</p>
        </>
      )}
      <p>
        {study.privacy.epsilon === null
          ? text.noBudget
          : text.epsilon(fixed(study.privacy.epsilon, 2, language), String(study.privacy.delta ?? '–'))}
      </p>
    </article>
  )
}
