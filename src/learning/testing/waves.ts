/** Windows of a made-up glucose curve: sines whose level and period are the site's own. */
import type { Windows } from '../data/windows.ts'
import { blankWindows } from './blank-windows.ts'

/** Four features a cell as the room has them: level, slope, sine and cosine of the time of day. */
export function waves(count: number, site: number, people = 4): Windows {
  const [steps, features, horizon] = [24, 4, 12]
  const level = (cell: number): number =>
    140 + 4 * site + 45 * Math.sin(cell / (9 + (site % 5))) + 15 * Math.sin(cell / 3.1 + site)
  const windows = blankWindows(count, { steps, features, horizon }, 900)
  const { inputs, targets, last } = windows
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
    ...windows,
    person: windows.person.map((_, w) => w % people),
    anchor: windows.anchor.map((at) => 1_700_000_000 + at),
    people: Array.from({ length: people }, (_, p) => `p${p}`),
  }
}
