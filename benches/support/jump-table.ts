/**
 * A synthetic table whose target jumps at places that no cut knows, on columns of several laws; seeded, the same everywhere.
 *
 * Columns: ten, each of uniform, exponential-like, long-tailed or whole-numbered values by the table's own draw. Target: a jump
 * at a drawn place in each of six columns, a kink in one, a jump that depends on another, and normal noise of SD 0.3.
 * `table` fixes laws and places; `seed` draws the rows, so that rows to learn from and rows to be judged on are of one law.
 */
import { randomStream } from '../../src/physiology/index.ts'
import type { DoseTable } from './dose-table.ts'

const COLUMNS = 10
const JUMPS = 6
const LAWS = [
  (q: number): number => q,
  (q: number): number => Math.exp(2 * q),
  (q: number): number => -Math.log(1 - q),
  (q: number): number => Math.floor(20 * q),
] as const

/** `missing`: share of values left out, 0–1; the target knows them all the same. */
export function jumpTable(table: number, seed: number, rows: number, missing = 0): DoseTable {
  const place = randomStream(table, 'jump table: places')
  const laws = Array.from({ length: COLUMNS }, () => LAWS[Math.floor(4 * place.uniform())] ?? LAWS[0])
  const jumps = Array.from({ length: JUMPS }, () => ({
    at: 0.1 + 0.8 * place.uniform(),
    high: 3 * place.uniform(),
  }))
  const random = randomStream(seed, `jump table ${table}`)
  const values = new Float32Array(COLUMNS * rows)
  const target = new Float64Array(rows)
  for (let r = 0; r < rows; r++) {
    const places = Array.from({ length: COLUMNS }, () => random.uniform())
    const [first = 0] = places
    const [kink = 0, crossed = 0] = places.slice(JUMPS)
    const jumped = jumps.reduce((sum, { at, high }, c) => sum + ((places[c] ?? 0) > at ? high : 0), 0)
    const bent = 2 * Math.abs(kink - 0.4) + (first > 0.5 ? Math.sign(crossed - 0.5) : 0)
    target[r] = jumped + bent + 0.3 * random.normal()
    places.forEach((q, c) => {
      values[c * rows + r] = missing > 0 && random.chance(missing) ? Number.NaN : (laws[c]?.(q) ?? q)
    })
  }
  return { rows, columns: Array.from({ length: COLUMNS }, (_, c) => `column_${c + 1}`), values, target }
}
