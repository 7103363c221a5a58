/**
 * "My data, my models": every round and every model that learned from a person, for that person alone.
 *
 * Laws: computed where the person's secrets are, from what stands on the ledger and proofs that sites give: no site and
 * no ledger is believed about who is in a cohort; a round used a person exactly if their mark stands under the root of
 * a site whose update was aggregated; a model learned from them exactly if a round on its way from the first model did.
 * What cannot be proved is said to be unproved, never counted as absent.
 */
import type { Hasher } from '../vault/index.ts'
import { type Hash32, hash32, type InstitutionId, toHex, type UnixSeconds } from '../vocabulary/index.ts'
import { type CohortProof, checkCohortProof, cohortMark } from './cohort-tree.ts'

/** A person's consent to a study at a site. */
export interface MyConsent {
  readonly study: Hash32
  readonly site: InstitutionId
  /** The consent's secret, 32 bytes or more, known to the person and the site. */
  readonly secret: Uint8Array
}

/** What the ledger says of a study. */
export interface StudyHistory {
  readonly study: Hash32
  readonly title: string
  /** DUO codes of its plan. */
  readonly purpose: readonly string[]
  readonly rounds: readonly {
    readonly round: number
    readonly openedAt: UnixSeconds
    readonly cohortRoots: ReadonlyMap<InstitutionId, Hash32>
    /** Sites whose updates were aggregated. */
    readonly survivors: readonly InstitutionId[]
  }[]
  readonly versions: readonly {
    readonly number: number
    readonly model: Hash32
    readonly round: number
    /** Version it was built on; 0 = the plan's first model. */
    readonly base: number
    readonly isWithdrawn: boolean
  }[]
}

/** A site's proof about one of the person's marks in a round, if it gave one. */
export type ProofOf = (
  study: Hash32,
  round: number,
  site: InstitutionId,
  mark: Hash32,
) => CohortProof | undefined

export interface MyRound {
  readonly round: number
  readonly site: InstitutionId
  readonly openedAt: UnixSeconds
  /** `PRESENT` and `ABSENT` are proved; `NO_ROOT`: the site took no part in the round. */
  readonly proof: 'ABSENT' | 'INVALID' | 'NO_PROOF' | 'NO_ROOT' | 'PRESENT'
  /** Whether the round's model learned from what the site brought; a voided contribution did not. */
  readonly aggregated: boolean
}

export interface MyModel {
  readonly version: number
  readonly model: Hash32
  readonly isWithdrawn: boolean
  /** Rounds on its way that used me, ascending. */
  readonly rounds: readonly number[]
}

export interface MyStudy {
  readonly study: Hash32
  readonly title: string
  readonly purpose: readonly string[]
  readonly rounds: readonly MyRound[]
  /** Models that learned from me. */
  readonly models: readonly MyModel[]
  /** Rounds in which a site proved neither presence nor absence. */
  readonly unproved: readonly number[]
}

/** The studies that a person consented to, with what each did with them. Throws `SECRET_SHORT`. */
export function myModels(
  consents: readonly MyConsent[],
  histories: readonly StudyHistory[],
  proofOf: ProofOf,
  hasher: Hasher,
): readonly MyStudy[] {
  return histories.flatMap((history) => {
    const mine = consents.filter(({ study }) => study === history.study)
    return mine.length === 0 ? [] : [myStudy(mine, history, proofOf, hasher)]
  })
}

function myStudy(
  mine: readonly MyConsent[],
  history: StudyHistory,
  proofOf: ProofOf,
  hasher: Hasher,
): MyStudy {
  const { study, title, purpose } = history
  const rounds = history.rounds.flatMap((round) =>
    mine.map((consent) => myRound(consent, round, proofOf, hasher)),
  )
  const usedMe = new Set(
    rounds.filter(({ proof, aggregated }) => aggregated && proof === 'PRESENT').map(({ round }) => round),
  )
  const unproved = rounds.filter(
    ({ proof, aggregated }) => aggregated && (proof === 'INVALID' || proof === 'NO_PROOF'),
  )
  const byNumber = new Map(history.versions.map((version) => [version.number, version]))
  const models = history.versions.flatMap((version) => {
    const way: number[] = []
    for (let at = byNumber.get(version.number); at !== undefined; at = byNumber.get(at.base)) {
      if (usedMe.has(at.round)) way.push(at.round)
      // Versions are built on earlier ones only: what says otherwise ends the way instead of going round.
      if (at.base >= at.number) break
    }
    if (way.length === 0) return []
    const { number, model, isWithdrawn } = version
    return [{ version: number, model, isWithdrawn, rounds: way.sort((a, b) => a - b) }]
  })
  return { study, title, purpose, rounds, models, unproved: [...new Set(unproved.map(({ round }) => round))] }
}

function myRound(
  { study, site, secret }: MyConsent,
  { round, openedAt, cohortRoots, survivors }: StudyHistory['rounds'][number],
  proofOf: ProofOf,
  hasher: Hasher,
): MyRound {
  const root = cohortRoots.get(site)
  const aggregated = survivors.includes(site)
  if (root === undefined) return { round, site, openedAt, proof: 'NO_ROOT', aggregated }
  const mark = cohortMark(secret, { study, round }, hasher)
  const proof = proofOf(study, round, site, hash32(toHex(mark)))
  if (proof === undefined) return { round, site, openedAt, proof: 'NO_PROOF', aggregated }
  return {
    round,
    site,
    openedAt,
    proof: checkCohortProof(proof, mark, { study, round, site }, root, hasher),
    aggregated,
  }
}
