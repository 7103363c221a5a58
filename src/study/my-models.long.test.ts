import { expect, it } from 'vitest'
import { nobleHasher as hasher } from '../vault/index.ts'
import { myModels } from './my-models.ts'
import { playedStudy } from './testing/played-study.ts'

it('over 1,000 people and 50 rounds, what learned from whom is what a recount says', () => {
  const played = playedStudy({ people: 1_000, sites: 10, rounds: 50, seed: 11 })
  let found = 0
  for (let person = 0; person < 1_000; person += 1) {
    const [mine] = myModels([played.consentOf(person)], [played.history], played.proofFor(person), hasher)
    const present = mine?.rounds.filter(({ proof }) => proof === 'PRESENT').map(({ round }) => round)
    expect(present).toEqual(played.roundsOf(person))
    expect(mine?.models.map(({ version, rounds }) => [version, rounds])).toEqual(played.modelsOf(person))
    expect(mine?.unproved).toEqual([])
    found += present?.length ?? 0
  }
  expect(found).toBeGreaterThan(10_000)
})
