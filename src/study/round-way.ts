/**
 * How a round's updates reach their sum: what differs between `open` and `masked`, as a site meets it step by step.
 */

import type { InstitutionId } from '../vocabulary/index.ts'
import type { CohortRecord } from './cohort-record.ts'
import type { Aggregation, PersonData } from './learner.ts'
import type { NamedPart, SiteRound } from './site-round.ts'
import type { SiteStep, VoidCode } from './site-step.ts'
import type { WrittenUpdate } from './update-document.ts'

export interface MadeUpdate {
  readonly update: WrittenUpdate
  /** Sites whose shares did not open here. */
  readonly refused: readonly InstitutionId[]
  /** Sites that said two different things, and are left out. */
  readonly equivocated?: readonly InstitutionId[]
}

export interface RoundWay<Data extends PersonData = PersonData> {
  /** Before the cohort root is committed; why the site cannot take part after all, if so. */
  prepare(at: SiteRound<Data>, people: readonly Data[]): Promise<VoidCode | undefined>
  /** What has to be said or heard before training; undefined when nothing more has. */
  ready?(at: SiteRound<Data>): Promise<SiteStep | undefined>
  /** Trains and keeps the update. */
  update(at: SiteRound<Data>, people: readonly Data[], record: CohortRecord): Promise<MadeUpdate>
  /** The next model of the survivors' parts, or what is awaited first. */
  aggregate(at: SiteRound<Data>, parts: readonly NamedPart[]): Promise<Aggregation | SiteStep>
}

export function isStep(made: Aggregation | SiteStep): made is SiteStep {
  return 'did' in made
}
