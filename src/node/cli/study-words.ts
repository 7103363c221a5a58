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
    ...(committee.conditions === null ? [] : [`  conditions ${committee.conditions}`]),
    `  sites: ${approved.length === 0 ? 'none yet' : approved.join(', ')}`,
    ...rounds.map(({ round, state, awaited, deadline, is_partial: isPartial, metrics }) => {
      const waits = awaited.length === 0 ? '' : `, awaits ${awaited.join(', ')} until ${deadline}`
      const figures = Object.entries(metrics ?? {}).map(([name, value]) => `${name} ${value.toFixed(3)}`)
      return `  round ${round}: ${state}${isPartial === true ? ', partial' : ''}${waits} ${figures.join(' ')}`.trimEnd()
    }),
    ...(model === null ? [] : [`  model version ${model.version} ${model.hash}`]),
    ...(comparison == null ? [] : comparisonWords(comparison)),
  ]
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
