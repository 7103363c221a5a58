/** Who adds to the record by themselves: a device's maker or a clinic that the person lets write. */
import type { GrantState } from '../../consent/browser.door.ts'

/** Whether a grant lets its holder add now. */
export function mayAdd({ status, handOver: { opening } }: GrantState): boolean {
  return status !== 'ended' && opening.actions.includes('write') && opening.expiresAt > Date.now() / 1_000
}
