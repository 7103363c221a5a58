/** A small table with a bent target, seeded; some values missing. For tests. */
import type { Table } from '../boosting/table.ts'

/** Numbers in [0, 1) from a seed: mulberry32 (Ettinger 2017, public domain). */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** `columns` from 2 on; `missing`: share of values left out. */
export function bentTable(seed: number, rows: number, columns = 5, missing = 0): Table {
  const next = uniforms(seed)
  const values = new Float32Array(rows * columns)
  const target = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    const row = Array.from({ length: columns }, (_, c) =>
      c === 1 ? Math.floor(4 * next()) : 10 * next() - 5,
    )
    const [a = 0, b = 0, c = 0] = row
    target[r] = Math.abs(a) + (b > 1 ? 2 * a : 0) + (c > 0 ? 1 : -0.5) * b + 0.3 * (next() - 0.5)
    row.forEach((value, column) => {
      values[column * rows + r] = next() < missing ? Number.NaN : value
    })
  }
  return { rows, columns: Array.from({ length: columns }, (_, c) => `column ${c}`), values, target }
}
