/** Windows of several cuts, one after another, as one; persons are numbered through. */
import type { Windows } from './windows.ts'

/** At least one; all of one shape. */
export function joinWindows(parts: readonly Windows[]): Windows {
  const [first, ...more] = parts
  if (first === undefined) throw new RangeError('there are no windows to join')
  if (more.length === 0) return first
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  const { steps, features, horizon } = first
  const out = {
    count,
    steps,
    features,
    horizon,
    inputs: new Float32Array(count * steps * features),
    targets: new Float32Array(count * horizon),
    last: new Float32Array(count),
    scored: new Uint8Array(count * horizon),
    person: new Int32Array(count),
    anchor: new Float64Array(count),
    people: parts.flatMap(({ people }) => people),
  }
  let row = 0
  let people = 0
  for (const part of parts) {
    out.inputs.set(part.inputs, row * steps * features)
    out.targets.set(part.targets, row * horizon)
    out.last.set(part.last, row)
    out.scored.set(part.scored, row * horizon)
    out.anchor.set(part.anchor, row)
    for (let w = 0; w < part.count; w++) out.person[row + w] = people + (part.person[w] ?? 0)
    row += part.count
    people += part.people.length
  }
  return out
}
