import { IsletError } from '../../vocabulary/index.ts'
import type { Aggregated } from './open-round.ts'
import type { RoundPlan } from './plan.ts'
import type { RoundState } from './state.ts'

export function drawGroups(
  _plan: RoundPlan,
  _round: number,
  _cohort: readonly string[],
): readonly (readonly string[])[] {
  return []
}
export function afterAdvertise(state: RoundState, _stage: string): RoundState {
  return state
}
const none = () => new IsletError('NOT_YET', 'masked')
export function shareParts(_state: RoundState, _site: string): readonly Uint8Array[] {
  throw none()
}
export function maskedTrainParts(_state: RoundState, _site: string): readonly Uint8Array[] {
  throw none()
}
export function revealParts(_state: RoundState, _site: string): readonly Uint8Array[] {
  throw none()
}
export function aggregateMasked(_state: RoundState): {
  readonly state: RoundState
  readonly report: Aggregated
} {
  throw none()
}
