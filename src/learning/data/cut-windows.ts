/**
 * Cuts windows from the stretches of many people.
 *
 * Law: a window lies wholly inside one stretch, so it crosses no gap and no border of a part. In `online` mode windows are
 * anchored at readings, as they come in use, and nothing in `inputs` and `last` comes from after the anchor; in `gridded`
 * mode (Protocol W) anchors are cells of the run's grid, and a cell lies on the line to the reading after it, across a
 * silence of up to 45 minutes, as GlucoBench does. A target counts only where anchor and target each have a real reading
 * within 2.5 minutes.
 */
import type { Samples } from '../../series/index.ts'
import { emptyCells, fillCells } from './anchored-cells.ts'
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
import { type Run, STEP_SECONDS } from './runs.ts'
import { type PersonTrace, withoutDoubledMinutes } from './trace.ts'
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

/** How many windows a stretch of the grid holds. */
function windowsIn({ first, end }: Stretch, stride: number): number {
  const room = end - first - (CONTEXT_STEPS + HORIZON_STEPS)
  return room < 0 ? 0 : Math.floor(room / stride) + 1
}

/** How many windows people's stretches hold on the grid, without cutting them. */
export function countWindows(parts: readonly PersonPart[], stride: number): number {
  return parts.reduce(
    (sum, { stretches }) => sum + stretches.reduce((own, s) => own + windowsIn(s, stride), 0),
    0,
  )
}

/** Windows of all people, in the order of `parts`, then of time. */
export function cutWindows(parts: readonly PersonPart[], options: CutOptions): Windows {
  return options.mode === 'online' ? atReadings(parts, options) : onGrid(parts, options)
}

function emptyWindows(count: number, parts: readonly PersonPart[], withEvents: boolean): Windows {
  const features = featureCount(withEvents)
  return {
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
}

function onGrid(parts: readonly PersonPart[], { stride, withEvents }: CutOptions): Windows {
  const windows = emptyWindows(countWindows(parts, stride), parts, withEvents)
  let next = 0
  parts.forEach(({ trace, stretches }, person) => {
    for (const stretch of stretches) {
      const cells = cellFeatures(stretch, trace, withEvents)
      const found = windowsIn(stretch, stride)
      for (let w = 0; w < found; w++) fill(windows, next++, person, stretch, cells, w * stride)
    }
  })
  return windows
}

function atReadings(parts: readonly PersonPart[], { stride, withEvents }: CutOptions): Windows {
  const found = parts.map(({ trace, stretches }) => {
    const glucose = withoutDoubledMinutes(trace.glucose)
    return { glucose, anchors: stretches.flatMap((stretch) => anchorsIn(glucose, stretch, stride)) }
  })
  const count = found.reduce((sum, { anchors }) => sum + anchors.length, 0)
  const windows = emptyWindows(count, parts, withEvents)
  const run = emptyCells(CONTEXT_STEPS + HORIZON_STEPS)
  let next = 0
  parts.forEach(({ trace }, person) => {
    const own = found[person]
    if (own === undefined) return
    for (const anchor of own.anchors) {
      fillCells(run, own.glucose, anchor, CONTEXT_STEPS)
      windowOf(windows, next++, person, run, trace, withEvents)
    }
  })
  return windows
}

/** Every `stride`th reading of a stretch with 2 h of it before and 1 h after. */
function anchorsIn({ at }: Samples, { run, first, end }: Stretch, stride: number): readonly number[] {
  const from = (run.at[first] ?? 0) + (CONTEXT_STEPS - 1) * STEP_SECONDS
  const until = (run.at[end - 1] ?? 0) - HORIZON_STEPS * STEP_SECONDS
  const anchors: number[] = []
  for (let i = firstFrom(at, from); i < at.length && (at[i] ?? 0) <= until; i += stride) anchors.push(i)
  return anchors
}

/** Position of the first instant at or after `from`. */
function firstFrom(at: Float64Array, from: number): number {
  let [low, high] = [0, at.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((at[middle] ?? 0) < from) low = middle + 1
    else high = middle
  }
  return low
}

/** Writes window `w` from the cells of one anchor. */
function windowOf(
  windows: Windows,
  w: number,
  person: number,
  run: Run,
  trace: PersonTrace,
  withEvents: boolean,
): void {
  const stretch = { run, first: 0, end: run.at.length }
  fill(windows, w, person, stretch, cellFeatures({ ...stretch, end: CONTEXT_STEPS }, trace, withEvents), 0)
}

/** One window without known targets: what lies before and at a reading. */
export function windowBefore(
  trace: PersonTrace,
  glucose: Samples,
  anchor: number,
  withEvents: boolean,
): Windows {
  const windows = emptyWindows(1, [{ trace, stretches: [] }], withEvents)
  const run = emptyCells(CONTEXT_STEPS + HORIZON_STEPS)
  fillCells(run, glucose, anchor, CONTEXT_STEPS)
  windowOf(windows, 0, 0, run, trace, withEvents)
  return windows
}

/** The inputs of every cell of a stretch, row-major. */
function cellFeatures({ run, first, end }: Stretch, trace: PersonTrace, withEvents: boolean): Float32Array {
  const features = featureCount(withEvents)
  const level = run.value
  const cells = new Float32Array((end - first) * features)
  for (let k = first; k < end; k++) {
    const row = (k - first) * features
    const value = level[k] ?? 0
    const angle = (((run.local[k] ?? 0) % 86_400) / 86_400) * 2 * Math.PI
    cells[row + LEVEL] = (value - LEVEL_CENTRE) / LEVEL_SCALE
    cells[row + SLOPE] = k === first ? 0 : (value - (level[k - 1] ?? 0)) / SLOPE_SCALE
    cells[row + SIN] = Math.sin(angle)
    cells[row + COS] = Math.cos(angle)
    if (!withEvents) continue
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
): void {
  const { features } = windows
  const width = CONTEXT_STEPS * features
  const anchor = first + offset + CONTEXT_STEPS - 1
  windows.inputs.set(cells.subarray(offset * features, offset * features + width), w * width)
  windows.inputs[w * width + SLOPE] = 0
  windows.last[w] = run.value[anchor] ?? 0
  windows.person[w] = person
  windows.anchor[w] = run.at[anchor] ?? 0
  const anchored = run.real[anchor] === 1
  for (let h = 0; h < HORIZON_STEPS; h++) {
    const k = anchor + 1 + h
    windows.targets[w * HORIZON_STEPS + h] = run.value[k] ?? 0
    windows.scored[w * HORIZON_STEPS + h] = anchored && run.real[k] === 1 ? 1 : 0
  }
}
