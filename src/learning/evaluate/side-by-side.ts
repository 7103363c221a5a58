/**
 * One network beside the plain forecasts, on the very same windows: what glucose staying as it is and a ridge over all
 * sites' windows would have said.
 *
 * Laws: judged on windows that nothing was trained on, pooled over the sites; the ridge learns from the sites' training
 * windows by summed equations, exactly as from all of them in one place; a figure without a pair is null.
 */
import type { Windows } from '../data/windows.ts'
import { pairsAt, STEP_30, STEP_60 } from '../metrics/score.ts'
import type { Network } from '../nets/network.ts'
import { persistenceForecast } from '../ridge/baselines.ts'
import { normalEquations, sumEquations } from '../ridge/normal-equations.ts'
import { ridgeForecast, solveRidge } from '../ridge/ridge.ts'

/** A site's windows to learn from and to judge on. */
export interface JudgedSite {
  readonly train: Windows
  readonly held: Windows
}

export interface SideBySideRow {
  readonly model: 'persistence' | 'ridge' | 'network'
  /** Root of the mean squared error, mg/dL. */
  readonly rmse_30_mgdl: number | null
  readonly rmse_60_mgdl: number | null
}

/** Three rows on the sites' held windows; at least one site. */
export function sideBySide(
  network: Pick<Network, 'predict'>,
  parameters: Float32Array,
  sites: readonly JudgedSite[],
): readonly SideBySideRow[] {
  const ridge = solveRidge(sumEquations(sites.map(({ train }) => normalEquations(train))))
  const forecasts: Readonly<Record<SideBySideRow['model'], (held: Windows) => Float32Array>> = {
    persistence: persistenceForecast,
    ridge: (held) => ridgeForecast(ridge, held),
    network: (held) => network.predict(parameters, held).path,
  }
  const models = ['persistence', 'ridge', 'network'] as const
  return models.map((model) => {
    const paths = sites.map(({ held }) => [held, forecasts[model](held)] as const)
    return { model, rmse_30_mgdl: pooled(paths, STEP_30), rmse_60_mgdl: pooled(paths, STEP_60) }
  })
}

/** RMSE of a network at 30 minutes on the sites' held windows, mg/dL; NaN where no window has a reading there. */
export function heldError(
  network: Pick<Network, 'predict'>,
  parameters: Float32Array,
  sites: readonly Pick<JudgedSite, 'held'>[],
): number {
  const paths = sites.map(({ held }) => [held, network.predict(parameters, held).path] as const)
  return pooled(paths, STEP_30) ?? Number.NaN
}

function pooled(paths: readonly (readonly [Windows, Float32Array])[], step: number): number | null {
  let [squares, count] = [0, 0]
  for (const [windows, path] of paths) {
    const { truth, forecast } = pairsAt(windows, path, step)
    for (let i = 0; i < truth.length; i++) squares += ((forecast[i] ?? 0) - (truth[i] ?? 0)) ** 2
    count += truth.length
  }
  return count === 0 ? null : Math.sqrt(squares / count)
}
