/**
 * What a site of a study works with: ledger, objects, people, learning, its own journal and clock come in from outside.
 */
import type { ConsentClaim, Shelf, Subject } from '../consent/browser.door.ts'
import type { PersonTrace } from '../learning/index.ts'
import type { Hasher } from '../vault/index.ts'
import type { Bytes, ConsentId, Hash32, InstitutionId, UnixSeconds } from '../vocabulary/index.ts'
import type { ConsentHistory } from './consent-history.ts'
import type { Learner, PersonData } from './learner.ts'
import type { StudyPlan } from './plan.ts'
import type { SiteWords } from './site-words.ts'
import type { StudyActs, StudyReads } from './study-chain.ts'

export type OpenedPerson =
  | { readonly code: 'OPENED'; readonly trace: PersonTrace }
  /** The custodian's code, or why there was nothing to open. */
  | { readonly code: string; readonly trace?: never }

/** The people who consented to the study at this site. */
export interface StudyPeople {
  /** Grants for the study that were handed over here. */
  claims(): Promise<readonly ConsentClaim[]>
  /** Opens the plan's kinds and window of one person through the consent gate, which decides anew at each call. */
  open(claim: ConsentClaim): Promise<OpenedPerson>
  /** Lets go of what is still held of anybody who is not among these. */
  keepOnly(consents: readonly ConsentId[]): void
}

/** Objects of studies by the hash that the ledger has of them; whoever reads checks the bytes against it. */
export interface StudyObjects extends Pick<Shelf, 'put'> {
  /** `author`: the site that made the object, where that is known; it is asked first. */
  get(name: string, author?: InstitutionId): Promise<Bytes | undefined>
}

export interface SitePorts<Data extends PersonData = PersonData> {
  readonly own: InstitutionId
  readonly chain: StudyReads
  /** Acts under the institution's key. */
  readonly acts: StudyActs
  readonly objects: StudyObjects
  /** The site's own notes of this study. */
  readonly journal: Pick<Shelf, 'get' | 'put'>
  readonly people: StudyPeople
  /** What sites say to each other in masked rounds. */
  readonly words?: SiteWords
  readonly learner: Learner<Data>
  /** Hash of the code that trains here; a site whose code is not the plan's takes no part. */
  readonly code: Hash32
  /** The consents' history up to a block. */
  readonly history: (block: number) => Promise<ConsentHistory>
  readonly hasher: Hasher
  /** 32 bytes of the site's own, sealed at rest: blinding, dummies and salts follow from it (PROTOCOL 17). */
  readonly secret: Uint8Array
  readonly clock: () => UnixSeconds
  /** Told before and after everything that others can see or that is kept; a test cuts the power here. */
  readonly notice?: (point: SitePoint) => void
}

/** Points of a round at which a site can die and go on. */
export const SITE_POINTS = [
  'FREEZING',
  'COHORT_READ',
  'COHORT_KEPT',
  'COHORT_COMMITTED',
  'TRAINING',
  'TRAINED',
  'UPDATE_KEPT',
  'UPDATE_COMMITTED',
  'UPDATE_STORED',
  'REVEALED',
  'AGGREGATED',
  'MODEL_STORED',
  'REPORT_STORED',
  'ATTESTED',
  'STEP_ENDED',
] as const
/** Points that masked rounds have beside them. */
export const MASKED_POINTS = [
  'ADVERTISED',
  'SHARES_MADE',
  'SHARES_SAID',
  'UNMASK_KEPT',
  'UNMASK_SAID',
] as const
export type SitePoint = (typeof SITE_POINTS)[number] | (typeof MASKED_POINTS)[number]

/** The study as a site runs it. */
export interface SiteStudy {
  readonly id: Hash32
  readonly plan: StudyPlan
  /** The study at this site by its present sheet, and by earlier ones. */
  readonly subject: Subject
  readonly earlier: readonly Subject[]
}

/** Why somebody whose grant was handed over is not in a round. */
export interface RoundLeftOut {
  readonly consent: ConsentId
  /** The judgement at the block; `TOO_LITTLE_DATA`; or the custodian's code where it refused since. */
  readonly code: string
}
