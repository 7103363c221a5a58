/**
 * The row under differential privacy: every patient's contribution clipped and noised at their site.
 *
 * Law: ε and δ are those of every patient over all rounds (RDP accountant); the noise is the least that fits the budget.
 * No ridge stands beside this row: its equations would not be private. Noise is simulated from the seed here, so the row
 * shows the price of privacy and protects nobody.
 */
import { epsilonAfter, type PrivacyPlan } from '../privacy/budget.ts'
import { privateSite } from '../privacy/private-site.ts'
import { simulatedRandomness } from '../privacy/randomness.ts'
import { roundTraining, siteName } from './federated.ts'
import type { Fold } from './protocols.ts'
import type { Workshop } from './workshop.ts'

const EPSILON = 8
const DELTA = 1e-5
const SAMPLING = 0.5
/** Norm of one patient's update: below the usual norm of a few steps of training. */
const CLIP = 0.3

/** The plan with the least noise, to a hundredth, that leaves the budget whole after `rounds`. */
function privacyPlan(rounds: number): PrivacyPlan {
  const plan = { epsilon: EPSILON, delta: DELTA, sampling: SAMPLING, clip: CLIP }
  let [low, high] = [0.3, 30]
  while (high - low > 0.01) {
    const noise = (low + high) / 2
    if (epsilonAfter({ ...plan, noise }, rounds) <= EPSILON) high = noise
    else low = noise
  }
  return { ...plan, noise: high }
}

/** The sites of a fold that protect each patient. */
export function privateSites(fold: Fold, workshop: Workshop) {
  const privacy = privacyPlan(workshop.rounds)
  return fold.sites.flatMap(({ train }, site) =>
    train.count === 0
      ? []
      : [
          privateSite({
            id: siteName(site),
            trainer: workshop.trainer,
            windows: train,
            training: roundTraining(workshop),
            privacy,
            randomness: simulatedRandomness(workshop.seed, siteName(site), workshop.suite),
          }),
        ],
  )
}

/** What the row says of its guarantee. */
export function privacyNote(rounds: number): string {
  const { epsilon, delta, noise, clip, sampling } = privacyPlan(rounds)
  return `ε ${epsilon}, δ ${delta} per patient over ${rounds} rounds (noise ${noise.toFixed(2)} × clip ${clip}, sampling ${sampling}); the network alone, no ridge beside it`
}
