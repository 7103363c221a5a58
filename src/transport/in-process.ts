/**
 * Institutions in one process: the very bytes that would go over TLS, handed from one inbox to the other.
 *
 * Law: nothing but bytes crosses; sender and receiver share no object.
 */
import type { WireRequest, WireResponse } from '../api/index.ts'
import { type InstitutionId, IsletError } from '../vocabulary/index.ts'
import type { Peer } from './courier.ts'
import type { Endpoint } from './endpoint.ts'

export interface InProcessNetwork {
  readonly join: (endpoint: Endpoint) => void
  readonly leave: (institution: InstitutionId) => void
  /** The `carry` of a courier. */
  readonly carry: (peer: Peer, request: WireRequest) => Promise<WireResponse>
}

/** A network inside this process; `timeoutMs` is how long a sender waits. */
export function inProcessNetwork({
  timeoutMs = 30_000,
}: {
  readonly timeoutMs?: number
} = {}): InProcessNetwork {
  const endpoints = new Map<InstitutionId, Endpoint>()
  return {
    join: (endpoint) => void endpoints.set(endpoint.institution, endpoint),
    leave: (institution) => void endpoints.delete(institution),
    carry: async (peer, request) => {
      const endpoint = endpoints.get(peer.institution)
      if (endpoint === undefined) {
        throw new IsletError('PEER_UNREACHABLE', 'the institution does not answer', {
          institution: peer.institution,
        })
      }
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(
          () =>
            reject(
              new IsletError('PEER_TOO_SLOW', 'the institution did not answer in time', {
                institution: peer.institution,
              }),
            ),
          timeoutMs,
        )
      })
      const answer = endpoint.receive(copyOf(request)).then((response) => ({
        ...response,
        headers: { ...response.headers },
        body: response.body.slice(),
      }))
      return Promise.race([answer, late]).finally(() => clearTimeout(timer))
    },
  }
}

function copyOf({ method, url, headers, body }: WireRequest): WireRequest {
  return { method, url, headers: { ...headers }, body: body.slice() }
}
