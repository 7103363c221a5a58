/** Windows of a made-up glucose curve: sines whose level and period are the site's own. */
import type { Windows } from '../data/windows.ts'

/** Four features a cell as the room has them: level, slope, sine and cosine of the time of day. */
export function waves(count: number, site: number, people = 4): Windows {
  const [steps, features, horizon] = [24, 4, 12]
  const level = (cell: number): number =>
    140 + 4 * site + 45 * Math.sin(cell / (9 + (site % 5))) + 15 * Math.sin(cell / 3.1 + site)
  const inputs = new Float32Array(count * steps * features)
  const targets = new Float32Array(count * horizon)
  const last = new Float32Array(count)
  for (let w = 0; w < count; w++) {
    for (let s = 0; s < steps; s++) {
      const cell = 3 * w + s
      const angle = (2 * Math.PI * cell) / 288
      const slope = s === 0 ? 0 : level(cell) - level(cell - 1)
      inputs.set(
        [(level(cell) - 150) / 60, slope / 10, Math.sin(angle), Math.cos(angle)],
        (w * steps + s) * features,
      )
    }
    last[w] = level(3 * w + steps - 1)
    for (let h = 0; h < horizon; h++) targets[w * horizon + h] = level(3 * w + steps + h)
  }
  return {
    count,
    steps,
    features,
    horizon,
    inputs,
    targets,
    last,
    scored: new Uint8Array(count * horizon).fill(1),
    person: Int32Array.from({ length: count }, (_, w) => w % people),
    anchor: Float64Array.from({ length: count }, (_, w) => 1_700_000_000 + 900 * w),
    people: Array.from({ length: people }, (_, p) => `p${p}`),
  }
}
