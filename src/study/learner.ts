/**
 * The port to learning as a site of a study needs it: readings in, bytes out; models and updates are bytes that everyone
 * can hash.
 *
 * Law: every function here is pure in the bytes: the same base, people, depth and site give the same update, the same
 * updates the same model, on every machine and after every crash.
 */
import type { PersonTrace } from '../learning/index.ts'
import type { Bytes, Hash32, InstitutionId } from '../vocabulary/index.ts'
import type { BySite, MaskAdvert, MaskedAnswer, MaskedSum, OwnMasks } from './masked-sum.ts'
import type { Equivocation } from './site-words.ts'

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
  /** Rounds of the study before this one in which updates were committed: what a privacy budget has spent. */
  readonly releases: number
  /** 32 bytes that only this site makes for this round: privacy noise follows from them. */
  readonly secret: Uint8Array
}

/** What a site's training gave. */
export interface SiteTraining {
  readonly answer: Bytes
  readonly examples: number
  /** Of the base model on windows that the site never trains on; names end in their unit. */
  readonly metrics: Readonly<Record<string, number>>
  /** Masked rounds: all whose shares went into the masks, in order. */
  readonly sharers?: readonly InstitutionId[]
  /** Masked rounds: sites that said two different things, which this one left out, with both. */
  readonly equivocations?: readonly Equivocation[]
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
  /** Masked rounds: who revealed a share that does not belong; the sum stands without it. */
  readonly liars?: readonly InstitutionId[]
  /** Masked rounds: who said two different things, and is in no sum. */
  readonly equivocated?: readonly InstitutionId[]
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
  /** There where the plan asks for masks. */
  readonly masked?: MaskedLearner<Data>
  /** There where the plan has a privacy budget. */
  readonly privacy?: PrivacyBudget
}

/** What a learner does in masked rounds: single updates never leave it bare. */
export interface MaskedLearner<Data extends PersonData = PersonData> {
  /** Windows that a site weighs with. */
  weight(people: readonly Data[]): number
  advertise(sum: Omit<MaskedSum, 'adverts'>, own: OwnMasks): Promise<Omit<MaskAdvert, 'examples'>>
  /** Sealed for the others. Throws `TOO_FEW_SITES`. */
  share(sum: MaskedSum, own: OwnMasks): Promise<Bytes>
  train(
    task: TrainingTask<Data>,
    sum: MaskedSum,
    shares: BySite,
    own: OwnMasks,
  ): Promise<SiteTraining & Pick<MaskedAnswer, 'refused'>>
  /** For the survivors, whose updates are given. */
  reveal(sum: MaskedSum, shares: BySite, updates: BySite, own: OwnMasks): Promise<MaskedAnswer>
  /** The next model. Throws `ROUND_NOT_AGGREGATED`. */
  aggregate(
    base: Bytes,
    sum: MaskedSum,
    given: { readonly shares: BySite; readonly parts: readonly SitePart[]; readonly revealed: BySite },
  ): Aggregation
}

/** ε of every patient of the study after so many rounds in which updates were committed. */
export interface PrivacyBudget {
  spentAfter(releases: number): number
  /** Whether so many leave the budget whole. */
  allows(releases: number): boolean
}
