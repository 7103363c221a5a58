/**
 * Where a study's networks train: here when it is soon done, else in workers, so that the node goes on answering.
 *
 * Law: the bits do not depend on where (learning/worker.door.ts); workers are started by the first training that needs
 * them and keep no process alive.
 */
import { type NetworkShape, network, type Windows } from '../../learning/index.ts'
import { openTrainers, type TrainerPool } from '../../learning/worker.door.ts'

/** Windows from which a training is worth a worker's start. */
const WORKER_FROM = 2_000

export function studyTrainer(shape: NetworkShape): Pick<TrainerPool, 'train'> {
  const here = network(shape)
  let pool: TrainerPool | undefined
  return {
    train: async (parameters: Float32Array, windows: Windows, training) => {
      if (windows.count < WORKER_FROM) return here.train(parameters, windows, training)
      pool ??= openTrainers(shape)
      return pool.train(parameters, windows, training)
    },
  }
}
