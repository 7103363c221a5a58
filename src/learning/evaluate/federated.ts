/**
 * Federated forecasters: the rounds of the room, run on a fold's sites, as an evaluation wants them.
 *
 * Law: bytes are those of the messages that would travel, both ways, averaged over sites and rounds.
 */

import type { RoundPlan } from '../rounds/plan.ts'
import { type Run, runRounds } from '../rounds/run-rounds.ts'
import type { Site } from '../rounds/site.ts'
import type { RoundReport } from '../rounds/state.ts'
import {
  type LocalTraining,
  type TrainingSite,
  type TrainingSiteOptions,
  trainingSite,
} from '../rounds/training-site.ts'
import type { Fold } from './protocols.ts'
import { aloneTraining, type Workshop } from './workshop.ts'

/** Windows a step in a round. */
const ROUND_BATCH = 32
/** Share of the first rate that is left in the last round. */
const LEAST_RATE = 0.05

export interface FederatedModel {
  readonly parameters: Float32Array
  readonly upBytes: number
  readonly downBytes: number
  readonly rounds: number
  readonly reports: readonly RoundReport[]
  /** The run as its log tells it. */
  readonly log: Pick<Run, 'plan' | 'events'>
}

/** The sites of a fold that have windows, named by their place: site-01, site-02, … */
export function networkSites(fold: Fold, workshop: Workshop): readonly TrainingSite[] {
  return fold.sites.flatMap(({ train }, site) =>
    train.count === 0
      ? []
      : [
          falling(
            {
              id: siteName(site),
              trainer: workshop.trainer,
              windows: train,
              training: roundTraining(workshop),
            },
            workshop.rounds,
          ),
        ],
  )
}

/** A site's training in one round: small batches, so that a site with few windows takes many steps. */
export function roundTraining(workshop: Workshop): LocalTraining {
  const training = aloneTraining(workshop)
  const { passes, learningRate, levelShift } = workshop.round ?? training
  return {
    ...training,
    passes,
    learningRate,
    ...(levelShift === undefined ? {} : { levelShift }),
    batch: ROUND_BATCH,
    schedule: 'constant',
  }
}

/** A site whose rate falls over the rounds as half a cosine, to a twentieth: averaging then ends on quiet ground. */
function falling(options: TrainingSiteOptions, rounds: number): TrainingSite {
  const rate = (round: number): number => {
    const share = (1 + Math.cos((Math.PI * Math.min(round, rounds)) / rounds)) / 2
    return options.training.learningRate * (LEAST_RATE + (1 - LEAST_RATE) * share)
  }
  return {
    ...trainingSite(options),
    on: (windows) => falling({ ...options, windows }, rounds),
    train: (task) =>
      trainingSite({ ...options, training: { ...options.training, learningRate: rate(task.round) } }).train(
        task,
      ),
  }
}

export function siteName(site: number): string {
  return `site-${String(site + 1).padStart(2, '0')}`
}

/** Runs the rounds of a plan, with the momentum of the form unless the plan names a strategy. Throws the codes of `runRounds`. */
export async function federate(
  workshop: Workshop,
  sites: readonly Site[],
  plan: Partial<RoundPlan>,
): Promise<FederatedModel> {
  const run = await runRounds({
    sites,
    plan: {
      rounds: workshop.rounds,
      strategy: { name: 'fedavg', momentum: workshop.round?.momentum ?? 0 },
      ...plan,
    },
    initial: workshop.network.initial(workshop.seed),
    ...(workshop.suite === undefined ? {} : { suite: workshop.suite }),
    onRound: () => workshop.onRound?.(),
  })
  return {
    parameters: run.parameters,
    ...trafficOf(run.reports),
    rounds: run.plan.rounds,
    reports: run.reports,
    log: { plan: run.plan, events: run.events },
  }
}

function trafficOf(reports: readonly RoundReport[]): {
  readonly upBytes: number
  readonly downBytes: number
} {
  let up = 0
  let down = 0
  let n = 0
  for (const { bytes } of reports) {
    for (const site of Object.values(bytes)) {
      up += site.up
      down += site.down
      n++
    }
  }
  return { upBytes: up / Math.max(1, n), downBytes: down / Math.max(1, n) }
}
