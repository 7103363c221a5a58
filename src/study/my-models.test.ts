import { describe, expect, it } from 'vitest'
import { nobleHasher as hasher } from '../vault/index.ts'
import { type Bytes, fromHex, type Hash32, utf8 } from '../vocabulary/index.ts'
import { type CohortTree, cohortMark, cohortTree } from './cohort-tree.ts'
import { type MyConsent, myModels, type StudyHistory } from './my-models.ts'
import { at, hashOf, siteOf } from './testing/papers.ts'
import { playedStudy } from './testing/played-study.ts'

describe('what learned from me', () => {
  it('is what a recount over everybody’s consents says, for every person', () => {
    const played = playedStudy({ people: 40, sites: 4, rounds: 12, seed: 7 })
    for (let person = 0; person < 40; person += 1) {
      const [mine] = myModels([played.consentOf(person)], [played.history], played.proofFor(person), hasher)
      expect(mine?.rounds.filter(({ proof }) => proof === 'PRESENT').map(({ round }) => round)).toEqual(
        played.roundsOf(person),
      )
      expect(mine?.models.map(({ version, rounds }) => [version, rounds])).toEqual(played.modelsOf(person))
      expect(mine?.unproved).toEqual([])
    }
  })

  it('is told by no other person’s secret', () => {
    const played = playedStudy({ people: 20, sites: 2, rounds: 4, seed: 3 })
    const stranger: MyConsent = { ...played.consentOf(0), secret: hasher.sha256(utf8('stranger')) }
    const [found] = myModels([stranger], [played.history], played.proofFor(0), hasher)
    expect(found?.models).toEqual([])
    // The proofs were about somebody else: they prove neither presence nor absence of a stranger.
    expect(found?.rounds.some(({ proof }) => proof === 'PRESENT')).toBe(false)
  })
})

describe('a site', () => {
  const study = hashOf('study')
  const site = siteOf('north')
  const secret = hasher.sha256(utf8('me'))
  const consent: MyConsent = { study, site, secret }
  const place = { study, round: 1, site }
  const treeWith = (marks: readonly Bytes[]): CohortTree =>
    cohortTree(marks, place, hasher.sha256(utf8('site')), hasher)
  const withMe = treeWith([cohortMark(secret, place, hasher)])
  const historyOf = (root: Hash32, survivors = [site]): StudyHistory => ({
    study,
    title: 'Forecasting lows',
    purpose: ['DUO:0000007'],
    rounds: [{ round: 1, openedAt: at(1_790_000_000), cohortRoots: new Map([[site, root]]), survivors }],
    versions: [{ number: 1, model: hashOf('model 1'), round: 1, base: 0, isWithdrawn: false }],
  })

  it('that says nothing leaves the round unproved, never absent', () => {
    const [mine] = myModels([consent], [historyOf(withMe.root)], () => undefined, hasher)
    expect([mine?.rounds[0]?.proof, mine?.unproved]).toEqual(['NO_PROOF', [1]])
  })

  it('that hides a person behind the proof of another tree is found out', () => {
    const without = treeWith([])
    const proof = without.prove(cohortMark(secret, place, hasher))
    const [mine] = myModels([consent], [historyOf(withMe.root)], () => proof, hasher)
    expect([mine?.rounds[0]?.proof, mine?.unproved]).toEqual(['INVALID', [1]])
  })

  it('whose contribution was voided taught the model nothing', () => {
    const proof = withMe.prove(cohortMark(secret, place, hasher))
    const [mine] = myModels([consent], [historyOf(withMe.root, [])], () => proof, hasher)
    expect(mine?.rounds[0]).toMatchObject({ proof: 'PRESENT', aggregated: false })
    expect(mine?.models).toEqual([])
  })

  it('that took no part in a round has nothing to prove', () => {
    const history = historyOf(withMe.root)
    const [round] = history.rounds
    if (round === undefined) throw new Error('expected a round')
    const away = { ...history, rounds: [{ ...round, cohortRoots: new Map(), survivors: [] }] }
    const [mine] = myModels([consent], [away], () => undefined, hasher)
    expect([mine?.rounds[0]?.proof, mine?.unproved]).toEqual(['NO_ROOT', []])
  })

  it('that I left and joined anew proves the round for each of my consents', () => {
    const anew = hasher.sha256(utf8('me, again'))
    const both = [consent, { ...consent, secret: anew }]
    const [mine] = myModels(
      both,
      [historyOf(withMe.root)],
      (_, __, ___, mark) => withMe.prove(fromHex(mark)),
      hasher,
    )
    expect(mine?.rounds.map(({ proof }) => proof)).toEqual(['PRESENT', 'ABSENT'])
    expect(mine?.unproved).toEqual([])
  })

  it('of a study that I never consented to is not mine', () => {
    expect(
      myModels([{ ...consent, study: hashOf('other') }], [historyOf(withMe.root)], () => undefined, hasher),
    ).toEqual([])
  })
})
