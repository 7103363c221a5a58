/** Forecasts of windows that belong to different models: a site's own, a person's own. */
import { selectWindows } from '../data/select-windows.ts'
import type { Windows } from '../data/windows.ts'

/** count × horizon, mg/dL; `modelOf` names each row's model, `forecast` forecasts the rows of one. */
export function byModel(
  windows: Windows,
  modelOf: Int32Array,
  forecast: (model: number, windows: Windows) => Float32Array,
): Float32Array {
  const path = new Float32Array(windows.count * windows.horizon)
  const rows = new Map<number, number[]>()
  modelOf.forEach((model, w) => {
    const list = rows.get(model)
    if (list === undefined) rows.set(model, [w])
    else list.push(w)
  })
  for (const [model, own] of rows) {
    const part = forecast(model, selectWindows(windows, Int32Array.from(own)))
    own.forEach((w, i) => {
      path.set(part.subarray(i * windows.horizon, (i + 1) * windows.horizon), w * windows.horizon)
    })
  }
  return path
}
