/**
 * Who takes part in a round at one site: the people whose consent holds at the round's block, and why all others do not.
 *
 * Laws: a pure function of the grants, their state at the block and its timestamp (PROTOCOL 24), judged by the same
 * decision as any other access; a person counts once, however many grants they gave; everyone left out has a reason.
 * The study and its information sheet are the grant's subject, so a consent to another sheet does not count.
 */
import {
  type ConsentClaim,
  type ConsentStanding,
  decide,
  type RefusalCode,
  type Subject,
  subjectHash,
} from '../consent/browser.door.ts'
import type {
  ConsentId,
  Hash32,
  HourWindow,
  InstitutionId,
  Kind,
  Purpose,
  UnixSeconds,
} from '../vocabulary/index.ts'

/** What a round needs of every consent. */
export interface CohortNeeds {
  readonly site: InstitutionId
  /** The study at this site, by its present sheet (`studySubject`). */
  readonly subject: Subject
  /** The same study by earlier sheets: a consent to one of them asks for consent anew. */
  readonly earlier: readonly Subject[]
  readonly kinds: readonly Kind[]
  readonly purpose: Purpose
  readonly window: HourWindow
}

export type LeftOutCode = RefusalCode | 'COUNTED_ALREADY' | 'SHEET_OUTDATED'

export interface LeftOut {
  readonly consentId: ConsentId
  readonly code: LeftOutCode
}

export interface Cohort {
  /** Ascending by consent id. */
  readonly included: readonly ConsentClaim[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * The subject under which a person consents to a study at a site: study and sheet, cut to what a handle holds
 * (128 and 124 bits).
 */
export function studySubject(study: Hash32, sheet: Hash32, name: string): Subject {
  return { type: 'study', handle: `${study.slice(2, 34)}.${sheet.slice(2, 33)}`, name }
}

/**
 * The cohort at a block. `standing` answers from the ledger's state at that very block; `at` is its timestamp.
 * Throws `NOT_A_WORD` on an impossible opening.
 */
export function cohortAt(
  claims: readonly ConsentClaim[],
  needs: CohortNeeds,
  standing: (claim: ConsentClaim) => ConsentStanding,
  at: UnixSeconds,
): Cohort {
  const included: ConsentClaim[] = []
  const leftOut: LeftOut[] = []
  const counted = new Set<Hash32>()
  const subject = subjectHash(needs.site, needs.subject)
  const earlier = needs.earlier.map((sheet) => subjectHash(needs.site, sheet))
  for (const claim of [...claims].sort((a, b) => (a.consentId < b.consentId ? -1 : 1))) {
    const code = judge(claim, needs, subject, standing(claim), at)
    const { patientKey } = claim.opening
    if (code === undefined && !counted.has(patientKey)) {
      counted.add(patientKey)
      included.push(claim)
    } else {
      leftOut.push({ consentId: claim.consentId, code: reasonOf(code, claim, earlier) })
    }
  }
  return { included, leftOut }
}

/** The first refusal over all kinds that the round needs. */
function judge(
  claim: ConsentClaim,
  needs: CohortNeeds,
  subject: Hash32,
  standing: ConsentStanding,
  at: UnixSeconds,
): RefusalCode | undefined {
  const { purpose, window, site: reader } = needs
  const [first, ...others] = needs.kinds
  if (first === undefined) return 'KIND_NOT_GRANTED'
  const question = { reader, subject, kind: first, action: 'read', purpose, window } as const
  const { code } = decide(claim, question, standing, at)
  if (code !== 'ALLOWED') return code
  // What was allowed for one kind is refused for another by its kind alone: nothing else is hashed again.
  return others.every((kind) => claim.opening.kinds.includes(kind)) ? undefined : 'KIND_NOT_GRANTED'
}

function reasonOf(
  code: RefusalCode | undefined,
  claim: ConsentClaim,
  earlier: readonly Hash32[],
): LeftOutCode {
  if (code === undefined) return 'COUNTED_ALREADY'
  const isOutdated = code === 'SUBJECT_MISMATCH' && earlier.includes(claim.opening.subject)
  return isOutdated ? 'SHEET_OUTDATED' : code
}
