/** Made windows for tests: slow waves of glucose with a change that the inputs foretell. */
import type { Windows } from '../../data/windows.ts'
import { blankWindows } from '../../testing/blank-windows.ts'
import { words } from '../schedule.ts'

/** `count` windows of `steps` cells; the first ones are the same whatever the count. Seeded. */
export function waves(
  count: number,
  steps: number,
  shape: { readonly features: number; readonly horizon: number },
  seed = 11,
): Windows {
  const { features, horizon } = shape
  const next = words(seed)
  const uniform = (): number => next() / 4_294_967_296
  const windows = blankWindows(count, { steps, features, horizon }, 300)
  const { inputs, targets, last } = windows
  for (let window = 0; window < count; window++) {
    const level = 60 + 140 * uniform()
    const slope = 4 * (uniform() - 0.5)
    for (let step = 0; step < steps; step++) {
      const at = (window * steps + step) * features
      inputs[at] = (level + slope * (step - steps + 1) - 150) / 60
      for (let feature = 1; feature < features; feature++)
        inputs[at + feature] = slope / feature + 0.1 * uniform()
    }
    last[window] = level
    for (let cell = 0; cell < horizon; cell++) {
      targets[window * horizon + cell] = level + slope * (cell + 1) + 4 * (uniform() - 0.5)
    }
  }
  return windows
}
