/**
 * What a file, device or record system tells about one person: glucose readings and the events around them.
 *
 * Law: the source's value and unit are kept as written; instant, local clock and device tick stand side by side,
 * because clocks jump in every real file (data-and-formats, point 4).
 */
import type { GlucoseUnit, Grams, InsulinUnits, LocalSeconds, UnixSeconds } from '../vocabulary/index.ts'

interface Timed {
  /** The instant. Where the source names no zone and none was given, the local clock read as UTC. */
  readonly at: UnixSeconds
  /** The wall clock the person saw. */
  readonly local: LocalSeconds
  /** The device's own clock, seconds since its activation, when the source gives it. */
  readonly tick?: number
  /** Which device of the file: a small running number per file and person, never a serial. */
  readonly device?: number
}

/** One glucose value. Textual "Low"/"High" are readings: `text` says so and `value` is the stated substitute. */
export interface Glucose extends Timed {
  readonly type: 'glucose'
  /** In `unit`, exactly as the source wrote it. */
  readonly value: number
  readonly unit: GlucoseUnit
  readonly text?: 'low' | 'high'
  /** How it was measured: sensor, sensor scan, finger stick. */
  readonly method: 'cgm' | 'scan' | 'smbg'
}

/** One dose of insulin, given at once or over `seconds`. */
export interface Insulin extends Timed {
  readonly type: 'insulin'
  readonly units: InsulinUnits
  readonly delivery: 'bolus' | 'basal' | 'long-acting' | 'rapid-acting' | 'correction'
  readonly seconds?: number
}

/** Carbohydrate eaten. */
export interface Meal extends Timed {
  readonly type: 'meal'
  readonly carbs: Grams
}

/** Exercise or another activity. */
export interface Activity extends Timed {
  readonly type: 'activity'
  readonly seconds?: number
  readonly intensity?: string
}

/** A laboratory or blood value other than glucose: ketone in mmol/L, HbA1c in %. */
export interface Laboratory extends Timed {
  readonly type: 'laboratory'
  /** LOINC code. */
  readonly code: string
  readonly value: number
  readonly unit: string
}

/** A note of the person. Its text may identify them: it leaves the house only under a grant of kind `notes`. */
export interface Note extends Timed {
  readonly type: 'note'
  readonly text: string
}

/** Something the device says about itself: sensor start, alarm, calibration, suspend. */
export interface DeviceEvent extends Timed {
  readonly type: 'device'
  readonly event: string
}

export type HealthRecord = Glucose | Insulin | Meal | Activity | Laboratory | Note | DeviceEvent
export type RecordType = HealthRecord['type']
