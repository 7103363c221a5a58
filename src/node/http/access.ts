/**
 * The door of the HTTP face: size, place, signature, role and budget, in that order, before a body is read.
 *
 * Law: deny by default: who proves nothing is anonymous, and anonymous must stand in the route's row.
 */
import type { FastifyRequest } from 'fastify'
import { type Caller, mayEnter, type Route, type WireRequest } from '../../api/index.ts'
import {
  type Admitted,
  admitHead,
  type Endpoint,
  type Gate,
  MESSAGE_LIMIT_BYTES,
  plainHeaders,
  type Quota,
  refusal,
  STRANGER_LIMIT_BYTES,
} from '../../transport/index.ts'
import { institutionId } from '../../vocabulary/index.ts'
import { isLoopbackHost, isLoopbackPeer } from './hosts.ts'

export interface Access {
  readonly caller: Caller
  /** Present when the request was signed. */
  readonly admitted?: Admitted
  /** The institution addressed, where the path names one that is hosted here. */
  readonly endpoint?: Endpoint
  readonly wire: Omit<WireRequest, 'body'>
}

export interface AccessParts {
  readonly gate: Gate
  readonly endpoints: () => readonly Endpoint[]
  /** Host names under which the node is reached beside loopback ones. */
  readonly hosts: readonly string[]
  readonly quota: Quota
}

/** The head of a request as it stood on the wire. */
export function wireHead(request: FastifyRequest, gate: Gate): Omit<WireRequest, 'body'> {
  const target = request.raw.url ?? '/'
  return {
    method: request.method,
    url: `${gate.origin()}${target.startsWith('/') ? target : '/'}`,
    headers: plainHeaders(request.raw.headersDistinct),
  }
}

/** The institution that a path names, if it is hosted here. */
export function endpointOf(request: FastifyRequest, parts: AccessParts): Endpoint | undefined {
  const named = request.params
  if (typeof named !== 'object' || named === null || !('institution' in named)) return undefined
  const text = String(named.institution)
  if (!/^0x[0-9a-f]{64}$/.test(text)) return undefined
  const id = institutionId(text)
  return parts.endpoints().find((endpoint) => endpoint.institution === id)
}

/** Lets a request in, or throws the refusal. */
export async function enter(request: FastifyRequest, route: Route, parts: AccessParts): Promise<Access> {
  const { host } = request.headers
  checkLength(request, route)
  if (route.loopback && !(isLoopbackHost(host) && isLoopbackPeer(request.socket.remoteAddress))) {
    throw refusal('LOOPBACK_ONLY')
  }
  const endpoint = endpointOf(request, parts)
  if (route.params !== undefined && 'institution' in route.params.properties && endpoint === undefined) {
    throw refusal('INSTITUTION_NOT_HERE')
  }
  const gate = endpoint?.gate ?? parts.gate
  const wire = wireHead(request, gate)
  const here = endpoint === undefined ? { wire } : { wire, endpoint }
  if (wire.headers['signature'] === undefined && wire.headers['signature-input'] === undefined) {
    if (route.tag === 'messages' || !mayEnter(route.roles, [])) throw refusal('SIGNATURE_MISSING')
    spend(parts.quota, `address ${request.ip}`, route.weight)
    return { ...here, caller: { roles: [] } }
  }
  const admitted = await admitHead(wire, gate)
  if (!admitted.ok) throw refusal(admitted.code)
  const { proof, party, roles } = admitted
  if (!mayEnter(route.roles, roles)) {
    throw refusal(
      party === undefined
        ? 'PARTY_UNKNOWN'
        : party.state === 'suspended'
          ? 'PARTY_SUSPENDED'
          : 'ROLE_NOT_ALLOWED',
    )
  }
  const declared = Number(request.headers['content-length'] ?? 0)
  if (declared > (roles.length === 0 ? STRANGER_LIMIT_BYTES : MESSAGE_LIMIT_BYTES))
    throw refusal('BODY_TOO_LARGE')
  spend(parts.quota, party === undefined ? `address ${request.ip}` : proof.keyId, route.weight)
  const institution = party?.institution === undefined ? {} : { institution: party.institution }
  return { ...here, admitted, caller: { roles, keyId: proof.keyId, ...institution } }
}

/** A body is read only when its length was said, is allowed, and is not an encoding of something longer. */
function checkLength(request: FastifyRequest, route: Route): void {
  const { headers } = request
  if (headers['content-encoding'] !== undefined) throw refusal('CONTENT_ENCODED')
  if (headers['transfer-encoding'] !== undefined) throw refusal('LENGTH_REQUIRED')
  const declared = Number(headers['content-length'] ?? 0)
  if (route.method === 'POST' && headers['content-length'] === undefined) throw refusal('LENGTH_REQUIRED')
  if (!(declared <= route.limit)) throw refusal('BODY_TOO_LARGE')
}

function spend(quota: Quota, sender: string, weight: number): void {
  const wait = weight === 0 ? 0 : quota.take(sender, weight)
  if (wait > 0) throw refusal('RATE_LIMITED', { retryAfterSeconds: Math.ceil(wait) })
}
