/** Where a study stands, as a person reads it. */
import type { StudyComparison, StudyDocument } from '../../api/documents.door.ts'

/** Lines for a terminal. */
export function statusWords(study: StudyDocument): readonly string[] {
  const { committee, sites, rounds, model, comparison } = study
  const approved = sites.filter(({ state }) => state === 'APPROVED').map(({ key }) => key)
  return [
    `${study.title}  ${study.study.slice(0, 12)}`,
    `  ${study.state}, plan version ${study.plan_version} by ${study.applicant}, plan ${study.plan_hash.slice(0, 12)}`,
    `  committee of ${committee.quorum}${committee.until === null ? '' : `, approved until ${committee.until}`}`,
    ...voteWords(committee.votes),
    ...(committee.conditions === null ? [] : [`  conditions ${committee.conditions}`]),
    `  sites: ${approved.length === 0 ? 'none yet' : approved.join(', ')}`,
    ...rounds.map(({ round, state, awaited, deadline, is_partial: isPartial, equivocated, metrics }) => {
      const waits = awaited.length === 0 ? '' : `, awaits ${awaited.join(', ')} until ${deadline}`
      const out = equivocated === undefined ? '' : `, without ${equivocated.join(', ')} (SITE_EQUIVOCATED)`
      return `  round ${round}: ${state}${isPartial === true ? ', partial' : ''}${out}${waits}${metricWords(metrics)}`
    }),
    ...(model === null ? [] : [`  model version ${model.version} ${model.hash}`]),
    ...(comparison == null ? [] : comparisonWords(comparison)),
    ...nextWords(study),
  ]
}

/** The model that a round began with, on readings its sites hold back. */
function metricWords(metrics: StudyDocument['rounds'][number]['metrics']): string {
  const of = (name: string): string | undefined => metrics?.[name]?.toFixed(1)
  const [at30, at60] = [of('base_rmse_30_mgdl'), of('base_rmse_60_mgdl')]
  if (at30 === undefined || at60 === undefined) return ''
  const plain = `${of('persistence_rmse_30_mgdl')}/${of('persistence_rmse_60_mgdl')}`
  return `, began at RMSE ${at30}/${at60} mg/dL (30/60 minutes), persistence ${plain}, ${metrics?.['windows']} windows`
}

function voteWords(votes: StudyDocument['committee']['votes']): readonly string[] {
  if (votes.length === 0) return []
  return [`  votes: ${votes.map(({ seat, verdict }) => `${seat} ${verdict}`).join(', ')}`]
}

/** What is to be done next, and by whom. */
function nextWords({ study, state, sites }: StudyDocument): readonly string[] {
  const id = study.slice(0, 12)
  switch (state) {
    case 'SUBMITTED':
      return [`  next: seats of the committee vote: islet study approve ${id} --as SEAT`]
    case 'CONDITIONAL':
      return [`  next: the applicant accepts the conditions: islet study open ${id} --conditions TEXT`]
    case 'APPROVED':
      return sites.some((site) => site.state === 'APPROVED')
        ? [`  next: further sites, or islet study open ${id}`]
        : [`  next: reviewers of each site: islet study approve ${id} --as SITE --office site`]
    default:
      return []
  }
}

/** The rows of the comparison, the model last. */
function comparisonWords({ version, people, windows, rows }: StudyComparison): readonly string[] {
  const told = (value: number | null): string => (value === null ? 'unknown' : value.toFixed(1))
  return [
    `  version ${version} beside plain forecasts, RMSE in mg/dL on ${windows} windows of ${people} people held back:`,
    ...rows.map(
      ({ model, rmse_30_mgdl: at30, rmse_60_mgdl: at60 }) =>
        `    ${model.padEnd(11)}  ${told(at30).padStart(6)} at 30 minutes  ${told(at60).padStart(6)} at 60`,
    ),
  ]
}
