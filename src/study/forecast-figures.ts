/**
 * What rounds say of a forecaster: the base model's errors on windows that no site trains on, beside persistence.
 *
 * Law: figures are told of all sites together in a report; a site that judged more windows weighs more.
 */
import type { Windows } from '../learning/index.ts'
import type { SitePart } from './learner.ts'

/** Grid cells of the target path at 30 and 60 minutes. */
const HORIZONS = { 30: 5, 60: 11 } as const

/** The base model's errors, and beside them those of who says that glucose stays as it is; RMSE in mg/dL. */
export function judged(
  own: Readonly<Record<string, number>>,
  held: Windows,
): Readonly<Record<string, number>> {
  const { windows = held.count, ...errors } = own
  const figures: [string, number][] = [['windows', windows]]
  for (const [name, value] of Object.entries(errors)) figures.push([`base_${name}`, value])
  for (const [minutes, cell] of Object.entries(HORIZONS)) {
    let [sum, count] = [0, 0]
    for (let w = 0; w < held.count; w++) {
      const at = w * held.horizon + cell
      if (held.scored[at] !== 1) continue
      sum += ((held.targets[at] ?? 0) - (held.last[w] ?? 0)) ** 2
      count++
    }
    if (count > 0) figures.push([`persistence_rmse_${minutes}_mgdl`, Math.sqrt(sum / count)])
  }
  return Object.fromEntries(figures)
}

/** Means over sites weighted by their judged windows; a figure that a site lacks leaves that site out. */
export function meanMetrics(parts: readonly SitePart[]): Readonly<Record<string, number>> {
  const names = [...new Set(parts.flatMap(({ metrics }) => Object.keys(metrics)))].filter(
    (name) => name !== 'windows',
  )
  return Object.fromEntries(
    names.sort().map((name) => {
      let [sum, weight] = [0, 0]
      for (const { metrics } of parts) {
        const value = metrics[name]
        if (value === undefined) continue
        sum += value * (metrics['windows'] ?? 1)
        weight += metrics['windows'] ?? 1
      }
      return [name, weight === 0 ? 0 : sum / weight]
    }),
  )
}
