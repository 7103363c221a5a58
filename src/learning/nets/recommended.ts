/**
 * Shapes and settings that were found to do well, for those who have no reason for others.
 *
 * Law: chosen on validation windows of Protocol W over three public sets, never on test windows; docs/learning.md,
 * section "Forecaster", prints what they gave. A level or a bias trained on few people memorises their habits, so the
 * small form is narrower and its inputs leave out the time of day.
 */
import type { NetworkShape, Training } from './network.ts'

/** Training windows from which the wide form is better. */
export const WIDE_FROM = 20_000

/** How a site learns in a federated round, and how the rounds add up. */
export interface RoundForm {
  /** Passes of a site over its own windows. */
  readonly passes: number
  /** Adam's rate in the first round. */
  readonly learningRate: number
  /** As in `Training`, mg/dL. */
  readonly levelShift: number
  /** Share of the last step of the common model that is taken again (FedAvgM). */
  readonly momentum: number
}

export interface Recommended {
  readonly shape: Pick<NetworkShape, 'cell' | 'hidden' | 'horizon'>
  readonly training: Omit<Training, 'seed' | 'passes'>
  /** What is other in a federated round. */
  readonly round: RoundForm
  /** Whether the time of day is given to the network, or zeros in its place. */
  readonly timeOfDay: boolean
}

const SHARED = { schedule: 'cosine', clip: 1 } as const

/** Windows that a site's round should come to, about a hundred steps of 32: with fewer, 30 rounds end too early. */
const ROUND_WINDOWS = 3_200
const MOST_PASSES = 8

/** What to train on so many windows, which lie at so many sites. */
export function recommended(trainingWindows: number, sites: number): Recommended {
  const each = trainingWindows / Math.max(1, sites)
  const passes = Math.min(MOST_PASSES, Math.max(1, Math.round(ROUND_WINDOWS / Math.max(1, each))))
  return trainingWindows < WIDE_FROM
    ? {
        shape: { cell: 'gru', hidden: 24, horizon: 12 },
        training: { ...SHARED, batch: 64, learningRate: 3e-3, levelShift: 70 },
        // Sites of one person each tell a person by their level: in rounds it is moved further than alone.
        round: { passes, learningRate: 3e-3, levelShift: 120, momentum: 0 },
        timeOfDay: false,
      }
    : {
        shape: { cell: 'gru', hidden: 48, horizon: 12 },
        training: { ...SHARED, batch: 128, learningRate: 2e-3 },
        // Sites unlike one another pull apart: quick steps at moved levels, and a common step that remembers, end closer.
        round: { passes, learningRate: 6e-3, levelShift: 40, momentum: 0.7 },
        timeOfDay: true,
      }
}
