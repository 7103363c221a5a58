/**
 * The UVA/Padova 2008 model of type 1 diabetes: 13 states from meal and insulin to glucose under the skin.
 *
 * Laws: at rest with basal insulin every state stays where it is; amounts never fall below zero; the classic fourth-order
 * Runge–Kutta step of one minute stays within 0.25 mg/dL of a reference of order eight.
 * Source: Dalla Man et al. 2007, IEEE Trans Biomed Eng 54:1740 (meal model); Dalla Man et al. 2014, J Diabetes Sci Technol,
 * doi 10.1177/1932296813514502; parameters: patient-parameters.ts. Equation numbers below are those of data-and-formats 4.1.
 */
import type { Parameters, VirtualPatient } from './patient.ts'

/** What happens during one minute. */
export interface Minute {
  /** Carbohydrate announced in this minute, grams; eaten at no more than 5 g/min from now on. */
  readonly carbs: number
  /** Insulin infused during this minute, units. */
  readonly insulin: number
  /** Factor on insulin-dependent uptake (Vmx); 1 = as in the table. */
  readonly uptake?: number
  /** Factor on the liver's answer to insulin (kp3); 1 = as in the table. */
  readonly liver?: number
}

const STATES = 13
const EATING_GRAMS_PER_MINUTE = 5
/** Picomoles of insulin per unit. */
const PMOL_PER_UNIT = 6000
/** States that cannot fall below zero (4–6 and 10–13, counted from 1). */
const AMOUNTS = [3, 4, 5, 9, 10, 11, 12] as const

/** One patient's body, advanced minute by minute. */
export class Body {
  readonly patient: VirtualPatient
  private readonly x: Float64Array
  private readonly k1 = new Float64Array(STATES)
  private readonly k2 = new Float64Array(STATES)
  private readonly k3 = new Float64Array(STATES)
  private readonly k4 = new Float64Array(STATES)
  private readonly trial = new Float64Array(STATES)
  private queued = 0
  private eating = false
  private stomachAtStart = 0
  private eaten = 0

  constructor(patient: VirtualPatient) {
    this.patient = patient
    this.x = Float64Array.from(patient.rest)
  }

  /** Glucose under the skin, mg/dL: what a perfect sensor would read. */
  get glucose(): number {
    return (this.x[12] ?? 0) / this.patient.parameters.Vg
  }

  /** Glucose in plasma, mg/dL. */
  get plasmaGlucose(): number {
    return (this.x[3] ?? 0) / this.patient.parameters.Vg
  }

  /** Insulin in plasma, pmol/L. */
  get plasmaInsulin(): number {
    return (this.x[5] ?? 0) / this.patient.parameters.Vi
  }

  /** A copy of the 13 states. */
  get states(): readonly number[] {
    return Array.from(this.x)
  }

  /** Lives through one minute. */
  step(minute: Minute, minutes = 1): void {
    this.queued += minute.carbs
    const grams = Math.min(EATING_GRAMS_PER_MINUTE * minutes, this.queued)
    this.queued -= grams
    if (grams > 0 && !this.eating) {
      this.stomachAtStart = (this.x[0] ?? 0) + (this.x[1] ?? 0)
      this.eaten = 0
    }
    this.eating = grams > 0
    this.eaten += grams * 1000
    this.rungeKutta(minutes, {
      carbs: (grams * 1000) / minutes,
      insulin: (minute.insulin / minutes) * (PMOL_PER_UNIT / this.patient.parameters.BW),
      dose: this.stomachAtStart + this.eaten,
      uptake: minute.uptake ?? 1,
      liver: minute.liver ?? 1,
    })
  }

  private rungeKutta(h: number, input: Input): void {
    const { x, k1, k2, k3, k4, trial } = this
    const p = this.patient.parameters
    derivative(x, p, input, k1)
    for (let i = 0; i < STATES; i++) trial[i] = (x[i] ?? 0) + (h / 2) * (k1[i] ?? 0)
    derivative(trial, p, input, k2)
    for (let i = 0; i < STATES; i++) trial[i] = (x[i] ?? 0) + (h / 2) * (k2[i] ?? 0)
    derivative(trial, p, input, k3)
    for (let i = 0; i < STATES; i++) trial[i] = (x[i] ?? 0) + h * (k3[i] ?? 0)
    derivative(trial, p, input, k4)
    for (let i = 0; i < STATES; i++) {
      const slope = (k1[i] ?? 0) + 2 * (k2[i] ?? 0) + 2 * (k3[i] ?? 0) + (k4[i] ?? 0)
      x[i] = (x[i] ?? 0) + (h / 6) * slope
    }
    for (const i of AMOUNTS) if ((x[i] ?? 0) < 0) x[i] = 0
  }
}

interface Input {
  /** mg/min into the stomach. */
  readonly carbs: number
  /** pmol/kg/min under the skin. */
  readonly insulin: number
  /** Stomach content when eating began plus what was eaten since, mg. */
  readonly dose: number
  readonly uptake: number
  readonly liver: number
}

/** The right-hand side of the 13 equations, written into `out`. */
function derivative(x: Float64Array, p: Parameters, input: Input, out: Float64Array): void {
  const solid = x[0] ?? 0
  const liquid = x[1] ?? 0
  const gut = x[2] ?? 0
  const plasma = x[3] ?? 0
  const tissue = x[4] ?? 0
  const insulin = x[5] ?? 0
  const action = x[6] ?? 0
  const delayed1 = x[7] ?? 0
  const delayed2 = x[8] ?? 0
  const liver = x[9] ?? 0
  const depot1 = x[10] ?? 0
  const depot2 = x[11] ?? 0
  const skin = x[12] ?? 0

  const emptying = gastricEmptying(solid + liquid, input.dose, p)
  out[0] = -p.kmax * solid + input.carbs
  out[1] = p.kmax * solid - emptying * liquid
  out[2] = emptying * liquid - p.kabs * gut
  const appearance = (p.f * p.kabs * gut) / p.BW

  const production = Math.max(p.kp1 - p.kp2 * plasma - p.kp3 * input.liver * delayed2, 0)
  const excretion = p.ke1 * Math.max(plasma - p.ke2, 0)
  const uptake = ((p.Vm0 + p.Vmx * input.uptake * action) * tissue) / (p.Km0 + tissue)
  out[3] = production + appearance - p.Fsnc - excretion - p.k1 * plasma + p.k2 * tissue
  out[4] = p.k1 * plasma - p.k2 * tissue - uptake

  const concentration = insulin / p.Vi
  out[5] = -(p.m2 + p.m4) * insulin + p.m1 * liver + p.ka1 * depot1 + p.ka2 * depot2
  out[6] = -p.p2u * action + p.p2u * (concentration - p.Ib)
  out[7] = -p.ki * (delayed1 - concentration)
  out[8] = -p.ki * (delayed2 - delayed1)
  out[9] = -(p.m1 + p.m30) * liver + p.m2 * insulin
  out[10] = input.insulin - (p.ka1 + p.kd) * depot1
  out[11] = p.kd * depot1 - p.ka2 * depot2
  out[12] = -p.ksc * (skin - plasma)
}

/** Rate at which the stomach empties, per minute: fast when full or nearly empty, slow between. */
function gastricEmptying(content: number, dose: number, p: Parameters): number {
  if (dose <= 0) return p.kmax
  const a = 5 / (2 * dose * (1 - p.b))
  const c = 5 / (2 * dose * p.d)
  const bend = Math.tanh(a * (content - p.b * dose)) - Math.tanh(c * (content - p.d * dose)) + 2
  return p.kmin + ((p.kmax - p.kmin) / 2) * bend
}
