/**
 * The glucose profile: what a usual day looks like, as percentiles for every 5 minutes of the local day.
 *
 * Law: each local day speaks at most once per bin; percentiles lie between order statistics (type 7) and never cross.
 * Source: Battelino et al. 2019 and Danne et al. 2017 (percentiles 5, 25, 50, 75, 95); grid and gap rule of `series`.
 */
import { type Grid, gridOf, type Samples } from '../series/index.ts'
import { quantile } from './distribution.ts'

/** Minutes between the bins of a profile. */
export const PROFILE_STEP_MINUTES = 5

export interface ProfileBin {
  /** Minute of the local day, 0–1435. */
  readonly minute: number
  /** Days that speak in this bin. */
  readonly n: number
  readonly p05: number | null
  readonly p25: number | null
  readonly p50: number | null
  readonly p75: number | null
  readonly p95: number | null
}

/** 288 bins, midnight first; unit of the samples. `grid` is reused when it already has 5-minute cells. */
export function profileOf(samples: Samples, grid?: Grid): readonly ProfileBin[] {
  const step = PROFILE_STEP_MINUTES * 60
  const cells = grid?.step === step ? grid : gridOf(samples, step)
  const bins = 86_400 / step
  const counts = new Int32Array(bins + 1)
  for (let i = 0; i < cells.slot.length; i++) {
    const bin = ((cells.slot[i] ?? 0) + 1) % bins
    counts[bin + 1] = (counts[bin + 1] ?? 0) + 1
  }
  for (let bin = 0; bin < bins; bin++) counts[bin + 1] = (counts[bin + 1] ?? 0) + (counts[bin] ?? 0)
  const starts = counts.slice()
  const values = new Float64Array(cells.slot.length)
  for (let i = 0; i < cells.slot.length; i++) {
    const bin = ((cells.slot[i] ?? 0) + 1) % bins
    const place = starts[bin] ?? 0
    values[place] = cells.value[i] ?? 0
    starts[bin] = place + 1
  }
  return Array.from({ length: bins }, (_, bin) => {
    const ascending = values.subarray(counts[bin] ?? 0, counts[bin + 1] ?? 0).sort()
    return {
      minute: bin * PROFILE_STEP_MINUTES,
      n: ascending.length,
      p05: quantile(ascending, 0.05),
      p25: quantile(ascending, 0.25),
      p50: quantile(ascending, 0.5),
      p75: quantile(ascending, 0.75),
      p95: quantile(ascending, 0.95),
    }
  })
}
