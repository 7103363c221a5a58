/**
 * Windows in rows → one batch in the kernel's columns.
 *
 * Law: the network forecasts change: a target is (glucose − last) / 30 mg/dL, on every cell of the window's grid; columns
 * past the last window are zero and count for nothing. Below 70 mg/dL is level 1 hypoglycaemia (Battelino et al. 2019).
 */
import { CHANGE_SCALE, LEVEL } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import { type ParameterLayout, QUANTILE_CELLS } from './layout.ts'
import type { NetworkShape } from './network.ts'
import type { Engine } from './passes.ts'
import { assertFinite, refuse } from './refusals.ts'

const HYPO = 70

/** Refuses windows that do not fit the shape (`WINDOWS_UNFIT`) or hold what is not finite (`NOT_FINITE`). */
export function checkWindows(shape: NetworkShape, windows: Windows, withTargets: boolean): void {
  const { count, steps, features, horizon } = windows
  const fits =
    Number.isInteger(count) &&
    count >= 0 &&
    Number.isInteger(steps) &&
    steps >= 1 &&
    features === shape.features &&
    horizon === shape.horizon &&
    windows.inputs.length === count * steps * features &&
    windows.last.length === count &&
    (!withTargets || windows.targets.length === count * horizon)
  if (!fits) {
    refuse(
      'WINDOWS_UNFIT',
      'the windows are not of the shape that the network reads',
      { count, steps, features, horizon, expectedFeatures: shape.features, expectedHorizon: shape.horizon },
      'cut the windows with the features and the horizon of the network',
    )
  }
  assertFinite('inputs', windows.inputs)
  assertFinite('last', windows.last)
  if (withTargets) assertFinite('targets', windows.targets)
}

/** Refuses parameters of another length (`PARAMETERS_UNFIT`) or that are not finite (`NOT_FINITE`). */
export function checkParameters(what: string, layout: ParameterLayout, parameters: Float32Array): void {
  if (parameters.length !== layout.count) {
    refuse(
      'PARAMETERS_UNFIT',
      `the ${what} are not those of this shape`,
      { what, length: parameters.length, expected: layout.count },
      'use the shape that they were made with',
    )
  }
  assertFinite(what, parameters)
}

/**
 * Inputs of windows `order[from] … order[from + count − 1]` into columns 0 … count − 1; `shifts`: what is added to the
 * level of each column, in the level's own unit.
 */
export function gatherInputs(
  engine: Engine,
  windows: Windows,
  order: Int32Array,
  from: number,
  count: number,
  shifts?: Float32Array,
): void {
  const { kernel, plan } = engine
  const cells = windows.steps * windows.features
  const to = kernel.floats(plan.inputs, cells * plan.batch)
  if (count < plan.batch) to.fill(0)
  for (let column = 0; column < count; column++) {
    const start = (order[from + column] ?? 0) * cells
    for (let cell = 0; cell < cells; cell++) {
      to[cell * plan.batch + column] = windows.inputs[start + cell] ?? 0
    }
    const shift = shifts?.[column] ?? 0
    if (shift === 0) continue
    for (let cell = LEVEL; cell < cells; cell += windows.features) {
      const at = cell * plan.batch + column
      to[at] = (to[at] ?? 0) + shift
    }
  }
}

/** Targets of the path and of the quantile heads, and the weight of each cell of the path. */
export function gatherTargets(
  engine: Engine,
  windows: Windows,
  order: Int32Array,
  from: number,
  count: number,
  hypoWeight: number,
): void {
  const { kernel, plan, shape } = engine
  const { batch } = plan
  const { horizon } = windows
  const targets = kernel.floats(plan.targets, plan.outputRows * batch)
  const weights = kernel.floats(plan.weights, plan.outputRows * batch)
  if (count < batch) {
    targets.fill(0)
    weights.fill(0)
  }
  for (let column = 0; column < count; column++) {
    const window = order[from + column] ?? 0
    const last = windows.last[window] ?? 0
    for (let cell = 0; cell < horizon; cell++) {
      const target = windows.targets[window * horizon + cell] ?? 0
      targets[cell * batch + column] = (target - last) / CHANGE_SCALE
      weights[cell * batch + column] = target < HYPO ? hypoWeight : 1
    }
    let row = horizon
    for (const cell of QUANTILE_CELLS) {
      const target = (windows.targets[window * horizon + cell] ?? 0) - last
      for (let level = 0; level < shape.quantiles.length; level++) {
        targets[row * batch + column] = target / CHANGE_SCALE
        row += 1
      }
    }
  }
}
