/** A round in `open` mode: what sites are sent to train from, and the aggregation of what they answer. */
import { compress } from '../compression/codec.ts'
import { clipTo } from '../robust/norm-rules.ts'
import { aggregate } from '../robust/rule.ts'
import { weightedMean } from '../robust/update.ts'
import { applyMean } from './apply-step.ts'
import { modelPart } from './down.ts'
import { readOpenUpdate, repliesOf } from './replies.ts'
import type { RoundReport, RoundState } from './state.ts'
import { fromText } from './vectors.ts'
import { weightsOf } from './weights.ts'

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
  const { plan } = state
  const answers = repliesOf(state, 'train').map(([site, bytes]) => ({
    site,
    ...readOpenUpdate(state, bytes),
  }))
  const contributors = answers.map(({ site }) => site)
  const weights = weightsOf(state, contributors)
  const updates = answers.map(({ site, update }) => ({
    site,
    weight: weights[site] ?? 1,
    values: plan.clip === undefined ? update : clipTo(update, plan.clip),
  }))
  const { values, excluded, scores } = aggregate(plan.rule, updates)
  const changes = answers.flatMap(({ site, variate }) =>
    variate === undefined || excluded.includes(site) ? [] : [{ site, values: variate, weight: 1 }],
  )
  const members = Object.keys(state.members).length
  const next = applyMean(
    state,
    values,
    changes.length === 0 ? undefined : { change: weightedMean(changes), share: changes.length / members },
  )
  return { state: next, report: { contributors, excluded, scores } }
}
