/**
 * The model that this node hands to who forecasts at home: the newest standing version of its studies.
 *
 * Laws: a withdrawn version is never handed out, nor a model that its plan keeps inside the study (`outputs`); everybody
 * gets the same. Only a model that reads glucose alone: who asks shall have to open nothing else for it. Limit, stated:
 * parameters tell something of those who taught them; the plan says under which privacy they were made.
 */
import type { Handlers } from '../../api/index.ts'
import { networkOf, type StudyPlan } from '../../study/index.ts'
import { formatInstant, toBase64Url } from '../../vocabulary/index.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'

type Forecaster = Awaited<ReturnType<Handlers['forecaster']>>['forecaster']

/** The newest by the opening of the round that made it; null where none stands, or its bytes are not here. */
export async function standingForecaster(desk: StudyDesk, files: readonly StudyFile[]): Promise<Forecaster> {
  let newest: { readonly at: number; readonly forecaster: NonNullable<Forecaster> } | undefined
  for (const { study } of files) {
    const version = await desk.chain.headVersion(study)
    if (version === undefined) continue
    const plan = await desk.shelf.plan((await desk.chain.plan(study)).document)
    const read = plan === undefined ? undefined : readsGlucose(plan)
    const at = (await desk.chain.round(study, version.round))?.openedAt
    if (plan === undefined || read === undefined || at === undefined) continue
    if (newest !== undefined && newest.at >= at) continue
    const { objects, earlier } = await desk.shelvesOf(study)
    const bytes = (await objects.get(version.model)) ?? (await earlier.get(version.model))
    if (bytes === undefined) continue
    newest = {
      at,
      forecaster: {
        study,
        title: plan.title,
        version: version.number,
        model: version.model,
        made: formatInstant(at),
        ...read,
        bytes: toBase64Url(bytes),
      },
    }
  }
  return newest?.forecaster ?? null
}

/** Which forecaster a plan trains and lets out, where it reads glucose alone. */
function readsGlucose(plan: StudyPlan): Pick<NonNullable<Forecaster>, 'kind' | 'hidden'> | undefined {
  if (!plan.outputs.includes('model')) return undefined
  if (plan.strategy.name === 'ridge') return { kind: 'ridge', hidden: 0 }
  const { features, hidden } = networkOf(plan)
  return features === 4 ? { kind: 'gru', hidden } : undefined
}
