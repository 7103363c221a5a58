/** Some of the windows, in order: a site's, a person's. The rows are copied, so that they can be handed to a worker. */
import type { Windows } from './windows.ts'

/** Windows at the given rows; `people` stays, so person numbers keep their meaning. */
export function selectWindows(windows: Windows, rows: Int32Array): Windows {
  const { steps, features, horizon } = windows
  const width = steps * features
  const out = {
    count: rows.length,
    steps,
    features,
    horizon,
    inputs: new Float32Array(rows.length * width),
    targets: new Float32Array(rows.length * horizon),
    last: new Float32Array(rows.length),
    scored: new Uint8Array(rows.length * horizon),
    person: new Int32Array(rows.length),
    anchor: new Float64Array(rows.length),
    people: windows.people,
  }
  rows.forEach((row, i) => {
    out.inputs.set(windows.inputs.subarray(row * width, (row + 1) * width), i * width)
    out.targets.set(windows.targets.subarray(row * horizon, (row + 1) * horizon), i * horizon)
    out.scored.set(windows.scored.subarray(row * horizon, (row + 1) * horizon), i * horizon)
    out.last[i] = windows.last[row] ?? 0
    out.person[i] = windows.person[row] ?? 0
    out.anchor[i] = windows.anchor[row] ?? 0
  })
  return out
}

/** Every `every`th window, the first one among them; the very windows for 1. */
export function everyNth(windows: Windows, every: number): Windows {
  if (every === 1) return windows
  const kept = Math.ceil(windows.count / every)
  return selectWindows(
    windows,
    Int32Array.from({ length: kept }, (_, i) => i * every),
  )
}

/** Rows of the windows whose person passes the test, ascending. */
export function rowsOf(windows: Windows, belongs: (person: number) => boolean): Int32Array {
  const rows: number[] = []
  for (let w = 0; w < windows.count; w++) if (belongs(windows.person[w] ?? -1)) rows.push(w)
  return Int32Array.from(rows)
}
