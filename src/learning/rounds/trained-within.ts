/**
 * What a site's training gives before any coding.
 *
 * Law: what goes on has the model's length and is no longer than the plan's clip; no value that is no number is masked.
 */
import { IsletError } from '../../vocabulary/index.ts'
import { clipTo } from '../robust/norm-rules.ts'
import type { RoundPlan } from './plan.ts'
import type { Reply, Site, Task } from './site.ts'

/** Has a site train for a plan; its update within the clip, and as it was before. Throws `WRONG_SHAPE`, and what the training throws. */
export async function trainedWithin(
  site: Site,
  { strategy, parameters, clip }: Pick<RoundPlan, 'clip' | 'parameters' | 'strategy'>,
  task: Omit<Task, 'proximal'>,
): Promise<Reply & { readonly unclipped: Float32Array }> {
  const reply = await site.train({
    ...task,
    ...(strategy.name === 'fedprox' ? { proximal: strategy.mu } : {}),
  })
  const { update } = reply
  if (update.length !== parameters) {
    throw new IsletError('WRONG_SHAPE', 'training gave a vector of another length', { length: update.length })
  }
  return { ...reply, unclipped: update, update: clip === undefined ? update : clipTo(update, clip) }
}

/** Throws `NOT_FINITE`. */
export function requireFinite(update: Float32Array): void {
  for (let i = 0; i < update.length; i++) {
    if (!Number.isFinite(update[i]))
      throw new IsletError('NOT_FINITE', 'training gave a value that is no number')
  }
}
