/** The policies of the dose check: the formula alone, the formula with chance for training, and the learned proposal. */
import {
  type DoseModel,
  type DoseRecord,
  FORECAST_NETWORK,
  type ForecastModel,
  network,
  proposeDose,
  situationAt,
  trainDoseModel,
  trainModel,
} from '../../src/learning/index.ts'
import { type AgeGroup, patientsOf, type VirtualPatient } from '../../src/physiology/index.ts'
import { type Grams, quantity } from '../../src/vocabulary/index.ts'
import { LIMITS, live, type Policy } from './closed-loop.ts'

export const GROUPS: readonly AgeGroup[] = ['adult', 'adolescent', 'child']
export const SETTINGS = [0.7, 0.8, 1, 1.2, 1.3] as const

/** The formula inside the same limits and rounding. When glucose is low or unknown: no insulin. */
export const formula: Policy = (record, at, carbs) => {
  const situation = situationAt(record, at, quantity<Grams>(carbs), LIMITS)
  return 'withheld' in situation ? 0 : rounded(situation.formula.total)
}

/** The formula times a factor drawn from 0.7–1.3: without variety the effect of a dose cannot be learned. */
const varied: Policy = (record, at, carbs, random) =>
  rounded(formula(record, at, carbs, random) * (0.7 + 0.6 * random.uniform()))

/** The learned proposal, taken as it is; in life a clinician signs first. */
export function learned(model: DoseModel): Policy {
  return (record, at, carbs) => {
    const outcome = proposeDose(model, record, at, quantity<Grams>(carbs), LIMITS)
    return outcome.proposed ? outcome.proposal.units : 0
  }
}

/** Simulated days of these patients, each with all settings and doses that vary; a site per group. */
export function recordsOf(
  patients: readonly VirtualPatient[],
  seed: number,
  days: number,
): readonly (readonly DoseRecord[])[] {
  return GROUPS.map((group) =>
    patients
      .filter((patient) => patient.group === group)
      .flatMap((patient) =>
        SETTINGS.map(
          (setting): DoseRecord =>
            live({ patient, seed, days, runIn: 0, setting, policy: varied, varied: true }).record,
        ),
      ),
  )
}

/** Boosting alone. */
export function modelOf(sites: readonly (readonly DoseRecord[])[]): DoseModel {
  return trainDoseModel(sites, LIMITS)
}

/** The hybrid: a network learns to forecast the same days, then boosting with its forecasts among the columns. */
export async function hybridOf(sites: readonly (readonly DoseRecord[])[], days: number): Promise<DoseModel> {
  return trainDoseModel(sites, LIMITS, { forecaster: await forecasterOf(sites, days) })
}

/** Cells between training windows for each day lived: some 12,000 windows, however long the days. */
const STRIDE_PER_DAY = 1.2

async function forecasterOf(sites: readonly (readonly DoseRecord[])[], days: number): Promise<ForecastModel> {
  const own = network({ ...FORECAST_NETWORK, features: 6, quantiles: [0.05, 0.25, 0.5, 0.75, 0.95] })
  const traces = sites
    .flat()
    .map(({ glucose, boluses, meals }, i) => ({ id: `record ${i}`, glucose, boluses, meals }))
  const trained = await trainModel(
    traces,
    { network: own, trainer: own, protocol: 'W', rounds: 1, seed: 1, cpuSeconds: () => 0 },
    {
      protocol: 'W',
      sites: 1,
      mode: 'online',
      withEvents: true,
      stride: Math.max(1, Math.round(STRIDE_PER_DAY * days)),
    },
  )
  return trained.model
}

/** The patients of a group with odd or even place in the table: one half to learn from, the other to be judged on. */
export function halfOf(group: AgeGroup, half: 0 | 1): readonly VirtualPatient[] {
  return patientsOf(group).filter((_, place) => place % 2 === half)
}

function rounded(units: number): number {
  return Math.floor(units / LIMITS.increment + 1e-9) * LIMITS.increment
}
