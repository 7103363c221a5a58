/**
 * A recurrent forecaster as the rest of the room sees it: parameters are one flat vector, training is a pure function of
 * parameters, windows, settings and seed, with the same bytes on every machine.
 */
import type { Windows } from '../data/windows.ts'

export interface NetworkShape {
  readonly cell: 'gru' | 'lstm'
  readonly features: number
  /** Hidden units, a multiple of 4. */
  readonly hidden: number
  /** Cells of the path, 12. */
  readonly horizon: number
  /** Levels of the quantile heads at 30 and 60 minutes, ascending in (0, 1); none: no heads. */
  readonly quantiles: readonly number[]
}

export interface Training {
  /** Passes over the windows. */
  readonly passes: number
  /** Windows a step, a multiple of 8. */
  readonly batch: number
  readonly learningRate: number
  readonly schedule: 'constant' | 'cosine'
  /** Largest Euclidean norm of a step's gradient. */
  readonly clip: number
  readonly seed: number
  /** Weight of errors whose target is below 70 mg/dL, 1 = like all others. */
  readonly hypoWeight?: number
  /** Half of the windows see their level moved at random by at most so many mg/dL, and forecast the same change. */
  readonly levelShift?: number
  /** FedProx: pull μ towards the parameters that training began with. */
  readonly proximal?: number
  /** SCAFFOLD: added to every step's gradient (server's variate − the site's own). */
  readonly correction?: Float32Array
  /** Per-patient fine-tuning: only the dense head moves. */
  readonly headOnly?: boolean
}

export interface Trained {
  readonly parameters: Float32Array
  /** Mean loss of each pass, in the loss's own unit. */
  readonly loss: readonly number[]
  readonly steps: number
}

export interface Forecasts {
  /** count × horizon, mg/dL, clipped to 30–450. */
  readonly path: Float32Array
  /** count × 2 × levels, mg/dL: quantiles at 30, then 60 minutes. */
  readonly quantiles: Float32Array
}

export interface Network {
  readonly shape: NetworkShape
  readonly parameterCount: number
  /** Fresh parameters, drawn from the seed. */
  initial(seed: number): Float32Array
  train(parameters: Float32Array, windows: Windows, training: Training): Trained
  predict(parameters: Float32Array, windows: Windows): Forecasts
}
