/**
 * A trained forecaster as one document: the network, the ridge beside it, calibrated quantiles, an alarm threshold, and
 * what it was made from.
 *
 * Law: the document names its own bytes (`sha256` over its canonical JSON without that field); a changed digit anywhere is
 * refused. It holds sums over many windows, no reading and no name; still, parameters tell about those who taught them.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import {
  canonicalJson,
  fromBase64Url,
  IsletError,
  type Json,
  toBase64Url,
  toHex,
  utf8,
} from '../../vocabulary/index.ts'
import { CONTEXT_STEPS, HORIZON_STEPS } from '../data/cut-windows.ts'
import { clipped } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { STEP_30, STEP_60 } from '../metrics/score.ts'
import { calibrated } from '../nets/calibrate.ts'
import type { Forecasts, NetworkShape } from '../nets/network.ts'
import { network } from '../nets/recurrent.ts'
import { ridgeForecast } from '../ridge/ridge.ts'

export interface ForecastModel {
  readonly shape: NetworkShape
  readonly parameters: Float32Array
  /** Ridge weights, 25 × 12. */
  readonly ridge: Float64Array
  /** Share of the network in the mean with the ridge. */
  readonly share: number
  /** Added to each quantile at 30, then at 60 minutes, mg/dL. */
  readonly shifts: readonly number[]
  /** Forecasts at 30 minutes below this raise an alarm, mg/dL. */
  readonly alarm: number
  readonly data: string
  readonly protocol: string
  readonly seed: number
}

const SCHEMA = 'islet.model/1'

/** Forecasts of windows: the mean of network and ridge, quantiles moved along and calibrated. */
export function forecastWith(model: ForecastModel, windows: Windows): Forecasts {
  const { shape, share, shifts } = model
  const own = network(shape).predict(model.parameters, windows)
  const other = ridgeForecast(
    { width: windows.steps + 1, horizon: shape.horizon, weights: model.ridge },
    windows,
  )
  const path = own.path.map((value, i) => clipped(share * value + (1 - share) * (other[i] ?? 0)))
  const levels = shape.quantiles.length
  // Quantiles are the network's: they move with the path to where the mean with the ridge lies.
  const quantiles = own.quantiles.map((value, at) => {
    const cell =
      Math.floor(at / (2 * levels)) * shape.horizon + (at % (2 * levels) < levels ? STEP_30 : STEP_60)
    return value + (path[cell] ?? 0) - (own.path[cell] ?? 0)
  })
  return calibrated({ path, quantiles }, Float64Array.from(shifts))
}

/** The document of a model, one line of JSON. */
export function writeModel(model: ForecastModel): string {
  const body = bodyOf(model)
  return `${JSON.stringify({ ...body, sha256: digestOf(body) })}\n`
}

/** The digest that the document carries. */
export function modelDigest(model: ForecastModel): string {
  return digestOf(bodyOf(model))
}

/** Reads a document. Throws `NOT_A_MODEL` and `MODEL_DAMAGED`. */
export function readModel(text: string): ForecastModel {
  const body = parsed(text)
  if (body === undefined || body['schema'] !== SCHEMA) {
    throw new IsletError(
      'NOT_A_MODEL',
      'this is no forecasting model of islet',
      {},
      { remedy: 'give the file that islet forecast train --out wrote' },
    )
  }
  const { sha256: named, ...rest } = body
  const model = modelOf(rest)
  if (typeof named !== 'string' || model === undefined || digestOf(bodyOf(model)) !== named) {
    throw new IsletError(
      'MODEL_DAMAGED',
      'the model is not the one that was written: its digest does not fit its content',
      {},
      { remedy: 'copy the file again, or train anew' },
    )
  }
  return model
}

type Body = Readonly<Record<string, Json>>

function bodyOf(model: ForecastModel): Body {
  const { shape, parameters, ridge, share, shifts, alarm, data, protocol, seed } = model
  const { cell, features, hidden, horizon, quantiles } = shape
  return {
    schema: SCHEMA,
    shape: { cell, features, hidden, horizon, quantiles: [...quantiles] },
    parameters: toBase64Url(
      littleEndian(parameters.length, 4, (view, i) => view.setFloat32(4 * i, parameters[i] ?? 0, true)),
    ),
    ridge: toBase64Url(
      littleEndian(ridge.length, 8, (view, i) => view.setFloat64(8 * i, ridge[i] ?? 0, true)),
    ),
    share,
    shifts: [...shifts],
    alarm,
    data,
    protocol,
    seed,
  }
}

function digestOf(body: Body): string {
  return toHex(sha256(utf8(canonicalJson(body)))).slice(2)
}

function littleEndian(count: number, size: number, write: (view: DataView, i: number) => void): Uint8Array {
  const bytes = new Uint8Array(count * size)
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < count; i++) write(view, i)
  return bytes
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'number' && Number.isFinite(item))
}

/** The model of a body, or undefined where a field is not what it should be. */
function modelOf(body: Readonly<Record<string, unknown>>): ForecastModel | undefined {
  const { shape, parameters, ridge, share, shifts, alarm, data, protocol, seed } = body
  if (!isRecord(shape) || typeof parameters !== 'string' || typeof ridge !== 'string') return undefined
  const { cell, features, hidden, horizon, quantiles } = shape
  if (cell !== 'gru' && cell !== 'lstm') return undefined
  if (typeof features !== 'number' || typeof hidden !== 'number' || typeof horizon !== 'number')
    return undefined
  if (!isNumbers(quantiles) || !isNumbers(shifts) || typeof share !== 'number') return undefined
  if (typeof alarm !== 'number' || typeof data !== 'string' || typeof protocol !== 'string') return undefined
  if (typeof seed !== 'number') return undefined
  try {
    const own: NetworkShape = { cell, features, hidden, horizon, quantiles }
    const weights = numbersOf(parameters, 4, (view, i) => view.getFloat32(4 * i, true))
    const coefficients = numbersOf(ridge, 8, (view, i) => view.getFloat64(8 * i, true))
    const { parameterCount, shape: fitted } = network(own)
    const usual = (features === 4 || features === 6) && horizon === HORIZON_STEPS
    const width = (CONTEXT_STEPS + 1) * HORIZON_STEPS
    if (!usual || weights.length !== parameterCount || coefficients.length !== width) return undefined
    if (shifts.length !== 2 * fitted.quantiles.length || share < 0 || share > 1) return undefined
    if (!isNumbers(weights) || !isNumbers(coefficients)) return undefined
    return {
      shape: own,
      parameters: Float32Array.from(weights),
      ridge: Float64Array.from(coefficients),
      share,
      shifts,
      alarm,
      data,
      protocol,
      seed,
    }
  } catch (error) {
    if (error instanceof IsletError) return undefined
    throw error
  }
}

function numbersOf(
  text: string,
  size: number,
  read: (view: DataView, i: number) => number,
): readonly number[] {
  const bytes = fromBase64Url(text)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) => read(view, i))
}
