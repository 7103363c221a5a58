/**
 * What each site's updates added up to over a run, and what that was worth: contributions from the event log alone.
 *
 * Laws: a site's updates count with the share of all examples that it had in the round (its weight, capped as the plan
 * caps it), whoever else is in a coalition: so a site that sends nothing is worth nothing, and two that send the same are
 * worth the same. Whoever holds plan, first model and events gets the same bits.
 * Limits: a coalition's model is the first model plus its members' sums, not a run of their own: members would have moved
 * otherwise without the others. Updates count as sent, also where the rule left them out, and before any server optimiser.
 * Source: Song, Tong, Wei 2019 (contributions from one reconstruction of the run).
 */
import { fromBase64Url, IsletError } from '../../vocabulary/index.ts'
import { beginRounds, stepRounds } from '../rounds/machine.ts'
import { readOpenUpdate } from '../rounds/replies.ts'
import type { Run } from '../rounds/run-rounds.ts'
import { weightsOf } from '../rounds/weights.ts'
import { type Contribution, type ContributionOptions, contribution } from './shapley.ts'

/** The sum over rounds of each site's share × update. Throws `MODE_HIDES_SITES` outside `open` mode. */
function summedUpdates(
  { plan, events }: Pick<Run, 'plan' | 'events'>,
  initial: Float32Array,
): ReadonlyMap<string, Float32Array> {
  const sums = new Map<string, Float32Array>()
  let answers = new Map<string, string>()
  let state = beginRounds(plan, initial)
  for (const event of events) {
    const { state: next, outcome, effects } = stepRounds(state, event)
    if (event.type === 'reply' && event.stage === 'train' && outcome === 'ACCEPTED') {
      answers.set(event.site, event.payload)
    }
    for (const effect of effects) {
      if (effect.type !== 'closed') continue
      const { contributors } = effect.report
      const weights = weightsOf(state, contributors)
      const total = contributors.reduce((sum, site) => sum + (weights[site] ?? 0), 0)
      for (const site of contributors) {
        const { update } = readOpenUpdate(plan, fromBase64Url(answers.get(site) ?? ''))
        const sum = sums.get(site) ?? new Float32Array(plan.parameters)
        const share = (weights[site] ?? 0) / total
        for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] ?? 0) + share * (update[i] ?? 0)
        sums.set(site, sum)
      }
      answers = new Map()
    }
    state = next
  }
  return sums
}

export interface RunContribution extends Omit<ContributionOptions, 'mode'> {
  /** The run's first model. */
  readonly initial: Float32Array
  /** Error of a model on windows that all agreed to judge by, smaller is better. */
  readonly error: (parameters: Float32Array) => number
}

/**
 * How much of the fall in error each site's updates brought, in the error's unit; above 0 is good. Throws
 * `MODE_HIDES_SITES` outside `open` mode, `TOO_FEW_SITES` where no round came about.
 */
export async function runContribution(
  run: Pick<Run, 'plan' | 'events'>,
  { initial, error, ...options }: RunContribution,
): Promise<Contribution> {
  const { mode } = run.plan
  if (mode !== 'open') return await contribution([], () => 0, { ...options, mode })
  const sums = summedUpdates(run, initial)
  if (sums.size === 0) throw new IsletError('TOO_FEW_SITES', 'no round came about', { needed: 1, sites: 0 })
  const worth = (coalition: readonly string[]): number => {
    const model = initial.slice()
    for (const site of coalition) {
      const sum = sums.get(site)
      for (let i = 0; i < model.length; i++) model[i] = (model[i] ?? 0) + (sum?.[i] ?? 0)
    }
    return -error(model)
  }
  return await contribution([...sums.keys()].sort(), worth, { ...options, mode })
}
