/** Windows that a test fills in: everything scored, everybody one person, until it says otherwise. */
import type { Windows } from '../data/windows.ts'

/** `count` windows of zeros; `every` seconds from one anchor to the next. */
export function blankWindows(
  count: number,
  { steps, features, horizon }: Pick<Windows, 'steps' | 'features' | 'horizon'>,
  every = 0,
): Windows {
  return {
    count,
    steps,
    features,
    horizon,
    inputs: new Float32Array(count * steps * features),
    targets: new Float32Array(count * horizon),
    last: new Float32Array(count),
    scored: new Uint8Array(count * horizon).fill(1),
    person: new Int32Array(count),
    anchor: Float64Array.from({ length: count }, (_, window) => every * window),
    people: ['one'],
  }
}
