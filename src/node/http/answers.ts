/**
 * How answers leave: in the form their row of the table promises, and signed when the request was.
 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  isBytes,
  type MessageSigner,
  type Route,
  type RouteName,
  signResponse,
  type WireResponse,
} from '../../api/index.ts'
import { misfit, refusal } from '../../transport/index.ts'
import { quantity, type UnixSeconds, utf8 } from '../../vocabulary/index.ts'
import { type AccessParts, endpointOf, wireHead } from './access.ts'

/** Sends what a handler answered; throws `ANSWER_OUTSIDE_CONTRACT` rather than let anything else leave. */
export async function answer(
  name: RouteName,
  route: Route,
  result: unknown,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const kept = route.tag === 'pages'
  reply.header('cache-control', kept ? 'no-cache' : 'no-store')
  if (isBytes(route)) {
    if (!(result instanceof Uint8Array)) throw refusal('ANSWER_OUTSIDE_CONTRACT')
    return reply.type(route.produces).send(Buffer.from(result))
  }
  if (misfit(route.answer, result) !== undefined) throw refusal('ANSWER_OUTSIDE_CONTRACT')
  if (name === 'ready' && isNotReady(result)) reply.code(503)
  const charset =
    route.produces.startsWith('text/') || route.produces === 'application/json' ? '; charset=utf-8' : ''
  reply.type(`${route.produces}${charset}`)
  return reply.send(route.produces === 'application/json' ? JSON.stringify(result) : String(result))
}

/** Answers to signed requests are signed, refusals included; streams are not (their length is unknown). */
export async function signed(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  access: AccessParts,
  signer: MessageSigner,
): Promise<unknown> {
  if (request.headers['signature'] === undefined || reply.hasHeader('signature')) return payload
  const body =
    typeof payload === 'string' ? utf8(payload) : payload instanceof Uint8Array ? payload : undefined
  if (body === undefined) return payload
  const endpoint = request.access?.endpoint ?? endpointOf(request, access)
  const gate = endpoint?.gate ?? access.gate
  const response: WireResponse = await signResponse(
    { status: reply.statusCode, headers: {}, body },
    wireHead(request, gate),
    { signer: endpoint?.signer ?? signer, sha256: gate.sha256, now: quantity<UnixSeconds>(gate.now()) },
  )
  reply.headers(response.headers)
  return payload
}

function isNotReady(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'status' in value && value.status === 'not-ready'
}
