/**
 * A site's cohort of one round: who is in, who is not and why, and what was opened of them.
 *
 * Laws: the consent state is that of the opening's block (PROTOCOL 24); the gate decides once more as each window is
 * opened, so that whoever stopped since is out before the root is made; the root is over exactly those who are trained
 * on.
 */
import type { ConsentClaim } from '../consent/browser.door.ts'
import type { PersonTrace } from '../learning/index.ts'
import { fromHex, hoursInside, parseInstant } from '../vocabulary/index.ts'
import { type CohortNeeds, cohortAt } from './cohort.ts'
import { type CohortTree, cohortMark, cohortTree } from './cohort-tree.ts'
import type { PersonData } from './learner.ts'
import type { StudyPlan } from './plan.ts'
import type { RoundLeftOut, SitePorts, SiteStudy } from './site-ports.ts'
import type { LedgerRound } from './study-chain.ts'

export interface FrozenCohort<Data extends PersonData> {
  readonly included: readonly ConsentClaim[]
  /** Of those included, in their order. */
  readonly people: readonly Data[]
  readonly leftOut: readonly RoundLeftOut[]
  readonly tree: CohortTree
}

/** Data of studies are read for research (HL7 v3 ActReason). */
const PURPOSE = 'HRESCH'

/** Freezes and opens. Throws the codes of the ports. */
export async function freezeCohort<Data extends PersonData>(
  ports: Pick<SitePorts<Data>, 'hasher' | 'history' | 'learner' | 'own' | 'people' | 'secret'>,
  study: SiteStudy,
  round: LedgerRound,
): Promise<FrozenCohort<Data>> {
  const [claims, history] = await Promise.all([ports.people.claims(), ports.history(round.openedBlock)])
  const standing = (claim: ConsentClaim) => history.standing(claim, round.openedBlock)
  const judged = cohortAt(claims, needsOf(study, ports.own), standing, round.openedAt)
  const leftOut: RoundLeftOut[] = judged.leftOut.map(({ consentId, code }) => ({ consent: consentId, code }))
  const included: ConsentClaim[] = []
  const people: Data[] = []
  for (const claim of judged.included) {
    const opened = await openPerson(ports, study.plan, claim)
    if (opened.data === undefined) leftOut.push({ consent: claim.consentId, code: opened.code })
    else {
      included.push(claim)
      people.push(opened.data)
    }
  }
  ports.people.keepOnly(included.map(({ consentId }) => consentId))
  return { included, people, leftOut, tree: treeOver(ports, study, round.round, included) }
}

/** One person through the gate, made ready to learn from. */
export async function openPerson<Data extends PersonData>(
  { people, learner }: Pick<SitePorts<Data>, 'learner' | 'people'>,
  plan: StudyPlan,
  claim: ConsentClaim,
): Promise<{ readonly code: string; readonly data?: Data }> {
  const opened = await people.open(claim)
  if (opened.trace === undefined) return { code: opened.code }
  if (!hasEnough(opened.trace, plan)) return { code: 'TOO_LITTLE_DATA' }
  const data = learner.prepare(opened.trace)
  return data === undefined ? { code: 'TOO_LITTLE_DATA' } : { code: opened.code, data }
}

/** The tree over a round's people. Throws `COHORT_MARK_TWICE`. */
export function treeOver(
  { own, hasher, secret }: Pick<SitePorts, 'hasher' | 'own' | 'secret'>,
  study: SiteStudy,
  round: number,
  included: readonly ConsentClaim[],
): CohortTree {
  const place = { study: study.id, round, site: own }
  // The opening's salt is known to patient, custodian and this site, and destroyed on erasure.
  const marks = included.map(({ opening }) => cohortMark(fromHex(opening.salt), place, hasher))
  return cohortTree(marks, place, secret, hasher)
}

/** What a study needs of a consent at a site. */
export function needsOf({ plan, subject, earlier }: SiteStudy, site: CohortNeeds['site']): CohortNeeds {
  const window = hoursInside(parseInstant(plan.data.from), parseInstant(plan.data.until))
  return { site, subject, earlier, kinds: plan.data.kinds, purpose: PURPOSE, window }
}

const DAY = 86_400
const CELL = 300

/** Whether a trace has the plan's days with a reading, and its share of five-minute cells between first and last. */
function hasEnough({ glucose: { at } }: PersonTrace, { cohort }: StudyPlan): boolean {
  const [first, last] = [at[0], at.at(-1)]
  if (first === undefined || last === undefined) return false
  // Instants ascend, so that a day or a cell is new where it is not the one before.
  const different = (seconds: number): number => {
    let [count, before] = [0, Number.NaN]
    for (let i = 0; i < at.length; i++) {
      const now = Math.floor((at[i] ?? 0) / seconds)
      if (now !== before) count++
      before = now
    }
    return count
  }
  const wear = (100 * different(CELL)) / (Math.floor(last / CELL) - Math.floor(first / CELL) + 1)
  return different(DAY) >= cohort.minimum_days && wear >= cohort.minimum_wear_percent
}
