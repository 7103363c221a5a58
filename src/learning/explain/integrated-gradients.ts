/**
 * Integrated gradients of a network's forecast: how far each input moved it away from the forecast of a flat trace.
 *
 * Law: contributions add up to forecast − baseline within 1 %. The baseline is persistence made flat: every level at the
 * anchor's, slopes 0, nothing on board; the time of day stays, so it contributes nothing.
 * Source: Sundararajan, Taly and Yan 2017 (ICML), midpoint rule over 64 steps of the straight path.
 */
import { CHANGE_SCALE, COS, LEVEL, SIN } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { checkParameters, checkWindows } from '../nets/gather.ts'
import { layoutOf } from '../nets/layout.ts'
import type { NetworkShape } from '../nets/network.ts'
import { backThroughTime, backwardInputs, forward } from '../nets/passes.ts'
import { refuse } from '../nets/refusals.ts'
import { engineOf } from '../nets/step.ts'

export interface Attribution {
  /** Cell of the path that is explained, counted from 0: 5 is 30 minutes. */
  readonly cell: number
  /** Forecast of the window, mg/dL, not clipped. */
  readonly forecast: number
  /** Forecast of the flat trace, mg/dL. */
  readonly baseline: number
  /** steps × features, mg/dL: adds up to forecast − baseline. */
  readonly contributions: Float64Array
}

const PATH_STEPS = 64
/** Beside the path: the window itself and its baseline, filled up to eights. */
const WINDOW = PATH_STEPS
const FLAT = PATH_STEPS + 1
const BATCH = PATH_STEPS + 8

/**
 * Explains one cell of one window's path.
 *
 * Refuses with `WINDOWS_UNFIT` (also for a window or a cell that is not there), `PARAMETERS_UNFIT`, `NOT_FINITE`.
 */
export function integratedGradients(
  shape: NetworkShape,
  parameters: Float32Array,
  windows: Windows,
  window: number,
  cell: number,
): Attribution {
  const { steps, features } = windows
  checkWindows(shape, windows, false)
  checkParameters('parameters', layoutOf(shape), parameters)
  const { count, horizon } = windows
  if (!Number.isInteger(window) || window < 0 || window >= count || !isCell(cell, horizon)) {
    refuse(
      'WINDOWS_UNFIT',
      'there is no such window or cell to explain',
      { window, cell, count, horizon },
      'name a window below count and a cell below horizon',
    )
  }
  const engine = engineOf(shape, parameters, steps, BATCH, true)
  const { kernel, plan } = engine
  const size = steps * features
  const own = windows.inputs.subarray(window * size, (window + 1) * size)
  const flat = flatOf(own, steps, features)

  const inputs = kernel.floats(plan.inputs, size * BATCH).fill(0)
  for (let i = 0; i < size; i++) {
    const [from, to] = [flat[i] ?? 0, own[i] ?? 0]
    for (let k = 0; k < PATH_STEPS; k++) {
      inputs[i * BATCH + k] = from + ((k + 0.5) / PATH_STEPS) * (to - from)
    }
    inputs[i * BATCH + WINDOW] = to
    inputs[i * BATCH + FLAT] = from
  }
  forward(engine)
  const outputs = kernel.floats(plan.outputs, plan.outputRows * BATCH)
  const last = windows.last[window] ?? 0
  const forecast = last + CHANGE_SCALE * (outputs[cell * BATCH + WINDOW] ?? 0)
  const baseline = last + CHANGE_SCALE * (outputs[cell * BATCH + FLAT] ?? 0)

  outputs.fill(0)
  outputs.fill(CHANGE_SCALE / PATH_STEPS, cell * BATCH, cell * BATCH + PATH_STEPS)
  backThroughTime(engine)
  backwardInputs(engine)
  const slopes = kernel.floats(plan.inputGradient, steps * plan.featureRows * BATCH)
  const contributions = Float64Array.from({ length: size }, (_, i) => {
    const row = Math.floor(i / features) * plan.featureRows + (i % features)
    let sum = 0
    for (let k = 0; k < PATH_STEPS; k++) sum += slopes[row * BATCH + k] ?? 0
    return sum * ((own[i] ?? 0) - (flat[i] ?? 0))
  })
  if (!Number.isFinite(forecast)) {
    refuse('TRAINING_DIVERGED', 'a forecast is not finite', { window }, 'train again with a lower rate')
  }
  return { cell, forecast, baseline, contributions }
}

function isCell(cell: number, horizon: number): boolean {
  return Number.isInteger(cell) && cell >= 0 && cell < horizon
}

/** The inputs of a trace that stood still at the anchor's level, with nothing on board. */
function flatOf(own: Float32Array, steps: number, features: number): Float32Array {
  const level = own[(steps - 1) * features + LEVEL] ?? 0
  return own.map((value, i) => {
    const feature = i % features
    if (feature === LEVEL) return level
    return feature === SIN || feature === COS ? value : 0
  })
}
