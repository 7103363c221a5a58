/**
 * The port to the contracts of studies: what any member reads of a study, and what each office may do with it.
 *
 * Laws: reads say what the contracts say, in the room's words; who acts is the key that the act is sent with
 * (`as(signer)`); an act that the contract refuses throws `STUDY_CALL_REFUSED` with the act's name, and asking for an
 * act again while no block came between gives the first answer.
 * `study-chain.door.ts` sets it over a ledger; contracts/src/interfaces/{IStudyLedger,IRoundLedger}.sol hold the words.
 */
import type { Head, RoundPhase, Signer, StudyEvent, StudyState, StudyVerdict } from '../ledger/index.ts'
import type { Address, Hash32, InstitutionId, UnixSeconds } from '../vocabulary/index.ts'
import type { LedgerPlan } from './study-hash.ts'

/** A study's record. */
export interface LedgerStudy {
  readonly state: StudyState
  /** Number of the plan, from 1. */
  readonly version: number
  readonly decisions: number
  /** End of the committee's approval; 0 before there is one. */
  readonly until: UnixSeconds
  readonly applicant: InstitutionId
  readonly planHash: Hash32
  /** Hash of the conditions of an approval, if it has any. */
  readonly conditions: Hash32 | undefined
}

/** What seats vote on; `until` for APPROVE and RENEW only, `conditions` for APPROVE only. */
export interface Decision {
  readonly verdict: StudyVerdict
  readonly conditions?: Hash32
  readonly until?: UnixSeconds
}

/** A round's record; sites in the order of their numbers. */
export interface LedgerRound {
  readonly study: Hash32
  readonly round: number
  readonly phase: RoundPhase
  readonly planVersion: number
  /** Version of the model that it builds on; 0 = the plan's first model. */
  readonly base: number
  /** The cohort's instant. */
  readonly openedAt: UnixSeconds
  readonly openedBlock: number
  /** Last instant of the present step. */
  readonly deadline: UnixSeconds
  readonly expected: readonly InstitutionId[]
  readonly cohorts: readonly InstitutionId[]
  readonly committed: readonly InstitutionId[]
  /** During REVEALS those who revealed so far; afterwards fixed. */
  readonly survivors: readonly InstitutionId[]
  readonly voided: readonly InstitutionId[]
  readonly attested: readonly InstitutionId[]
}

/** What a site put into a round so far. */
export interface LedgerContribution {
  readonly cohortRoot: Hash32 | undefined
  readonly commitment: Hash32 | undefined
  readonly update: Hash32 | undefined
}

/** A version of the model. */
export interface LedgerVersion {
  readonly number: number
  readonly model: Hash32
  readonly report: Hash32
  readonly round: number
  readonly base: number
  /** Standing rounds under it, itself included. */
  readonly depth: number
  readonly isWithdrawn: boolean
}

export interface StudyReads {
  head(): Promise<Head>
  /** A block by height, or undefined beyond the head. */
  block(height: number): Promise<Head | undefined>
  /** Calls back with every new head; returns the unsubscribing function. */
  watchHeads(listener: (head: Head) => void): () => void
  /** A study; state NONE when it was never submitted. */
  study(id: Hash32): Promise<LedgerStudy>
  plan(id: Hash32): Promise<LedgerPlan>
  /** Institutions by their number in a study, whether or not they approved the present plan. */
  sites(id: Hash32): Promise<readonly InstitutionId[]>
  /** Those that approved the present plan, in the order of their numbers. */
  approvedSites(id: Hash32): Promise<readonly InstitutionId[]>
  /** Seats that make a decision. */
  quorum(): Promise<number>
  seatOf(institution: InstitutionId): Promise<Address | undefined>
  /** Votes for a decision that count now. */
  tally(id: Hash32, decision: Decision): Promise<number>
  /** Whether a seat stepped back from a study or is the applicant's. */
  isRecused(id: Hash32, institution: InstitutionId): Promise<boolean>
  /** Number of the latest round; 0 before the first. */
  latestRound(id: Hash32): Promise<number>
  /** A round, or undefined when it was never opened. */
  round(id: Hash32, round: number): Promise<LedgerRound | undefined>
  contribution(id: Hash32, round: number, site: InstitutionId): Promise<LedgerContribution>
  /** The newest version that stands, or undefined: the plan's first model. */
  headVersion(id: Hash32): Promise<LedgerVersion | undefined>
  version(id: Hash32, number: number): Promise<LedgerVersion | undefined>
  /** Events of studies and rounds in blocks `from` … `to`, inclusive; the head when `to` is left out. */
  events(from: number, to?: number): AsyncIterable<StudyEvent>
}

/** What one key may do; each resolves with the block that holds it. Throws `STUDY_CALL_REFUSED`. */
export interface StudyActs {
  submit(plan: LedgerPlan, salt: Hash32): Promise<{ readonly study: Hash32; readonly block: Head }>
  amend(study: Hash32, plan: LedgerPlan): Promise<Head>
  acceptConditions(study: Hash32, conditions: Hash32): Promise<Head>
  open(study: Hash32): Promise<Head>
  close(study: Hash32): Promise<Head>
  withdraw(study: Hash32): Promise<Head>
  /** An institution names who holds its seat on the committee. */
  seat(holder: Address): Promise<Head>
  /** An institution names the reviewers of its own site, and how many of them decide. */
  setBoard(reviewers: readonly Address[], needed: number): Promise<Head>
  vote(study: Hash32, planHash: Hash32, decision: Decision): Promise<Head>
  recuse(study: Hash32): Promise<Head>
  approveSite(study: Hash32, planHash: Hash32): Promise<Head>
  leaveStudy(study: Hash32): Promise<Head>
  openRound(study: Hash32, round: number, base: number): Promise<Head>
  commitCohort(study: Hash32, round: number, openedBlock: number, root: Hash32): Promise<Head>
  commitUpdate(study: Hash32, round: number, cohortRoot: Hash32, commitment: Hash32): Promise<Head>
  reveal(study: Hash32, round: number, update: Hash32, salt: Hash32): Promise<Head>
  voidContribution(study: Hash32, round: number): Promise<Head>
  attest(study: Hash32, round: number, model: Hash32, report: Hash32): Promise<Head>
  endStep(study: Hash32, round: number): Promise<Head>
  /** `reason`: hash of a document that says why and names no person. */
  withdrawVersion(study: Hash32, version: number, reason: Hash32): Promise<Head>
  recordResult(study: Hash32, version: number, result: Hash32): Promise<Head>
}

export interface StudyChain extends StudyReads {
  as(signer: Signer): StudyActs
}
