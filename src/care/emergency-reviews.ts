/**
 * The review of emergencies at an institution that took part: a queue of what was opened, the patient's word, a named finding.
 *
 * Laws: whatever was released or opened stays in the queue until a named person closes it with a signed finding and a reason;
 * who called or released reviews nothing of it; a finding is final; only the patient of the grant says a word on it, once, and
 * is told what became of it.
 */
import { type HandOver, requireSigned } from '../consent/browser.door.ts'
import type { Ed25519 } from '../identity/index.ts'
import { type Hash32, IsletError, type UnixSeconds } from '../vocabulary/index.ts'
import type { CallBooks, HeardCall, OwnCall } from './emergency-calls.ts'
import { requireQuestion } from './questions.ts'
import type { Finding, Question, Review } from './signed-review.ts'
import { requireDuty, type StaffMember } from './staff.ts'

const LEAST_NOTE = 10

/** An emergency as its reviewers see it. */
export interface ReviewCase {
  readonly hash: Hash32
  /** What this institution did: it read, or it released. */
  readonly part: 'reader' | 'second'
  readonly page: OwnCall | HeardCall
}

/** Whether somebody did what there is to review. */
export function tookPart({ part, page }: ReviewCase, { handle }: Pick<StaffMember, 'handle'>): boolean {
  const by = part === 'reader' ? page.call.body.person : page.release?.body.person
  return by?.handle === handle
}

export interface ReviewDesk {
  /** Keeps the patient's word on a call. Throws `CALL_UNKNOWN`, `CALL_REVIEWED`, `SIGNATURE_REFUSED`. */
  review(review: Review): Promise<void>
  /** A call as its patient is told of it. Throws `CALL_UNKNOWN`, `QUESTION_OLD`, `SIGNATURE_REFUSED`. */
  account(question: Question): ReviewCase
  /** Calls that were released or opened, oldest first. */
  queue(): readonly ReviewCase[]
  /**
   * Closes a case. Throws `NOT_ON_DUTY`, `CALL_UNKNOWN`, `NOTHING_TO_REVIEW`, `REVIEWER_TOOK_PART`, `CALL_REVIEWED`,
   * `REASON_MISSING`, `SIGNATURE_REFUSED`.
   */
  find(finding: Finding, reviewer: StaffMember | undefined): Promise<void>
}

export function reviewDesk(
  { own, heard }: CallBooks,
  ports: {
    readonly ed: Ed25519
    readonly clock: () => UnixSeconds
    /** The grant that a call of this institution is about. Throws `NOT_AN_EMERGENCY_GRANT`. */
    readonly grantOf: (call: OwnCall) => Pick<HandOver, 'opening'>
  },
): ReviewDesk {
  const needed = (hash: Hash32): ReviewCase => {
    const page = heard.get(hash)
    return page === undefined
      ? { hash, part: 'reader', page: own.need(hash) }
      : { hash, part: 'second', page }
  }
  const patientOf = ({ page }: ReviewCase): Hash32 =>
    ('handOver' in page ? page.handOver : ports.grantOf(page)).opening.patientKey
  const keep = async (
    { hash, page }: ReviewCase,
    more: Pick<OwnCall, 'review' | 'finding'>,
  ): Promise<void> => {
    if ('handOver' in page) await heard.keep(hash, { ...page, ...more })
    else await own.keep(hash, { ...page, ...more })
  }
  return {
    review: async (review) => {
      const known = needed(review.body.call)
      requireSigned(review, ports.ed, 'review of an emergency', patientOf(known))
      if (known.page.review !== undefined) throw alreadyReviewed()
      await keep(known, { review })
    },
    account: (question) => {
      const known = needed(question.body.call)
      requireQuestion(question, patientOf(known), ports)
      return known
    },
    queue: () =>
      [
        ...own.all().map(([hash, page]) => ({ hash, part: 'reader', page }) as const),
        ...heard.all().map(([hash, page]) => ({ hash, part: 'second', page }) as const),
      ]
        .filter(({ page }) => page.release !== undefined)
        .sort((a, b) => a.page.call.body.at - b.page.call.body.at),
    find: async (finding, reviewer) => {
      const who = requireDuty(reviewer, 'committee', 'duty-officer')
      const { name, key } = who
      requireSigned(finding, ports.ed, 'finding on an emergency', key)
      const known = needed(finding.body.call)
      const { release, finding: before } = known.page
      if (release === undefined)
        throw new IsletError(
          'NOTHING_TO_REVIEW',
          'nothing was released on this call',
          {},
          { remedy: 'look at the list of what is to be reviewed' },
        )
      if (tookPart(known, who))
        throw new IsletError(
          'REVIEWER_TOOK_PART',
          'nobody reviews what they did themselves',
          {},
          { remedy: 'let somebody else of your institution review it' },
        )
      if (before !== undefined) throw alreadyReviewed()
      if (finding.body.note.trim().length < LEAST_NOTE)
        throw new IsletError(
          'REASON_MISSING',
          `a finding needs a reason of at least ${LEAST_NOTE} characters`,
          {},
          { at: { field: 'note' }, remedy: 'say in a sentence what it rests on' },
        )
      await keep(known, { finding: { reviewer: name, signed: finding } })
    },
  }
}

function alreadyReviewed(): IsletError {
  return new IsletError(
    'CALL_REVIEWED',
    'this emergency was reviewed already',
    {},
    { remedy: 'look at the review' },
  )
}
