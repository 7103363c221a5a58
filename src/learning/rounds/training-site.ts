/**
 * A site that trains a network on windows of its own, here or wherever `network` runs.
 *
 * Law: what it answers is a function of the task, its windows, its settings and the seed.
 */
import { IsletError } from '../../vocabulary/index.ts'
import type { Windows } from '../data/windows.ts'
import type { Trained, Training } from '../nets/network.ts'
import type { Metrics, Reply, Site, Task } from './site.ts'

/** Settings of a site's training; its seed, pull and correction come with the round. */
export type LocalTraining = Omit<Training, 'proximal' | 'correction' | 'headOnly'>

/** Training that may run elsewhere: a network here, or one in a worker. */
export interface Trainer {
  train(parameters: Float32Array, windows: Windows, training: Training): Promise<Trained> | Trained
}

/** A site whose windows can be changed: what data poisoning needs, and data rounds a retraining. */
export interface TrainingSite extends Site {
  readonly windows: Windows
  /** The same site on other windows. */
  on(windows: Windows): TrainingSite
}

export interface TrainingSiteOptions {
  readonly id: string
  /** A `Network`, or one that runs in a worker. */
  readonly trainer: Trainer
  readonly windows: Windows
  readonly training: LocalTraining
  /** What the site's own data say of a model. */
  readonly evaluate?: (parameters: Float32Array) => Metrics | Promise<Metrics>
}

/** Throws `NO_EXAMPLES` on a site without windows. */
export function trainingSite(options: TrainingSiteOptions): TrainingSite {
  const { id, trainer, windows, training, evaluate } = options
  if (windows.count === 0) {
    throw new IsletError(
      'NO_EXAMPLES',
      'a site has no windows to learn from',
      { site: id },
      { remedy: 'Leave the site out, or import readings that hold 3 hours without a gap.' },
    )
  }
  return {
    id,
    examples: windows.count,
    windows,
    on: (other) => trainingSite({ ...options, windows: other }),
    train: async ({ round, parameters, proximal, correction }: Task): Promise<Reply> => {
      const trained = await trainer.train(parameters, windows, {
        ...training,
        seed: seedOf(training.seed, round, id),
        ...(proximal === undefined ? {} : { proximal }),
        ...(correction === undefined ? {} : { correction }),
      })
      return {
        update: trained.parameters.map((value, i) => value - (parameters[i] ?? 0)),
        loss: trained.loss.at(-1) ?? 0,
        steps: trained.steps,
        rate: training.learningRate,
      }
    },
    ...(evaluate === undefined ? {} : { evaluate }),
  }
}

/** A seed of its own for every round and site: FNV-1a of the three, 31 bits. */
function seedOf(seed: number, round: number, site: string): number {
  let hash = 0x811c9dc5
  for (const character of `${seed} ${round} ${site}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return hash >>> 1
}
