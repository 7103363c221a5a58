/** A round in `open` mode: what sites are sent to train from, and the aggregation of what they answer. */
import { compress } from '../compression/codec.ts'
import { clipTo } from '../robust/norm-rules.ts'
import { aggregate } from '../robust/rule.ts'
import { type Aggregate, weightedMean } from '../robust/update.ts'
import { applyMean } from './apply-step.ts'
import { modelPart } from './down.ts'
import type { RoundPlan } from './plan.ts'
import { type OpenUpdate, readOpenUpdate, repliesOf } from './replies.ts'
import type { RoundReport, RoundState } from './state.ts'
import { fromText } from './vectors.ts'
import { type Weighed, weightsOf } from './weights.ts'

/** What aggregating says of a round. */
export type Aggregated = Pick<RoundReport, 'contributors' | 'excluded' | 'scores' | 'cut' | 'liars' | 'norm'>

/** Parts of the question to a site: the model, and SCAFFOLD's server variate. */
export function openTrainParts(state: RoundState, site: string): readonly Uint8Array[] {
  if (state.plan.strategy.name !== 'scaffold') return [modelPart(state, site)]
  const { variate } = state.memory
  const values = variate === undefined ? new Float32Array(state.plan.parameters) : fromText(variate)
  return [modelPart(state, site), compress(state.plan.down, values).bytes]
}

/** Throws `TOO_FEW_SITES`, `NO_ROOT` of the rule. */
export function aggregateOpen(state: RoundState): {
  readonly state: RoundState
  readonly report: Aggregated
} {
  const { plan, members } = state
  const answers = repliesOf(state, 'train').map(([site, bytes]) => ({ site, ...readOpenUpdate(plan, bytes) }))
  const { values, change, excluded, scores } = openMean(plan, members, answers)
  const variates =
    change === undefined
      ? undefined
      : { change: change.mean, share: change.sites / Object.keys(members).length }
  const contributors = answers.map(({ site }) => site)
  return { state: applyMean(state, values, variates), report: { contributors, excluded, scores } }
}

interface OpenMean extends Aggregate {
  /** SCAFFOLD: mean change of the variates of those that are not excluded, and how many they are. */
  readonly change?: { readonly mean: Float32Array; readonly sites: number }
}

/** What the plan's rule makes of updates, each clipped first. Throws `TOO_FEW_SITES`, `NO_ROOT` of the rule. */
export function openMean(
  plan: Pick<RoundPlan, 'clip' | 'rule' | 'weightCap'>,
  members: Weighed['members'],
  answers: readonly (OpenUpdate & { readonly site: string })[],
): OpenMean {
  const weights = weightsOf(
    { plan, members },
    answers.map(({ site }) => site),
  )
  const updates = answers.map(({ site, update }) => ({
    site,
    weight: weights[site] ?? 1,
    values: plan.clip === undefined ? update : clipTo(update, plan.clip),
  }))
  const made = aggregate(plan.rule, updates)
  const changes = answers.flatMap(({ site, variate }) =>
    variate === undefined || made.excluded.includes(site) ? [] : [{ site, values: variate, weight: 1 }],
  )
  return changes.length === 0
    ? made
    : { ...made, change: { mean: weightedMean(changes), sites: changes.length } }
}
