/**
 * Cuts windows from the stretches of many people.
 *
 * Law: a window lies wholly inside one stretch, so it crosses no gap and no border of a part. In `online` mode nothing in
 * `inputs` and `last` comes from after the anchor, not even through a line drawn to a later reading; in `gridded` mode
 * (Protocol W) a cell inside a silence of at most 45 minutes lies on the line to the reading that ends it, as GlucoBench
 * does. A target counts only where anchor and target each have a real reading within 2.5 minutes.
 */
import {
  CARBS,
  CARBS_SCALE,
  COS,
  featureCount,
  INSULIN,
  INSULIN_SCALE,
  LEVEL,
  LEVEL_CENTRE,
  LEVEL_SCALE,
  SIN,
  SLOPE,
  SLOPE_SCALE,
} from './features.ts'
import { carbsOnBoard, insulinOnBoard } from './on-board.ts'
import type { Stretch } from './parts.ts'
import type { Run } from './runs.ts'
import type { PersonTrace } from './trace.ts'
import type { Windows } from './windows.ts'

/** Cells of context: 2 h. */
export const CONTEXT_STEPS = 24
/** Cells of targets: 1 h. */
export const HORIZON_STEPS = 12

export type ContextMode = 'gridded' | 'online'

export interface CutOptions {
  /** Cells between the anchors of two windows. */
  readonly stride: number
  readonly mode: ContextMode
  /** Whether cells carry insulin and carbohydrate on board. */
  readonly withEvents: boolean
}

/** One person's stretches of one part. */
export interface PersonPart {
  readonly trace: PersonTrace
  readonly stretches: readonly Stretch[]
}

/** How many windows a stretch holds. */
function windowsIn({ first, end }: Stretch, stride: number): number {
  const room = end - first - (CONTEXT_STEPS + HORIZON_STEPS)
  return room < 0 ? 0 : Math.floor(room / stride) + 1
}

/** Windows of all people, in the order of `parts`, then of time. */
export function cutWindows(parts: readonly PersonPart[], options: CutOptions): Windows {
  const count = parts.reduce(
    (sum, { stretches }) => sum + stretches.reduce((own, s) => own + windowsIn(s, options.stride), 0),
    0,
  )
  const features = featureCount(options.withEvents)
  const windows = {
    count,
    steps: CONTEXT_STEPS,
    features,
    horizon: HORIZON_STEPS,
    inputs: new Float32Array(count * CONTEXT_STEPS * features),
    targets: new Float32Array(count * HORIZON_STEPS),
    last: new Float32Array(count),
    scored: new Uint8Array(count * HORIZON_STEPS),
    person: new Int32Array(count),
    anchor: new Float64Array(count),
    people: parts.map(({ trace }) => trace.id),
  }
  let next = 0
  parts.forEach(({ trace, stretches }, person) => {
    for (const stretch of stretches) {
      const cells = cellFeatures(stretch, trace, options)
      const found = windowsIn(stretch, options.stride)
      for (let w = 0; w < found; w++) {
        fill(windows, next++, person, stretch, cells, w * options.stride, options.mode)
      }
    }
  })
  return windows
}

function levelOf(run: Run, mode: ContextMode): Float64Array {
  return mode === 'online' ? run.held : run.value
}

/** The inputs of every cell of a stretch, row-major. */
function cellFeatures({ run, first, end }: Stretch, trace: PersonTrace, options: CutOptions): Float32Array {
  const features = featureCount(options.withEvents)
  const level = levelOf(run, options.mode)
  const cells = new Float32Array((end - first) * features)
  for (let k = first; k < end; k++) {
    const row = (k - first) * features
    const value = level[k] ?? 0
    const angle = (((run.local[k] ?? 0) % 86_400) / 86_400) * 2 * Math.PI
    cells[row + LEVEL] = (value - LEVEL_CENTRE) / LEVEL_SCALE
    cells[row + SLOPE] = k === first ? 0 : (value - (level[k - 1] ?? 0)) / SLOPE_SCALE
    cells[row + SIN] = Math.sin(angle)
    cells[row + COS] = Math.cos(angle)
    if (!options.withEvents) continue
    const at = run.at[k] ?? 0
    cells[row + INSULIN] = trace.boluses === undefined ? 0 : insulinOnBoard(trace.boluses, at) / INSULIN_SCALE
    cells[row + CARBS] = trace.meals === undefined ? 0 : carbsOnBoard(trace.meals, at) / CARBS_SCALE
  }
  return cells
}

function fill(
  windows: Windows,
  w: number,
  person: number,
  { run, first }: Stretch,
  cells: Float32Array,
  offset: number,
  mode: ContextMode,
): void {
  const { features } = windows
  const width = CONTEXT_STEPS * features
  const anchor = first + offset + CONTEXT_STEPS - 1
  windows.inputs.set(cells.subarray(offset * features, offset * features + width), w * width)
  windows.inputs[w * width + SLOPE] = 0
  windows.last[w] = levelOf(run, mode)[anchor] ?? 0
  windows.person[w] = person
  windows.anchor[w] = run.at[anchor] ?? 0
  const anchored = run.real[anchor] === 1
  for (let h = 0; h < HORIZON_STEPS; h++) {
    const k = anchor + 1 + h
    windows.targets[w * HORIZON_STEPS + h] = run.value[k] ?? 0
    windows.scored[w * HORIZON_STEPS + h] = anchored && run.real[k] === 1 ? 1 : 0
  }
}
