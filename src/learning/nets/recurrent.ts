/** The recurrent forecaster: a shape made into a `Network`. */
import { layoutOf } from './layout.ts'
import type { Network, NetworkShape } from './network.ts'
import { predict } from './predict.ts'
import { words } from './schedule.ts'
import { train } from './train.ts'

/**
 * A GRU or LSTM with one dense layer; it holds no weights of its own and does the same bytes on every machine.
 *
 * Refuses with `NETWORK_SHAPE_UNFIT`; its functions as `train` and `predict` say.
 */
export function network(shape: NetworkShape): Network {
  const layout = layoutOf(shape)
  return {
    shape,
    parameterCount: layout.count,
    initial: (seed) => {
      // Uniform in ±1/√hidden, as torch draws recurrent and dense layers.
      const bound = 1 / Math.sqrt(shape.hidden)
      const next = words(seed)
      return Float32Array.from(
        { length: layout.count },
        () => bound * ((2 * (next() + 0.5)) / 4_294_967_296 - 1),
      )
    },
    train: (parameters, windows, training) => train(shape, parameters, windows, training),
    predict: (parameters, windows) => predict(shape, parameters, windows),
  }
}
