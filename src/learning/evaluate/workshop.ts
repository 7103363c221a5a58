/**
 * What network forecasters share: the network, where it trains, and the settings of each way of training.
 *
 * Law: settings are constants of the protocol, the same for every set of data; nothing here is tuned on test windows.
 * Source: Protocol W (batch 128, Adam 2e-3, clip 1) and F (batch 64, 15 rounds, no choosing by validation).
 */
import type { Windows } from '../data/windows.ts'
import type { MaskSuite } from '../masking/suite.ts'
import { pointErrors } from '../metrics/point-errors.ts'
import { pairsAt, STEP_30, STEP_60 } from '../metrics/score.ts'
import type { Network, NetworkShape } from '../nets/network.ts'
import { type Recommended, recommended, WIDE_FROM } from '../nets/recommended.ts'
import { network as networkOf } from '../nets/recurrent.ts'
import type { LocalTraining, Trainer } from '../rounds/training-site.ts'
import type { ProtocolName } from './protocols.ts'
import { timelessNetwork, timelessTrainer } from './timeless.ts'

export interface Workshop {
  readonly network: Network
  /** The network here, or workers that hold one each. */
  readonly trainer: Trainer
  /** Where networks of other shapes train; here unless given. */
  readonly trainerOf?: (shape: NetworkShape) => Trainer
  /** How the network learns where nothing is exchanged; as Protocol W's study unless given. */
  readonly learning?: Recommended['training']
  /** What is other in a round; one pass with the same settings unless given. */
  readonly round?: Recommended['round']
  readonly protocol: ProtocolName
  readonly rounds: number
  readonly seed: number
  /** CPU seconds that the process has used, all threads. */
  readonly cpuSeconds: () => number
  /** Primitives of masked sums; the pure ones unless given. */
  readonly suite?: MaskSuite
  /** Told after every round or cycle of training; may throw to stop. */
  readonly onRound?: () => void
}

/** Chosen on made-up people and on those of Colas whom Protocol F does not take, never on those it reports. */
const COLD_MOMENTUM = 0.5

/** The network of the table, but for its inputs: GRU of 48 units, a path of 12 cells. */
export const FORECAST_NETWORK: Omit<NetworkShape, 'features'> = {
  cell: 'gru',
  hidden: 48,
  horizon: 12,
  quantiles: [],
}

/** How a model trains where nothing is exchanged, one pass. */
export function aloneTraining({ protocol, seed, learning }: Workshop): LocalTraining {
  if (learning !== undefined) return { ...learning, passes: 1, seed }
  return {
    passes: 1,
    batch: protocol === 'F' ? 64 : 128,
    learningRate: 2e-3,
    schedule: protocol === 'F' ? 'constant' : 'cosine',
    clip: 1,
    seed,
  }
}

/**
 * The workshop with the form that is recommended for so many training windows at so many sites, whatever its network was.
 * Protocol F keeps the network of its study, and what it does alone; its rounds are those of the wide form, one pass each,
 * with less momentum, because they are half as many.
 */
export function workshopFor(workshop: Workshop, trainingWindows: number, sites: number): Workshop {
  if (workshop.protocol === 'F') {
    return { ...workshop, round: { ...recommended(WIDE_FROM, 1).round, momentum: COLD_MOMENTUM } }
  }
  const form = recommended(trainingWindows, sites)
  const shape = { ...workshop.network.shape, ...form.shape }
  const network = networkOf(shape)
  const trainer = workshop.trainerOf?.(shape) ?? network
  const own = form.timeOfDay
    ? { network, trainer }
    : { network: timelessNetwork(network), trainer: timelessTrainer(trainer) }
  return { ...workshop, ...own, learning: form.training, round: form.round }
}

/** Federated rounds of a protocol unless asked otherwise. */
export function usualRounds(protocol: ProtocolName): number {
  return protocol === 'F' ? 15 : 30
}

/** Mean of the RMSE at 30 and 60 minutes over windows, mg/dL: what models are chosen by. */
export function validationError(windows: Windows, path: Float32Array): number {
  const at = (step: number): number => pointErrors(pairsAt(windows, path, step)).rmse
  return (at(STEP_30) + at(STEP_60)) / 2
}
