/**
 * A site whose update protects each of its patients: it samples people, trains from the model on each one's windows
 * alone, clips each person's update, adds up, adds Gaussian noise, and divides by the people expected.
 *
 * Laws: adding or removing one person changes the sum before noise by at most `clip`; the budget is asked before
 * anything is trained; an empty sample is answered like any other, with noise.
 * Limits: noise is drawn in float64, so that the guarantee is that of real numbers, not of their last bits; ε is the
 * people's of this site, towards everyone who sees the update; loss is not reported, it would not be covered.
 * Source: McMahan, Ramage, Talwar, Zhang 2018 (DP-FedAvg, fixed denominator), with the patient as the unit.
 */
import { selectWindows } from '../data/select-windows.ts'
import type { Windows } from '../data/windows.ts'
import type { Reply, Task } from '../rounds/site.ts'
import type { Trainer, TrainingSite, TrainingSiteOptions } from '../rounds/training-site.ts'
import { trainingSite } from '../rounds/training-site.ts'
import { checkPrivacy, epsilonAfter, type PrivacyPlan, type Spending, spend } from './budget.ts'
import type { PrivateRandomness } from './randomness.ts'

export interface PrivateSite extends TrainingSite {
  /** ε of every patient so far. */
  readonly spentEpsilon: () => number
  readonly spending: () => Spending
}

export interface PrivateSiteOptions extends TrainingSiteOptions {
  readonly privacy: PrivacyPlan
  readonly randomness: PrivateRandomness
  /** What was spent before this start. */
  readonly spent?: Spending
}

/** Throws `NO_EXAMPLES`, `BAD_PLAN`; its training throws `PRIVACY_BUDGET_SPENT`. */
export function privateSite(options: PrivateSiteOptions): PrivateSite {
  const { privacy, randomness, windows } = options
  checkPrivacy(privacy)
  const plain = trainingSite(options)
  const people = byPerson(windows)
  let spending = options.spent ?? { releases: 0 }
  return {
    ...plain,
    on: (other) => privateSite({ ...options, windows: other, spent: spending }),
    spending: () => spending,
    spentEpsilon: () => (spending.releases === 0 ? 0 : epsilonAfter(privacy, spending.releases)),
    train: async (task) => {
      spending = spend(privacy, spending)
      return privateUpdate(options, people, task, randomness)
    },
  }
}

async function privateUpdate(
  {
    trainer,
    training,
    privacy,
  }: { trainer: Trainer; training: TrainingSiteOptions['training']; privacy: PrivacyPlan },
  people: readonly Windows[],
  { round, parameters, proximal }: Task,
  randomness: PrivateRandomness,
): Promise<Reply> {
  const { sampling, clip, noise } = privacy
  const sampler = randomness.draws('sample', round)
  const sum = new Float64Array(parameters.length)
  for (const windows of people) {
    // Everybody is drawn for, so that who is in the sample says nothing about how many were.
    if (sampler.uniform() >= sampling) continue
    const trained = await trainer.train(parameters, windows, {
      ...training,
      // One seed for all: with one of each place, whoever leaves would change everybody after them.
      seed: training.seed + 1009 * round,
      ...(proximal === undefined ? {} : { proximal }),
    })
    let squares = 0
    for (let i = 0; i < sum.length; i++) {
      squares += ((trained.parameters[i] ?? 0) - (parameters[i] ?? 0)) ** 2
    }
    const share = Math.min(1, clip / Math.sqrt(squares || 1))
    for (let i = 0; i < sum.length; i++) {
      sum[i] = (sum[i] ?? 0) + share * ((trained.parameters[i] ?? 0) - (parameters[i] ?? 0))
    }
  }
  const draws = randomness.draws('noise', round)
  const expected = Math.max(1, sampling * people.length)
  const update = Float32Array.from(sum, (value) => (value + noise * clip * draws.normal()) / expected)
  return { update, loss: 0, steps: 1, rate: training.learningRate }
}

/** The windows of each person, in order of the person. */
function byPerson(windows: Windows): readonly Windows[] {
  const rows = new Map<number, number[]>()
  windows.person.forEach((person, row) => {
    const own = rows.get(person)
    if (own === undefined) rows.set(person, [row])
    else own.push(row)
  })
  return [...rows.keys()]
    .sort((a, b) => a - b)
    .map((person) => selectWindows(windows, Int32Array.from(rows.get(person) ?? [])))
}
