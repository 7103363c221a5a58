/**
 * The model of a study as something that forecasts, for who holds its bytes: a person's own browser.
 *
 * Law: the bytes are those that the ledger names, in the spelling that members attested (`model-bytes.ts`); what a server
 * carries behind the parameters is no part of a forecast.
 */
import {
  type NetworkShape,
  type PathOf,
  parameterCount,
  plainPath,
  ridgeForecast,
} from '../learning/browser.door.ts'
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { parametersOf } from './model-bytes.ts'

/** What a plan trained on glucose alone: a ridge, or a recurrent network of so many units. */
type HomeModel = { readonly kind: 'ridge' } | { readonly kind: 'gru'; readonly hidden: number }

/** Forecasts with a model. Throws `MODEL_WRONG_SHAPE`, here or once it is asked. */
export function pathOfModel(model: HomeModel, bytes: Bytes): PathOf {
  if (model.kind === 'ridge') return (windows) => ridgeForecast(ridgeIn(bytes, windows), windows)
  const shape: NetworkShape = {
    cell: 'gru',
    features: 4,
    hidden: model.hidden,
    horizon: 12,
    quantiles: [],
  }
  const parameters = parametersOf(bytes, parameterCount(shape))
  return (windows) => plainPath(shape, parameters, windows)
}

/** Weights as little-endian float64: the differences, the level and the intercept, each for every step of the path. */
function ridgeIn(bytes: Bytes, { steps, horizon }: Parameters<PathOf>[0]) {
  const width = steps + 1
  if (bytes.length !== 8 * width * horizon)
    throw new IsletError('MODEL_WRONG_SHAPE', 'the model has another number of weights than a ridge', {
      bytes: bytes.length,
      expected_bytes: 8 * width * horizon,
    })
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  const weights = Float64Array.from({ length: width * horizon }, (_, i) => view.getFloat64(8 * i, true))
  return { width, horizon, weights }
}
