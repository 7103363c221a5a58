/**
 * Waits until an institution serves: asked over HTTPS, by the certificate that its address names.
 */

import type { HttpsCarrier, Peer } from '../../transport/index.ts'
import { fromUtf8, IsletError, isIsletError } from '../../vocabulary/index.ts'

const LIMIT_MS = 20_000
const BETWEEN_MS = 100

/** Resolves when `/readyz` says so. Throws `INSTITUTION_NOT_READY` after 20 s. */
export async function readyOverHttps(peer: Peer, carry: HttpsCarrier['carry']): Promise<void> {
  const request = {
    method: 'GET',
    url: `${peer.origin}/readyz`,
    headers: { host: new URL(peer.origin).host },
    body: new Uint8Array(0),
  } as const
  const until = performance.now() + LIMIT_MS
  for (;;) {
    try {
      const { status, body } = await carry(peer, request)
      if (status === 200 && /"status":"ready"/.test(fromUtf8(body))) return
    } catch (error) {
      if (!isIsletError(error, 'PEER_UNREACHABLE', 'PEER_TOO_SLOW')) throw error
    }
    if (performance.now() > until) {
      throw new IsletError('INSTITUTION_NOT_READY', 'an institution does not come up', {
        institution: peer.institution,
      })
    }
    await new Promise((resolve) => setTimeout(resolve, BETWEEN_MS))
  }
}
