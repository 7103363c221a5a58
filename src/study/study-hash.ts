/**
 * Hashes of studies: the words of the contracts and the documents beside them.
 *
 * Law: every document is hashed under its own label, so that one never passes for another; ids, plan hashes and
 * commitments are byte for byte what `StudyLedger` and `RoundLedger` compute (test-vectors/study-hashes.json).
 */
import { hexWord, keccak, uintWord } from '../consent/browser.door.ts'
import { canonicalJson, type Hash32, type InstitutionId, type Json, utf8 } from '../vocabulary/index.ts'

/** Labels; two kinds of document never share one. */
const LABELS = {
  plan: 'islet/v1/study-plan',
  sheet: 'islet/v1/study-sheet',
  conditions: 'islet/v1/study-conditions',
  report: 'islet/v1/study-round-report',
  aggregate: 'islet/v1/study-aggregate',
  update: 'islet/v1/study-update',
  result: 'islet/v1/study-result',
} as const
type Label = keyof typeof LABELS

/** keccak256(label ‖ 0x00 ‖ canonical JSON). */
export function documentHash(label: Label, document: Json): Hash32 {
  return bytesHash(label, utf8(canonicalJson(document)))
}

/** keccak256(label ‖ 0x00 ‖ bytes). */
export function bytesHash(label: Label, bytes: Uint8Array): Hash32 {
  return keccak(utf8(`${LABELS[label]}\0`), bytes)
}

/** What the ledger knows of a plan: `IStudyLedger.Plan`. */
export interface LedgerPlan {
  readonly document: Hash32
  readonly sheet: Hash32
  readonly model: Hash32
  readonly aggregation: 'open' | 'masked'
  readonly minimumSites: number
  readonly rounds: number
  readonly stepSeconds: number
  /** Whole seconds since 1970. */
  readonly ends: number | bigint
}

/** Number of an aggregation in the contract. */
export const AGGREGATION_NUMBERS = { open: 0, masked: 1 } as const

/** keccak256(abi.encode(plan)), as `StudyLedger.planHashOf`. Throws `NOT_A_WORD`. */
export function planHashOf(plan: LedgerPlan): Hash32 {
  return keccak(
    hexWord(plan.document),
    hexWord(plan.sheet),
    hexWord(plan.model),
    uintWord(AGGREGATION_NUMBERS[plan.aggregation], 8),
    uintWord(plan.minimumSites, 16),
    uintWord(plan.rounds, 32),
    uintWord(plan.stepSeconds, 32),
    uintWord(plan.ends, 64),
  )
}

/** keccak256(abi.encode(applicant, first plan hash, salt)): stable over amendments. */
export function studyIdOf(applicant: InstitutionId, firstPlanHash: Hash32, salt: Hash32): Hash32 {
  return keccak(hexWord(applicant), hexWord(firstPlanHash), hexWord(salt))
}

/** What a commitment binds: another site, round or study gives another commitment. */
export interface CommittedUpdate {
  readonly study: Hash32
  readonly round: number
  readonly site: InstitutionId
  readonly update: Hash32
  /** 32 random bytes, so that the commitment hides the update. */
  readonly salt: Hash32
}

/** keccak256(abi.encode(study, round, site, update, salt)), as `RoundLedger.commitmentOf`. Throws `NOT_A_WORD`. */
export function updateCommitment({ study, round, site, update, salt }: CommittedUpdate): Hash32 {
  return keccak(hexWord(study), uintWord(round, 32), hexWord(site), hexWord(update), hexWord(salt))
}

/** The hash of an update's bytes, by which the object store and the ledger name it. */
export function updateHash(bytes: Uint8Array): Hash32 {
  return bytesHash('update', bytes)
}

/** The hash of the conditions of an approval, as the committee votes on them and the applicant accepts them. */
export function conditionsHash(words: string): Hash32 {
  return bytesHash('conditions', utf8(words))
}
