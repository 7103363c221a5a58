/**
 * A continuous glucose sensor: what it reports of the glucose under the skin.
 *
 * Laws: noise is correlated in time and skewed as measured on real sensors; a value beyond the limits is Low or High, not
 * a number; a new sensor every ten days begins with two silent hours; about the stated share of readings is missing, in runs.
 * Source: Breton and Kovatchev 2008, J Diabetes Sci Technol 2:853 (autoregressive error through a Johnson transform),
 * constants of simglucose; drift, dropouts and compression at night as in data-and-formats 4.1.
 */
import { SENSOR_ROWS } from './patient-parameters.ts'
import type { Random } from './random.ts'

export interface SensorModel {
  readonly name: string
  readonly stepMinutes: 5 | 15
  /** mg/dL; below is Low, above is High. */
  readonly lowest: number
  readonly highest: number
  /** Share of readings lost in runs, 0–1. */
  readonly dropout: number
  /** Whether nights bring falsely low readings from lying on the sensor. */
  readonly compression: boolean
}

/** A sensor that reports every 5 minutes within 40–400 mg/dL. */
export const FIVE_MINUTE_SENSOR: SensorModel = {
  name: 'every 5 minutes',
  stepMinutes: 5,
  lowest: 40,
  highest: 400,
  dropout: 0.03,
  compression: true,
}

/** A sensor that reports every 15 minutes within 40–500 mg/dL. */
export const FIFTEEN_MINUTE_SENSOR: SensorModel = {
  ...FIVE_MINUTE_SENSOR,
  name: 'every 15 minutes',
  stepMinutes: 15,
  highest: 500,
}

export type SensorReading =
  | { readonly kind: 'silent' }
  | { readonly kind: 'low' | 'high' }
  | { readonly kind: 'value'; readonly mgPerDl: number }

/** Minutes of a sensor's life and of the silence before it speaks. */
const LIFE_MINUTES = 10 * 1440
const WARM_UP_MINUTES = 120
const NOISE_MINUTES = 15
const MEAN_RUN = 4
const GAIN_DEVIATION = 0.03
const COMPRESSION_CHANCE = 0.06

const [, persistence, gamma, lambda, delta, xi] = SENSOR_ROWS[0]

/** A worn sensor; call `read` once per minute of the trace, in order. */
export class Sensor {
  readonly model: SensorModel
  private readonly random: Random
  private error: number
  /** Four noise values 15 minutes apart, the newest last: a cubic runs between the middle two. */
  private readonly noise: [number, number, number, number]
  private silentReadings = 0
  private gain = 1
  private drift = 0
  private compressionFrom = -1
  private compressionUntil = -1
  private compressionDepth = 0

  constructor(model: SensorModel, random: Random) {
    this.model = model
    this.random = random
    // The stationary spread of e ← 0.7 (e + N): 0.7 / √(1 − 0.49).
    this.error = random.normal() * (persistence / Math.sqrt(1 - persistence * persistence))
    this.noise = [this.nextNoise(), this.nextNoise(), this.nextNoise(), this.nextNoise()]
  }

  /** Running number of the sensor worn at a minute, from 1. */
  static worn(minute: number): number {
    return Math.floor(minute / LIFE_MINUTES) + 1
  }

  /** Minutes since the worn sensor was started. */
  static age(minute: number): number {
    return minute % LIFE_MINUTES
  }

  /** What is reported at a minute of the trace; `glucose` in mg/dL; `night` when the person sleeps. */
  read(minute: number, glucose: number, night: boolean): SensorReading | undefined {
    const age = Sensor.age(minute)
    if (age === 0) {
      this.gain = 1 + this.random.normal() * GAIN_DEVIATION
      this.drift = this.random.normal() * GAIN_DEVIATION
    }
    if (minute % NOISE_MINUTES === 0 && minute > 0) {
      const { noise } = this
      noise[0] = noise[1]
      noise[1] = noise[2]
      noise[2] = noise[3]
      noise[3] = this.nextNoise()
    }
    if (minute % 1440 === 0) this.planCompression(minute)
    if (minute % this.model.stepMinutes !== 0) return undefined
    if (this.isSilent() || (minute >= LIFE_MINUTES && age < WARM_UP_MINUTES)) return { kind: 'silent' }
    const scaled = glucose * (this.gain + (this.drift * age) / LIFE_MINUTES)
    const value = scaled + this.noiseAt(minute) - (night ? this.compressionAt(minute) : 0)
    if (value < this.model.lowest) return { kind: 'low' }
    if (value > this.model.highest) return { kind: 'high' }
    return { kind: 'value', mgPerDl: value }
  }

  private nextNoise(): number {
    const value = xi + lambda * Math.sinh((this.error - gamma) / delta)
    this.error = persistence * (this.error + this.random.normal())
    return value
  }

  /** Catmull–Rom cubic through the four noise values. */
  private noiseAt(minute: number): number {
    const [a, b, c, d] = this.noise
    const t = (minute % NOISE_MINUTES) / NOISE_MINUTES
    return b + (t / 2) * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
  }

  private isSilent(): boolean {
    const { dropout } = this.model
    if (this.silentReadings > 0) {
      this.silentReadings--
      return true
    }
    if (dropout <= 0 || !this.random.chance(dropout / (MEAN_RUN * (1 - dropout)))) return false
    this.silentReadings = Math.floor(-Math.log(1 - this.random.uniform()) * (MEAN_RUN - 0.5))
    return true
  }

  private planCompression(midnight: number): void {
    const happens = this.random.chance(COMPRESSION_CHANCE)
    const from = midnight + Math.floor(this.random.uniform() * 300)
    const length = 20 + Math.floor(this.random.uniform() * 30)
    const depth = 20 + this.random.uniform() * 25
    if (!happens || !this.model.compression) return
    this.compressionFrom = from
    this.compressionUntil = from + length
    this.compressionDepth = depth
  }

  /** A dip that comes and goes smoothly, mg/dL. */
  private compressionAt(minute: number): number {
    if (minute < this.compressionFrom || minute >= this.compressionUntil) return 0
    const through = (minute - this.compressionFrom) / (this.compressionUntil - this.compressionFrom)
    return this.compressionDepth * Math.sin(Math.PI * through)
  }
}
