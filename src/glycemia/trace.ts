/**
 * A trace: one person's readings as columns, each with the value it is judged by and the value it is reckoned with.
 *
 * Laws: a value is judged in the unit it was written in; mmol/L with more than two decimals that is a whole mg/dL within
 * 1e-3 is that mg/dL (PROTOCOL 28). Textual Low and High count in their ranges and enter other figures at the stated
 * substitute. Sensor readings alone make a sensor's trace: scans and finger sticks beside them would weigh moments twice.
 */
import {
  type Glucose,
  type Grid,
  gridOf,
  type NominalStep,
  nominalStep,
  reordered,
  type Samples,
  timeOrder,
} from '../series/index.ts'
import {
  IsletError,
  type LocalSeconds,
  type MgPerDl,
  type MmolPerL,
  quantity,
  toMgPerDl,
  type UnixSeconds,
} from '../vocabulary/index.ts'

export type OutOfRange = 'count' | 'omit'

export interface TraceOptions {
  /** Textual Low and High: counted (default) or left out everywhere. */
  readonly outOfRange?: OutOfRange
  /** The wall clock at an instant; default: the clock that each reading carries. */
  readonly localClock?: (at: UnixSeconds) => LocalSeconds
}

export interface Trace {
  /** mg/dL, for every figure but the ranges. */
  readonly samples: Samples
  /** The value that ranges judge, in mg/dL where `mmol` is 0, in mmol/L where it is 1; ∓∞ for Low and High. */
  readonly judged: Float64Array
  readonly mmol: Uint8Array
  /** Seconds between readings of this sensor. */
  readonly step: NominalStep
  /** Cells every `step`, mg/dL. */
  readonly grid: Grid
  /** Textual readings among the samples. */
  readonly low: number
  readonly high: number
}

const WHOLE_TOLERANCE = 1e-3

/** Whether a mmol/L value was written with more than two decimals, hence not rounded for display. */
function isUnrounded(value: number): boolean {
  return Math.round(value * 100) / 100 !== value
}

/** The mg/dL of a reading: as written, or mmol/L converted once; an unrounded whole mg/dL is that mg/dL. */
export function mgPerDlOf(reading: Pick<Glucose, 'value' | 'unit'>): MgPerDl {
  if (reading.unit === 'mg/dL') return quantity<MgPerDl>(reading.value)
  const converted = toMgPerDl(quantity<MmolPerL>(reading.value))
  return isWholeMgPerDl(reading.value, converted) ? quantity<MgPerDl>(Math.round(converted)) : converted
}

function isWholeMgPerDl(value: number, converted: number): boolean {
  return isUnrounded(value) && Math.abs(converted - Math.round(converted)) <= WHOLE_TOLERANCE
}

/** The readings that make up the trace: the sensor's own; without any, scans; without those, finger sticks. */
export function sensorReadings(readings: readonly Glucose[]): readonly Glucose[] {
  for (const method of ['cgm', 'scan'] as const) {
    if (readings.every((reading) => reading.method === method)) return readings
    const chosen = readings.filter((reading) => reading.method === method)
    if (chosen.length > 0) return chosen
  }
  return readings
}

/** Builds the trace. Throws `NOT_A_GLUCOSE_VALUE` when a value is not a positive finite number. */
export function traceOf(readings: readonly Glucose[], options: TraceOptions = {}): Trace {
  const sensed = sensorReadings(readings)
  const kept = options.outOfRange === 'omit' ? sensed.filter((reading) => reading.text === undefined) : sensed
  const n = kept.length
  const at = new Float64Array(n)
  const local = new Float64Array(n)
  const value = new Float64Array(n)
  const judged = new Float64Array(n)
  const mmol = new Uint8Array(n)
  let low = 0
  let high = 0
  for (let i = 0; i < n; i++) {
    const reading = kept[i]
    if (reading === undefined) continue
    if (!(reading.value > 0 && reading.value < Number.POSITIVE_INFINITY)) {
      throw new IsletError('NOT_A_GLUCOSE_VALUE', 'a glucose value must be a positive number', {
        position: i,
      })
    }
    at[i] = reading.at
    local[i] = options.localClock === undefined ? reading.local : options.localClock(reading.at)
    const mgdl = mgPerDlOf(reading)
    value[i] = mgdl
    judged[i] = mgdl
    if (reading.text !== undefined) {
      judged[i] = reading.text === 'low' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
      if (reading.text === 'low') low++
      else high++
    } else if (reading.unit === 'mmol/L' && !isWholeMgPerDl(reading.value, mgdl)) {
      judged[i] = reading.value
      mmol[i] = 1
    }
  }
  const order = timeOrder(at, local, value)
  const samples = {
    at: reordered(at, order),
    local: reordered(local, order),
    value: reordered(value, order),
  }
  const step = nominalStep(samples)
  return {
    samples,
    judged: reordered(judged, order),
    mmol: order === undefined ? mmol : Uint8Array.from(order, (i) => mmol[i] ?? 0),
    step,
    grid: gridOf(samples, step),
    low,
    high,
  }
}
