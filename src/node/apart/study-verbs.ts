/**
 * What an institution's process can be told about studies, in the order of a study: contracts, papers, approvals, rounds.
 *
 * Law: only plain data crosses; each institution decides and signs by its own keys, and fetches models, updates and words
 * from the other sites by messages, never through whoever commands it.
 */
import type { PassportDocument, StudyContributionDocument } from '../../api/study.door.ts'
import type { CreditsDeployment } from '../../ledger/index.ts'
import type { InformationSheet, PassportVerdict, StudyPlan } from '../../study/index.ts'
import type { ConsentId, Hash32, UnixSeconds } from '../../vocabulary/index.ts'
import type { AuditOutcome } from '../study/audit-desk.ts'
import type { StudyFile } from '../study/study-shelf.ts'

export interface StudyVerbs {
  /** At the operator: founds the contracts of studies where there are none. */
  foundStudies(): Promise<CreditsDeployment>
  /** Fills the offices of the institution; from here on it answers the other sites of its studies. */
  openStudies(at: CreditsDeployment): Promise<void>
  submitStudy(plan: StudyPlan, sheet: InformationSheet): Promise<StudyFile>
  /** Fetches the papers of a study that the ledger has from its applicant. Throws `STUDY_UNKNOWN` where it gives none. */
  takeStudy(study: Hash32): Promise<void>
  voteForStudy(study: Hash32, until: UnixSeconds): Promise<void>
  /** By the site's own reviewers. */
  approveStudy(study: Hash32): Promise<void>
  openStudy(study: Hash32): Promise<void>
  /** Takes part until the plan's rounds stand, or so many more of them. Throws `STUDY_STOPPED`, `INTERRUPTED`. */
  runStudy(study: Hash32, mostRounds?: number): Promise<void>
  /** Who was in the site's cohort of a round. */
  studyCohort(study: Hash32, round: number): Promise<readonly ConsentId[]>
  studyPassport(study: Hash32): Promise<PassportDocument>
  /** Has every site do its rounds again from its own data, this one here and the others by messages. */
  auditStudy(study: Hash32): Promise<readonly AuditOutcome[]>
  /** At the applicant: what each site's updates were worth, each site judging on its own readings. */
  studyContribution(study: Hash32): Promise<StudyContributionDocument>
  /** Holds a passport against the ledger, and against model and updates as this site has them or fetches them. */
  judgePassport(study: Hash32, passport: unknown): Promise<PassportVerdict>
}
