/** Two of ten sites lie, each way once, in rounds on a real ledger: every site comes to the same model without them. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { memoryShelf } from '../consent/browser.door.ts'
import { hashOf, signerOf } from '../ledger/testing/fixtures.ts'
import { fromUtf8 } from '../vocabulary/index.ts'
import { openNextRound } from './conduct.ts'
import { heldError, poisonedLearner } from './testing/poisoned-learner.ts'
import { type RoundTown, roundTown, takeTurns } from './testing/round-town.ts'

const SITES = 10
const ROUNDS = 5
const LIARS = [2, 7]

let town: RoundTown
let people: readonly string[]
let clean = 0

beforeAll(async () => {
  town = await roundTown({
    sites: SITES,
    people: (site) => [`${site} ann`],
    plan: { rounds: ROUNDS, deadlines: { step_seconds: 3_600 } },
  })
  people = town.names.map((_, i) => `${i} ann`)
  clean = (await studied()).error
})
afterAll(() => town?.close())

/** A study of five rounds from the plan's first model. */
async function studied(attack?: Parameters<typeof poisonedLearner>[1]) {
  const { chain, study, names, plan, objects } = town
  const acts = chain.as(signerOf(names[0] ?? ''))
  const head = await chain.headVersion(study)
  if (head !== undefined) await acts.withdrawVersion(study, head.number - ROUNDS + 1, hashOf('again'))
  const sites = names.map((name, i) =>
    town.openSite(
      name,
      memoryShelf(),
      attack !== undefined && LIARS.includes(i) ? { learner: poisonedLearner(plan, attack) } : {},
    ),
  )
  const counted: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    await openNextRound(chain, acts, study)
    await takeTurns(sites)
    const version = (await chain.headVersion(study))!
    expect(version.depth).toBe(i + 1)
    // One report: whoever attested came to this model.
    const { metrics } = JSON.parse(fromUtf8((await objects.get(version.report))!))
    counted.push(metrics.sites_counted)
  }
  const { model } = (await chain.headVersion(study))!
  return { error: heldError(plan, (await objects.get(model))!, people), counted }
}

test.each([
  ['nan', 8],
  ['random', 8],
  ['sign-flip', 8],
  ['backdoor', 8],
  ['label-shift', undefined],
  ['free-rider', undefined],
] as const)(
  '%s by two of ten sites leaves a model within a twentieth of the clean one',
  async (name, expected) => {
    const { error, counted } = await studied(name === 'random' ? { name, seed: 5 } : { name })
    expect(error).toBeLessThan(1.05 * clean)
    // What is wild is out of every round; who is like the others, or says nothing, may stay.
    if (expected !== undefined) expect(counted).toEqual(Array.from({ length: ROUNDS }, () => expected))
  },
)
