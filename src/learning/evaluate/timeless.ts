/**
 * A network that is not told the time of day, for people so few that it would learn their habits by heart.
 *
 * Law: it is trained on zeros in place of the time and starts with zeros where the time would enter, so no step moves those
 * weights: the plain network with the same parameters forecasts the same, whatever the time.
 */
import { COS, SIN } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { layoutOf } from '../nets/layout.ts'
import type { Network } from '../nets/network.ts'
import type { Trainer } from '../rounds/training-site.ts'

/** The same network without the time. */
export function timelessNetwork(network: Network): Network {
  const { shape } = network
  const { inputWeight, hiddenWeight } = layoutOf(shape)
  return {
    ...network,
    initial: (seed) =>
      network
        .initial(seed)
        .map((value, i) =>
          i >= inputWeight && i < hiddenWeight && isTime(i - inputWeight, shape.features) ? 0 : value,
        ),
    train: (parameters, windows, training) => network.train(parameters, withoutTimeOfDay(windows), training),
    predict: (parameters, windows) => network.predict(parameters, withoutTimeOfDay(windows)),
  }
}

/** The same trainer without the time; windows that come again are the same object again, as workers want them. */
export function timelessTrainer(trainer: Trainer): Trainer {
  const known = new WeakMap<Windows, Windows>()
  return {
    train: (parameters, windows, training) => {
      const own = known.get(windows) ?? withoutTimeOfDay(windows)
      known.set(windows, own)
      return trainer.train(parameters, own, training)
    },
  }
}

/** The same windows with zeros for the time of day. */
function withoutTimeOfDay(windows: Windows): Windows {
  const inputs = windows.inputs.map((value, i) => (isTime(i, windows.features) ? 0 : value))
  return { ...windows, inputs }
}

function isTime(position: number, features: number): boolean {
  const feature = position % features
  return feature === SIN || feature === COS
}
