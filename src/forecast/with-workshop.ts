/**
 * Opens what networks are trained with (workers on all cores, masks, a clock of CPU time), does the work, closes it.
 *
 * Law: Ctrl-C ends the workers and with them the work; nothing that was started stays behind.
 */
import {
  FORECAST_NETWORK,
  network,
  type ProtocolName,
  usualRounds,
  type Workshop,
} from '../learning/index.ts'
import { nodeMaskSuite, openTrainers } from '../learning/worker.door.ts'

export interface WorkshopOptions {
  readonly protocol: ProtocolName
  readonly rounds: number | undefined
  readonly seed: number
  readonly features: number
  /** Levels of the quantile heads; none unless given. */
  readonly quantiles?: readonly number[]
  readonly signal: AbortSignal
  /** Told after every round or cycle of training. */
  readonly onRound: () => void
}

/** The quantiles of a model for use: a band of 90 % and its quarters. */
export const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95] as const

/** Does work with a workshop that is open for as long as it lasts. */
export async function withWorkshop<T>(
  { signal, onRound, features, rounds, protocol, seed, quantiles = [] }: WorkshopOptions,
  work: (workshop: Workshop) => Promise<T>,
): Promise<T> {
  const shape = { ...FORECAST_NETWORK, features, quantiles }
  const trainers = openTrainers(shape)
  const stop = (): void => void trainers.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await work({
      network: network(shape),
      trainer: trainers,
      trainerOf: trainers.of,
      protocol,
      rounds: rounds ?? usualRounds(protocol),
      seed,
      cpuSeconds,
      suite: nodeMaskSuite,
      onRound: () => {
        signal.throwIfAborted()
        onRound()
      },
    })
  } finally {
    signal.removeEventListener('abort', stop)
    await trainers.close()
  }
}

/** CPU seconds of this process, all threads. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1e6
}
