/** What a site says of a model from windows of its own: errors at 30 and 60 minutes, and on how many windows. */
import type { Windows } from '../data/windows.ts'
import { pointErrors } from '../metrics/point-errors.ts'
import { pairsAt, STEP_30, STEP_60 } from '../metrics/score.ts'
import type { Network } from '../nets/network.ts'
import type { Metrics } from './site.ts'

/** RMSE in mg/dL over windows with real readings; a horizon without any is left out. */
export function siteMetrics(
  network: Pick<Network, 'predict'>,
  parameters: Float32Array,
  windows: Windows,
): Metrics {
  const { path } = network.predict(parameters, windows)
  const figures: [string, number][] = [['windows', windows.count]]
  for (const [name, step] of [
    ['rmse_30_mgdl', STEP_30],
    ['rmse_60_mgdl', STEP_60],
  ] as const) {
    const { rmse } = pointErrors(pairsAt(windows, path, step))
    if (Number.isFinite(rmse)) figures.push([name, rmse])
  }
  return Object.fromEntries(figures)
}
