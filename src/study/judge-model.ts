/**
 * A study's model on the readings that its sites hold back: who is judged are the people whose consent holds now.
 *
 * Law: every person is opened through the gate, as for a round; what leaves a site here is a figure over all of them.
 */
import { network } from '../learning/index.ts'
import {
  heldError,
  type JudgedSite,
  joinWindows,
  type SideBySideRow,
  sideBySide,
} from '../learning/site.door.ts'
import type { Bytes, UnixSeconds } from '../vocabulary/index.ts'
import { openPerson } from './freeze-cohort.ts'
import { parametersOf } from './model-bytes.ts'
import { type ForecastData, networkOf } from './network-learner.ts'
import type { StudyPlan } from './plan.ts'
import { presentCohort } from './present-cohort.ts'
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

/** The model beside persistence and ridge on the sites' held windows. Throws `MODEL_UNKNOWN`, `MODEL_WRONG_SHAPE`. */
export function modelBeside(
  plan: Pick<StudyPlan, 'data' | 'model'>,
  model: Bytes,
  sites: readonly JudgedSite[],
): readonly SideBySideRow[] {
  const net = network(networkOf(plan))
  return sideBySide(net, parametersOf(model, net.parameterCount), sites)
}

/** RMSE of a model at 30 minutes on the sites' held windows, mg/dL. Throws `MODEL_UNKNOWN`, `MODEL_WRONG_SHAPE`. */
export function modelError(
  plan: Pick<StudyPlan, 'data' | 'model'>,
  sites: readonly Pick<JudgedSite, 'held'>[],
): (model: Bytes) => number {
  const net = network(networkOf(plan))
  return (model) => heldError(net, parametersOf(model, net.parameterCount), sites)
}
