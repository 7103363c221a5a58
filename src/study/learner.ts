/**
 * The port to learning as a site of a study needs it: readings in, bytes out; models and updates are bytes that everyone
 * can hash.
 *
 * Law: every function here is pure in the bytes: the same base, people, depth and site give the same update, the same
 * updates the same model, on every machine and after every crash.
 */
import type { PersonTrace } from '../learning/index.ts'
import type { Bytes, Hash32, InstitutionId } from '../vocabulary/index.ts'

/** What one person's readings became; opaque to the round. */
export interface PersonData {
  /** Windows to learn from, at least 1. */
  readonly examples: number
  /** Says which data these are and nothing else; orders people, so that the order of their grants is nothing. */
  readonly digest: Hash32
}

/** What a site trains on and from. */
export interface TrainingTask<Data extends PersonData> {
  readonly base: Bytes
  /** Standing rounds under the new version: a retraining after a rollback draws the same order of windows. */
  readonly depth: number
  readonly site: InstitutionId
  readonly people: readonly Data[]
}

/** What a site's training gave. */
export interface SiteTraining {
  readonly answer: Bytes
  readonly examples: number
  /** Of the base model on windows that the site never trains on; names end in their unit. */
  readonly metrics: Readonly<Record<string, number>>
}

/** One survivor's part of an aggregation. */
export interface SitePart extends SiteTraining {
  readonly site: InstitutionId
}

export interface Aggregation {
  readonly model: Bytes
  /** Over the sites that counted. */
  readonly metrics: Readonly<Record<string, number>>
  readonly excluded: readonly InstitutionId[]
}

export interface Learner<Data extends PersonData = PersonData> {
  /** The model that round 1 begins with; the plan names its hash. */
  firstModel(): Bytes
  /** Name of a model: SHA-256 of its bytes. */
  modelHash(model: Bytes): Hash32
  /** A person's data made ready, or undefined where they give nothing to learn from. */
  prepare(trace: PersonTrace): Data | undefined
  train(task: TrainingTask<Data>): Promise<SiteTraining>
  /** The next model. Throws `ROUND_NOT_AGGREGATED`. */
  aggregate(base: Bytes, parts: readonly SitePart[]): Aggregation
}
