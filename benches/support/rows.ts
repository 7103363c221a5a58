/** Rows of `islet.bench/1`, and the statistics that fill them. */
import type { BenchDocument } from '../../src/api/documents.door.ts'

export type Row = BenchDocument['rows'][number]

/** A figure, and its ratio to what `against` names; values keep four digits. */
export function row(
  name: string,
  value: number,
  unit: string,
  against: string | null,
  base: number | null,
  runs: number,
): Row {
  return {
    name,
    value: digits(value),
    unit,
    against,
    ratio: base === null ? null : digits(value / base),
    runs,
  }
}

/** Value below which a share of all lies (nearest rank); NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** Milliseconds of some work: by the clock, and of this process's processor time, all threads together. */
export async function timed<T>(
  work: () => Promise<T> | T,
): Promise<{ readonly wall: number; readonly core: number; readonly result: T }> {
  const [start, used] = [performance.now(), process.cpuUsage()]
  const result = await work()
  const { user, system } = process.cpuUsage(used)
  return { wall: performance.now() - start, core: (user + system) / 1000, result }
}

function digits(value: number): number {
  return Number(value.toPrecision(4))
}
