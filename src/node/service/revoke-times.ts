/**
 * How long revokes take from an inbox of this node to the ledger, as measured since it began.
 *
 * Laws: durations only; which consent a revoke is of is kept while it is on its way, and no longer. A revoke that was seen
 * before counts once, and a copy that another institution passed on not at all. One that was answered before its block is
 * pending until the ledger has it, and is measured then by the time of that block: whole seconds.
 */
import { Value } from 'typebox/value'
import type { OperationsAnswer } from '../../api/index.ts'
import { MESSAGE_BODIES, type RevokeDocument } from '../../consent/index.ts'
import type { Json, UnixSeconds } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'

/** Durations that are kept, the newest. */
const KEPT = 10_000

export interface RevokeClocks {
  /** Seconds of any epoch that never go back. */
  readonly steady: () => number
  /** Seconds since 1970. */
  readonly wall: () => number
  /** When the ledger took a revoke, or undefined while it has not. */
  readonly onLedger: (
    revoke: Pick<RevokeDocument, 'consentId' | 'signer'>,
  ) => Promise<UnixSeconds | undefined>
}

/** Measures at the inboxes of these institutions from now on. */
export function revokeTimes(
  houses: Iterable<Pick<Hosted, 'institution' | 'serve'>>,
  { steady, wall, onLedger }: RevokeClocks,
): () => Promise<OperationsAnswer['revokes']> {
  const seconds: number[] = []
  const pending = new Map<string, { readonly revoke: RevokeDocument; readonly began: number }>()
  const measured = (took: number): void => {
    seconds.push(took)
    if (seconds.length > KEPT) seconds.shift()
  }
  for (const { institution, serve } of houses) {
    serve({
      revoke: async (body) => {
        const [began, at] = [steady(), wall()]
        const reply = await institution.handle('revoke', isJson(body) ? body : null)
        if (!isRecord(reply)) return {}
        const asked = Value.Check(MESSAGE_BODIES.revoke, body) && !body.gossip ? body : undefined
        if (asked !== undefined && reply['seen'] === 'new') {
          if (reply['block'] !== null) measured(steady() - began)
          else pending.set(asked.revoke.consentId, { revoke: asked.revoke, began: at })
        }
        return reply
      },
    })
  }
  /** Takes out what the ledger has by now. */
  const settle = async (): Promise<void> => {
    for (const [id, { revoke, began }] of [...pending]) {
      const at = await onLedger(revoke)
      if (at !== undefined && pending.delete(id)) measured(Math.max(0, at - began))
    }
  }
  return async () => {
    await settle()
    const sorted = seconds.toSorted((a, b) => a - b)
    const at = (share: number): number | null =>
      sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
    return {
      measured: sorted.length,
      pending: pending.size,
      median_seconds: at(0.5),
      p99_seconds: at(0.99),
      slowest_seconds: at(1),
    }
  }
}

/** A body came out of the bytes of a request a moment ago. */
function isJson(value: unknown): value is Json {
  return value !== undefined
}

function isRecord(value: Json): value is Readonly<Record<string, Json>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
