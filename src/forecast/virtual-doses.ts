/**
 * Virtual patients' meals, doses and glucose with their care teams' settings: what a dose model can learn from before
 * anybody's own records are there. Everything is simulated.
 *
 * Law: a seed and a number of people determine every record. Doses are the formula's times a factor drawn from 0.7–1.3, and
 * settings are wrong by a factor that differs between people: without such variety the effect of a dose cannot be learned.
 */
import { type DoseLimits, type DoseRecord, situationAt } from '../learning/index.ts'
import {
  carbRatioOf,
  type DeviceLog,
  LOOP_START,
  liveClosedLoop,
  patientsOf,
  type VirtualPatient,
} from '../physiology/index.ts'
import { type Grams, type MgPerDl, quantity } from '../vocabulary/index.ts'

/** Days that each of them lives. */
const DAYS = 28
const TARGET = quantity<MgPerDl>(120)
const SETTINGS = [1, 0.7, 1.3, 0.8, 1.2] as const
const GROUPS = ['adult', 'adolescent', 'child'] as const

/** One person after another, groups in turn; after all rows of the table the next wrong setting. */
export function* virtualDoses(
  people: number,
  seed: number,
  limits: DoseLimits,
): Generator<{ readonly id: string; readonly record: DoseRecord }> {
  const tables = GROUPS.map((group) => patientsOf(group))
  for (let place = 0; place < people; place++) {
    const rows = tables[place % tables.length] ?? []
    const row = Math.floor(place / tables.length)
    const patient = rows[row % rows.length]
    if (patient === undefined) return
    const setting = SETTINGS[(row + Math.floor(row / rows.length)) % SETTINGS.length] ?? 1
    yield { id: `virtual-${place + 1}`, record: lived(patient, seed + place, setting, limits) }
  }
}

/** The notes of a virtual person's devices, with the settings that their care team gave times a factor. */
export function virtualRecord(patient: VirtualPatient, setting: number, log: DeviceLog): DoseRecord {
  return {
    ...log,
    therapy: {
      carbRatio: carbRatioOf(patient) * setting,
      correctionFactor: patient.correctionFactor * setting,
      target: TARGET,
    },
    bolusesKnownSince: LOOP_START - 86_400,
  }
}

function lived(patient: VirtualPatient, seed: number, setting: number, limits: DoseLimits): DoseRecord {
  const { log } = liveClosedLoop({
    patient,
    seed,
    days: DAYS,
    runIn: 0,
    varied: true,
    policy: (notes, at, carbs, random) => {
      const situation = situationAt(
        virtualRecord(patient, setting, notes),
        at,
        quantity<Grams>(carbs),
        limits,
      )
      if ('withheld' in situation) return 0
      const wanted = situation.formula.total * (0.7 + 0.6 * random.uniform())
      return Math.floor(wanted / limits.increment + 1e-9) * limits.increment
    },
  })
  return virtualRecord(patient, setting, log)
}
