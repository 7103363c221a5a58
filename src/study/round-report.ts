/**
 * What members agree on about a round: the aggregate they recomputed and the report they attest.
 *
 * Laws: the aggregate hash binds the base model and each survivor's update in the order of the sites' numbers, so one
 * update more, fewer, other or elsewhere gives another hash; a report says who was expected and who survived, and is
 * partial exactly when these differ (DESIGN law 5).
 */
import type { RoundReport } from '../api/study.door.ts'
import type { Hash32, InstitutionId } from '../vocabulary/index.ts'
import { documentHash } from './study-hash.ts'

export type { RoundReport }

/** One survivor's part. */
export interface SurvivingUpdate {
  readonly site: InstitutionId
  readonly update: Hash32
}

/** Hash over what was aggregated: base model, then survivors' updates in the order of their numbers. */
export function aggregateHash(baseModel: Hash32, updates: readonly SurvivingUpdate[]): Hash32 {
  return documentHash('aggregate', {
    base_model: baseModel,
    updates: updates.map(({ site, update }) => ({ site, update })),
  })
}

export interface ReportParts {
  readonly study: Hash32
  readonly round: number
  readonly planVersion: number
  readonly baseModel: Hash32
  readonly model: Hash32
  /** In the order of their numbers. */
  readonly expected: readonly InstitutionId[]
  readonly updates: readonly SurvivingUpdate[]
  readonly epsilon: number | null
  readonly metrics: Readonly<Record<string, number>>
  /** Who said two different things in a masked round and is in no sum. */
  readonly equivocated?: readonly InstitutionId[]
}

/** The report of a round, made alike by every member. */
export function roundReport(parts: ReportParts): RoundReport {
  const survivors = parts.updates.map(({ site }) => site)
  return {
    schema: 'islet.study.round/1',
    study: parts.study,
    round: parts.round,
    plan_version: parts.planVersion,
    base_model: parts.baseModel,
    model: parts.model,
    expected: [...parts.expected],
    survivors,
    is_partial: parts.expected.some((site) => !survivors.includes(site)),
    aggregate: aggregateHash(parts.baseModel, parts.updates),
    epsilon: parts.epsilon,
    metrics: { ...parts.metrics },
    ...((parts.equivocated ?? []).length === 0 ? {} : { equivocated: [...(parts.equivocated ?? [])] }),
  }
}

/** The hash that sites attest beside the model. */
export function reportHash(report: RoundReport): Hash32 {
  return documentHash('report', report)
}
