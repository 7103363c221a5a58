/**
 * A virtual patient: the parameters of the model and what the person's care team would write down.
 *
 * Source: Kovatchev et al. 2009, J Diabetes Sci Technol 3:44; table in patient-parameters.ts.
 */
import { IsletError } from '../vocabulary/index.ts'
import { PARAMETER_COLUMNS, PATIENT_ROWS } from './patient-parameters.ts'

export type ParameterName = (typeof PARAMETER_COLUMNS)[number]
export type Parameters = Readonly<Record<ParameterName, number>>
export type AgeGroup = 'adolescent' | 'adult' | 'child'

export interface VirtualPatient {
  /** As in the table: `adult#003`. */
  readonly name: string
  readonly group: AgeGroup
  readonly parameters: Parameters
  /** The 13 states at rest. */
  readonly rest: readonly number[]
  /** Grams of carbohydrate that one unit covers. */
  readonly carbRatio: number
  /** Fall of glucose per unit, mg/dL. */
  readonly correctionFactor: number
  readonly age: number
  /** Units a day. */
  readonly totalDailyInsulin: number
  /** Units an hour that hold the patient at rest: u2ss · BW / 6000 · 60. */
  readonly basalRate: number
}

export const PATIENTS: readonly VirtualPatient[] = PATIENT_ROWS.map(([name, values, rest, care]) => {
  const at = (column: ParameterName): number => values[PARAMETER_COLUMNS.indexOf(column)] ?? Number.NaN
  const [carbRatio = Number.NaN, correctionFactor = Number.NaN, age = 0, totalDailyInsulin = 0] = care
  return {
    name,
    group: groupOf(name),
    parameters: parametersFrom(at),
    rest,
    carbRatio,
    correctionFactor,
    age,
    totalDailyInsulin,
    basalRate: (at('u2ss') * at('BW')) / 100,
  }
})

function groupOf(name: string): AgeGroup {
  if (name.startsWith('adult')) return 'adult'
  return name.startsWith('child') ? 'child' : 'adolescent'
}

function parametersFrom(at: (column: ParameterName) => number): Parameters {
  return {
    BW: at('BW'),
    Gb: at('Gb'),
    Ib: at('Ib'),
    kabs: at('kabs'),
    kmax: at('kmax'),
    kmin: at('kmin'),
    b: at('b'),
    d: at('d'),
    Vg: at('Vg'),
    Vi: at('Vi'),
    Vmx: at('Vmx'),
    Km0: at('Km0'),
    k2: at('k2'),
    k1: at('k1'),
    p2u: at('p2u'),
    m1: at('m1'),
    m2: at('m2'),
    m4: at('m4'),
    m30: at('m30'),
    ki: at('ki'),
    kp1: at('kp1'),
    kp2: at('kp2'),
    kp3: at('kp3'),
    f: at('f'),
    ke1: at('ke1'),
    ke2: at('ke2'),
    Fsnc: at('Fsnc'),
    Vm0: at('Vm0'),
    kd: at('kd'),
    ksc: at('ksc'),
    ka1: at('ka1'),
    ka2: at('ka2'),
    u2ss: at('u2ss'),
  }
}

/** The patient of that name. Throws `NO_SUCH_PATIENT`. */
export function patientNamed(name: string): VirtualPatient {
  const found = PATIENTS.find((patient) => patient.name === name)
  if (found === undefined)
    throw new IsletError('NO_SUCH_PATIENT', 'no virtual patient has this name', { name })
  return found
}

/** The ten patients of an age group. */
export function patientsOf(group: AgeGroup): readonly VirtualPatient[] {
  return PATIENTS.filter((patient) => patient.group === group)
}
