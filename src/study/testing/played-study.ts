/** A study played out on paper: people who come and go, sites that are silent or void, versions rolled back; and a plain recount. */
import { nobleHasher as hasher } from '../../vault/index.ts'
import { type Bytes, type InstitutionId, utf8 } from '../../vocabulary/index.ts'
import { type CohortTree, cohortMark, cohortTree } from '../cohort-tree.ts'
import type { MyConsent, ProofOf, StudyHistory } from '../my-models.ts'
import { at, hashOf, siteOf } from './papers.ts'

export interface Played {
  readonly history: StudyHistory
  consentOf(person: number): MyConsent
  proofFor(person: number): ProofOf
  /** The recount: rounds whose cohort held the person, by the lists alone. */
  roundsOf(person: number): readonly number[]
  /** The recount: versions with the rounds under them that used the person. */
  modelsOf(person: number): readonly (readonly [version: number, rounds: readonly number[]])[]
}

/** The same study for the same seed. */
export function playedStudy(size: {
  readonly people: number
  readonly sites: number
  readonly rounds: number
  readonly seed: number
}): Played {
  const study = hashOf(`played ${size.seed}`)
  const sites = Array.from({ length: size.sites }, (_, i) => siteOf(`${i}`))
  const secrets = Array.from({ length: size.people }, (_, i): Bytes => hasher.sha256(utf8(`secret ${i}`)))
  const chance = chanceOf(size.seed)
  const siteOfPerson = (person: number): InstitutionId => sites[person % sites.length] ?? siteOf('0')
  const active = secrets.map(() => chance() < 0.7)
  const trees = new Map<string, CohortTree>()
  /** Who stood in each round, and whose site was aggregated. */
  const lists: {
    readonly round: number
    readonly people: ReadonlySet<number>
    readonly survivors: ReadonlySet<string>
  }[] = []
  const rounds: StudyHistory['rounds'][number][] = []
  const versions: {
    number: number
    model: ReturnType<typeof hashOf>
    round: number
    base: number
    isWithdrawn: boolean
  }[] = []
  let head = 0
  for (let round = 1; round <= size.rounds; round += 1) {
    active.forEach((is, person) => {
      if (chance() < 0.1) active[person] = !is
    })
    const present = sites.filter(() => chance() < 0.9)
    const survivors = present.filter(() => chance() < 0.9)
    const people = new Set<number>()
    const roots = new Map<InstitutionId, ReturnType<typeof hashOf>>()
    for (const site of present) {
      const here = secrets.flatMap((_, person) =>
        active[person] === true && siteOfPerson(person) === site ? [person] : [],
      )
      for (const person of here) people.add(person)
      const marks = here.map((person) =>
        cohortMark(secrets[person] ?? new Uint8Array(), { study, round }, hasher),
      )
      const tree = cohortTree(marks, { study, round, site }, hasher.sha256(utf8(site)), hasher)
      trees.set(`${round} ${site}`, tree)
      roots.set(site, tree.root)
    }
    lists.push({ round, people, survivors: new Set(survivors) })
    rounds.push({ round, openedAt: at(1_790_000_000 + round * 600), cohortRoots: roots, survivors })
    if (survivors.length < 2) continue
    versions.push({
      number: versions.length + 1,
      model: hashOf(`model ${round}`),
      round,
      base: head,
      isWithdrawn: false,
    })
    head = versions.length
    // Now and then an erasure takes versions back: what stands is built on an earlier one.
    if (chance() < 0.15 && head > 1) {
      const last = versions[head - 1]
      if (last !== undefined) {
        last.isWithdrawn = true
        head = last.base
      }
    }
  }
  const usedIn = (person: number, round: number): boolean => {
    const list = lists[round - 1]
    return list?.people.has(person) === true && list.survivors.has(siteOfPerson(person))
  }
  return {
    history: { study, title: 'Played', purpose: ['DUO:0000042'], rounds, versions },
    consentOf: (person) => ({
      study,
      site: siteOfPerson(person),
      secret: secrets[person] ?? new Uint8Array(),
    }),
    proofFor: (person) => (_, round, site) =>
      trees
        .get(`${round} ${site}`)
        ?.prove(cohortMark(secrets[person] ?? new Uint8Array(), { study, round }, hasher)),
    roundsOf: (person) => lists.filter(({ people }) => people.has(person)).map(({ round }) => round),
    modelsOf: (person) =>
      versions.flatMap(({ number }) => {
        const way: number[] = []
        for (let at = number; at > 0; at = versions[at - 1]?.base ?? 0) {
          const round = versions[at - 1]?.round ?? 0
          if (usedIn(person, round)) way.push(round)
        }
        return way.length === 0 ? [] : [[number, way.sort((a, b) => a - b)] as const]
      }),
  }
}

/** Numbers from 0 to 1, the same for the same seed (Lehmer's generator). */
function chanceOf(seed: number): () => number {
  let state = seed * 7919 + 1
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}
