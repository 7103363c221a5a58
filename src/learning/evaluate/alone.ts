/**
 * Training without exchange: one set of windows, validation windows to choose by.
 *
 * Law: training goes in cycles of falling rates; the model kept is the best of all cycles on validation windows, and
 * training ends once two cycles in a row brought nothing. Under protocol F nothing is chosen: a fixed number of passes.
 * Source of the cycles: Loshchilov and Hutter 2017 (warm restarts).
 */
import type { Windows } from '../data/windows.ts'
import { aloneTraining, validationError, type Workshop } from './workshop.ts'

const CYCLE_PASSES = 5
const MOST_CYCLES = 8
const PATIENCE = 2

/** The chosen parameters. */
export async function trainAlone(
  workshop: Workshop,
  train: Windows,
  validation: Windows,
): Promise<Float32Array> {
  const { network, trainer, protocol, rounds, seed, onRound } = workshop
  const training = aloneTraining(workshop)
  let parameters = network.initial(seed)
  if (train.count === 0) return parameters
  if (protocol === 'F') {
    const trained = await trainer.train(parameters, train, { ...training, passes: rounds })
    onRound?.()
    return trained.parameters
  }
  let best = parameters
  let least = Number.POSITIVE_INFINITY
  let idle = 0
  for (let cycle = 0; cycle < MOST_CYCLES && idle < PATIENCE; cycle++) {
    const settings = { ...training, passes: CYCLE_PASSES, seed: seed + cycle }
    parameters = (await trainer.train(parameters, train, settings)).parameters
    const error = validationError(validation, network.predict(parameters, validation).path)
    idle = error < least ? 0 : idle + 1
    // Unknown where no validation window can be judged: then the latest stays.
    if (error < least || Number.isNaN(error)) {
      least = error
      best = parameters
    }
    onRound?.()
  }
  return best
}
