/**
 * Federated forecasters: the rounds of the room, run on a fold's sites, as an evaluation wants them.
 *
 * Law: bytes are those of the messages that would travel, both ways, averaged over sites and rounds.
 */

import type { RoundPlan } from '../rounds/plan.ts'
import { runRounds } from '../rounds/run-rounds.ts'
import type { Metrics, Site } from '../rounds/site.ts'
import type { RoundReport } from '../rounds/state.ts'
import { type TrainingSite, trainingSite } from '../rounds/training-site.ts'
import type { Fold } from './protocols.ts'
import { aloneTraining, type Workshop } from './workshop.ts'

export interface FederatedModel {
  readonly parameters: Float32Array
  readonly upBytes: number
  readonly downBytes: number
  readonly rounds: number
  readonly reports: readonly RoundReport[]
}

/** The sites of a fold that have windows, named by their place: site-01, site-02, … */
export function networkSites(
  fold: Fold,
  workshop: Workshop,
  evaluate?: (site: number, parameters: Float32Array) => Metrics,
): readonly TrainingSite[] {
  return fold.sites.flatMap(({ train }, site) =>
    train.count === 0
      ? []
      : [
          trainingSite({
            id: siteName(site),
            trainer: workshop.trainer,
            windows: train,
            training: { ...aloneTraining(workshop), schedule: 'constant' },
            ...(evaluate === undefined ? {} : { evaluate: (parameters) => evaluate(site, parameters) }),
          }),
        ],
  )
}

export function siteName(site: number): string {
  return `site-${String(site + 1).padStart(2, '0')}`
}

/** Runs the rounds of a plan. Throws the codes of `runRounds`. */
export async function federate(
  workshop: Workshop,
  sites: readonly Site[],
  plan: Partial<RoundPlan>,
): Promise<FederatedModel> {
  const run = await runRounds({
    sites,
    plan: { rounds: workshop.rounds, ...plan },
    initial: workshop.network.initial(workshop.seed),
    ...(workshop.suite === undefined ? {} : { suite: workshop.suite }),
    onRound: () => workshop.onRound?.(),
  })
  return {
    parameters: run.parameters,
    ...trafficOf(run.reports),
    rounds: run.plan.rounds,
    reports: run.reports,
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
