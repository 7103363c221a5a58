/**
 * A study's model on the readings that its sites hold back: who is judged are the people whose consent holds now.
 *
 * Law: every person is opened through the gate, as for a round; what leaves a site here is a figure over all of them.
 */
import { type Network, network } from '../learning/index.ts'
import {
  heldError,
  type JudgedSite,
  joinWindows,
  type SideBySideRow,
  sideBySide,
} from '../learning/site.door.ts'
import type { Bytes, UnixSeconds } from '../vocabulary/index.ts'
import type { ForecastData } from './forecast-data.ts'
import { openPerson } from './freeze-cohort.ts'
import { parametersOf } from './model-bytes.ts'
import { networkOf } from './network-learner.ts'
import type { StudyPlan } from './plan.ts'
import { presentCohort } from './present-cohort.ts'
import { ridgeModel } from './ridge-learner.ts'
import type { SitePorts, SiteStudy } from './site-ports.ts'

/** A site's windows, with how many people they are of; undefined where nobody can be opened. Throws the codes of the ports. */
export async function judgedSite(
  ports: Pick<SitePorts<ForecastData>, 'chain' | 'history' | 'learner' | 'own' | 'people'>,
  study: SiteStudy,
  now: UnixSeconds,
): Promise<(JudgedSite & { readonly persons: number }) | undefined> {
  const { included } = await presentCohort(ports, study, now)
  const people: ForecastData[] = []
  for (const claim of included) {
    const { data } = await openPerson(ports, study.plan, claim)
    if (data !== undefined) people.push(data)
  }
  if (people.length === 0) return undefined
  return {
    persons: people.length,
    train: joinWindows(people.map(({ windows }) => windows.train)),
    held: joinWindows(people.map(({ windows }) => windows.held)),
  }
}

type Planned = Pick<StudyPlan, 'data' | 'model' | 'strategy'>

/**
 * The model beside persistence and ridge on the sites' held windows; a study's own ridge is the ridge there.
 * Throws `MODEL_UNKNOWN`, `MODEL_WRONG_SHAPE`.
 */
export function modelBeside(
  plan: Planned,
  model: Bytes,
  sites: readonly JudgedSite[],
): readonly SideBySideRow[] {
  const rows = sideBySide(...forecasterOf(plan)(model), sites)
  if (plan.strategy.name !== 'ridge') return rows
  return rows
    .filter((row) => row.model !== 'ridge')
    .map((row) => (row.model === 'network' ? { ...row, model: 'ridge' } : row))
}

/** RMSE of a model at 30 minutes on the sites' held windows, mg/dL. Throws `MODEL_UNKNOWN`, `MODEL_WRONG_SHAPE`. */
export function modelError(
  plan: Planned,
  sites: readonly Pick<JudgedSite, 'held'>[],
): (model: Bytes) => number {
  const forecaster = forecasterOf(plan)
  return (model) => heldError(...forecaster(model), sites)
}

/**
 * The mean of the sites' own RMSE at 30 minutes on their held windows, weighted by their windows, mg/dL; NaN where a
 * site's windows have no reading there. Throws `MODEL_UNKNOWN`, `MODEL_WRONG_SHAPE`.
 */
export function meanError(
  plan: Planned,
  sites: readonly Pick<JudgedSite, 'held'>[],
): (model: Bytes) => number {
  const errors = sites.map((site) => [site.held.count, modelError(plan, [site])] as const)
  const all = heldWindows(sites)
  return (model) => errors.reduce((sum, [windows, error]) => sum + (windows / all) * error(model), 0)
}

/** How many windows are held back. */
export function heldWindows(sites: readonly Pick<JudgedSite, 'held'>[]): number {
  return sites.reduce((sum, { held }) => sum + held.count, 0)
}

/** What forecasts with a model, and the parameters that it is given. */
function forecasterOf(plan: Planned): (model: Bytes) => readonly [Pick<Network, 'predict'>, Float32Array] {
  if (plan.strategy.name === 'ridge') return (model) => [ridgeModel(model), new Float32Array()]
  const net = network(networkOf(plan))
  return (model) => [net, parametersOf(model, net.parameterCount)]
}
