/**
 * How long revokes take from an inbox of this node to the ledger, as measured since it began.
 *
 * Law: durations only; which consent a revoke is of is not kept. A revoke that was seen before counts once.
 */
import type { OperationsAnswer } from '../../api/index.ts'
import type { Json } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'

/** Durations that are kept, the newest. */
const KEPT = 10_000

/** Measures at the inboxes of these institutions from now on. `clock`: seconds of any epoch that never go back. */
export function revokeTimes(
  houses: Iterable<Pick<Hosted, 'institution' | 'serve'>>,
  clock: () => number,
): () => OperationsAnswer['revokes'] {
  const seconds: number[] = []
  let pending = 0
  for (const { institution, serve } of houses) {
    serve({
      revoke: async (body) => {
        const began = clock()
        const reply = await institution.handle('revoke', isJson(body) ? body : null)
        if (!isRecord(reply)) return {}
        if (reply['seen'] === 'new') {
          if (reply['block'] === null) pending += 1
          else seconds.push(clock() - began)
          if (seconds.length > KEPT) seconds.shift()
        }
        return reply
      },
    })
  }
  return () => {
    const sorted = seconds.toSorted((a, b) => a - b)
    const at = (share: number): number | null =>
      sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? null
    return {
      measured: sorted.length,
      pending,
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
