/**
 * How refusals are told over HTTP: one document, one status per code, in FHIR's words when asked for them.
 */
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  errorDocument,
  operationOutcome,
  ROUTE_NAMES,
  type Route,
  routeOf,
  statusOf,
} from '../../api/index.ts'
import { refusal } from '../../transport/index.ts'
import { type IsletError, isIsletError } from '../../vocabulary/index.ts'
import type { Metrics } from './metrics.ts'

/** Codes of the framework in our words. */
const FRAMEWORK_CODES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'CONTENT_TYPE_UNKNOWN',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'REQUEST_MALFORMED',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_NOT_JSON',
  FST_ERR_BAD_URL: 'REQUEST_MALFORMED',
  FST_ERR_MAX_PARAM_LENGTH: 'ROUTE_UNKNOWN',
}

/** Answers with the refusal that an error is; what is no error of ours is logged and told nothing about. */
export function refuse(
  error: unknown,
  request: FastifyRequest,
  reply: FastifyReply,
  metrics: Metrics,
): FastifyReply {
  const known = isIsletError(error) ? error : ofFramework(error)
  const document = errorDocument(known)
  const { code } = document.error
  metrics.refusal(code)
  if (code === 'UNEXPECTED') request.log.error({ request: request.id, error })
  else request.log.debug({ request: request.id, code })
  const wait = isIsletError(known) ? known.facts['retryAfterSeconds'] : undefined
  if (typeof wait === 'number') reply.header('retry-after', String(wait))
  const fhir = request.headers.accept?.includes('application/fhir+json') === true
  return reply
    .code(statusOf(code).http)
    .header('cache-control', 'no-store')
    .type(fhir ? 'application/fhir+json' : 'application/json; charset=utf-8')
    .send(JSON.stringify(fhir ? operationOutcome(document.error) : document))
}

function ofFramework(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const ours = FRAMEWORK_CODES[code]
  return ours === undefined ? error : refusal(ours)
}

/** What is no HTTP, or came too slowly, never reaches a route: it is answered on the socket, and the socket closed. */
export function answerBrokenClient(error: Error & { code?: string }, socket: Socket): void {
  const code =
    error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
      ? 'REQUEST_TOO_SLOW'
      : error.code === 'HPE_HEADER_OVERFLOW'
        ? 'HEADERS_TOO_LARGE'
        : 'REQUEST_MALFORMED'
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const body = JSON.stringify(errorDocument(refusal(code)))
  const { http } = statusOf(code)
  socket.end(
    `HTTP/1.1 ${http} Refused\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** What is refused where the table has no row: the method, if the path takes another, else the path. */
export function unknownPlace(request: FastifyRequest, reply: FastifyReply): IsletError {
  const path = request.raw.url?.split('?')[0] ?? ''
  const other = ROUTE_NAMES.map(routeOf).find((route) => shapeOf(route).test(path))
  if (other === undefined) return refusal('ROUTE_UNKNOWN')
  reply.header('allow', other.method)
  return refusal('METHOD_NOT_ALLOWED')
}

function shapeOf(route: Route): RegExp {
  return new RegExp(`^${route.path.replace(/\./g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`)
}
