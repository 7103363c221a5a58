/**
 * The HTTP face of a node: every route of the contract and nothing else, over plain HTTP on loopback or over TLS.
 *
 * Law: a route beside the table, or a row of it without a handler, keeps the server from starting. What is refused, and how, is
 * told by `islet.error/1` (or FHIR's OperationOutcome when asked for); answers to signed requests are signed.
 */
import { randomBytes } from 'node:crypto'
import type { AddressInfo, Socket } from 'node:net'
import helmet from '@fastify/helmet'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify'
import {
  errorDocument,
  type Handlers,
  type MessageSigner,
  operationOutcome,
  ROUTE_NAMES,
  type Route,
  type RouteName,
  routeOf,
  signResponse,
  statusOf,
  type WireResponse,
} from '../../api/index.ts'
import { IsletError, isIsletError, quantity, type UnixSeconds, utf8 } from '../../vocabulary/index.ts'
import type { PageAssets } from '../page/assets.ts'
import { admitBody, type Gate } from '../transport/admission.ts'
import type { Endpoint } from '../transport/endpoint.ts'
import { createQuota, type QuotaSize } from '../transport/quota.ts'
import { refusal } from '../transport/refusals.ts'
import { coerced, misfit } from '../transport/validator.ts'
import { type Access, type AccessParts, endpointOf, enter, wireHead } from './access.ts'
import { eventStream } from './event-stream.ts'
import { isOwnHost } from './hosts.ts'
import { createLog } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { ownHandlers, type ReadyCheck } from './own-handlers.ts'
import type { StoryBoard } from './story-board.ts'

export interface ServerParts {
  readonly handlers: Handlers
  readonly story: StoryBoard
  readonly page: PageAssets
  /** Version of the package, for the contract. */
  readonly version: string
  /** Institutions whose inbox is here. */
  readonly endpoints: () => readonly Endpoint[]
  /** For requests that address no institution. */
  readonly gate: Gate
  readonly signer: MessageSigner
  readonly ready: () => Promise<readonly ReadyCheck[]>
  /** Host names beside loopback ones. */
  readonly hosts?: readonly string[]
  readonly tls?: { readonly key: string; readonly certificate: string }
  readonly log?: ReturnType<typeof createLog>
  readonly metrics?: Metrics
  readonly limits?: ServerLimits
}

export interface ServerLimits {
  /** Budget per caller: what a full bucket holds, and what flows in per second. */
  readonly budget?: QuotaSize
  /** Time in which a whole request must have come in, in milliseconds. */
  readonly requestMs?: number
  /** Time in which its head must have come in, in milliseconds. */
  readonly headMs?: number
  /** Event streams open at once. */
  readonly streams?: number
  readonly connections?: number
  /** How long requests under way may take to end when the node stops, in milliseconds. */
  readonly closingMs?: number
}

export interface NodeServer {
  readonly app: FastifyInstance
  readonly metrics: Metrics
  /** Listens and returns the origin. Throws the system's EADDRINUSE when the port is taken. */
  readonly listen: (at: { readonly host: string; readonly port: number }) => Promise<string>
  /** Stops taking requests, lets those under way end, then closes. */
  readonly close: () => Promise<void>
}

declare module 'fastify' {
  interface FastifyRequest {
    access?: Access
    began?: bigint
  }
}

const NO_BODY = Buffer.alloc(0)

/** Builds the server; it listens when told to. Throws `ROUTE_NOT_IN_TABLE`, `ROUTE_WITHOUT_HANDLER`. */
export async function createServer(parts: ServerParts): Promise<NodeServer> {
  const log = parts.log ?? createLog('info')
  const metrics = parts.metrics ?? createMetrics()
  const limits = parts.limits ?? {}
  const stop = new AbortController()
  const requestMs = limits.requestMs ?? 30_000
  const headMs = limits.headMs ?? 10_000
  const access: AccessParts = {
    gate: parts.gate,
    endpoints: parts.endpoints,
    hosts: parts.hosts ?? [],
    quota: createQuota(limits.budget ?? { burst: 600, perSecond: 20 }, () => performance.now() / 1000),
  }
  const transport = {
    maxHeaderSize: 16 * 1024,
    headersTimeout: headMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(1_000, headMs / 2),
  }
  const options = {
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    requestTimeout: requestMs,
    keepAliveTimeout: 15_000,
    bodyLimit: 1024,
    exposeHeadRoutes: false,
    routerOptions: { caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 120 },
    forceCloseConnections: 'idle',
    genReqId: () => randomBytes(8).toString('hex'),
    clientErrorHandler: answerBrokenClient,
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) => {
      refuse(error, request, reply, metrics)
    },
  } as const
  const app: FastifyInstance =
    parts.tls === undefined
      ? asPlain(fastify({ ...options, http: transport }))
      : asPlain(
          fastify({
            ...options,
            https: { ...transport, key: parts.tls.key, cert: parts.tls.certificate, minVersion: 'TLSv1.3' },
          }),
        )
  app.server.maxConnections = limits.connections ?? 1_000

  const byPlace = new Map(ROUTE_NAMES.map((name) => [place(routeOf(name)), name]))
  app.addHook('onRoute', ({ method, url }) => {
    if (!byPlace.has(`${String(method)} ${url}`)) {
      throw new IsletError('ROUTE_NOT_IN_TABLE', 'a route beside the table of routes', {
        method: String(method),
        url,
      })
    }
  })
  await secure(app, parts.tls !== undefined)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body))

  app.addHook('onRequest', async (request, reply) => {
    request.began = process.hrtime.bigint()
    reply.header('request-id', request.id)
    if (stop.signal.aborted) throw refusal('SHUTTING_DOWN')
    if (!isOwnHost(request.headers.host, access.hosts)) throw refusal('HOST_REFUSED')
    const name = nameOf(request, byPlace)
    if (name === undefined) throw unknownPlace(request, reply)
    request.access = await enter(request, routeOf(name), access)
  })
  app.addHook('onSend', async (request, reply, payload) => signed(request, reply, payload, access, parts))
  app.addHook('onResponse', async (request, reply) => {
    const took = request.began === undefined ? 0 : Number(process.hrtime.bigint() - request.began) / 1e9
    const route = nameOf(request, byPlace) ?? 'none'
    metrics.request(route, request.method, reply.statusCode, took)
    log.info({
      request: request.id,
      route,
      status: reply.statusCode,
      milliseconds: Math.round(took * 1e4) / 10,
      roles: request.access?.caller.roles ?? [],
    })
  })
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply, metrics))
  // Only reached past the hook above if the framework itself gives up on a path.
  app.setNotFoundHandler((request, reply) => refuse(refusal('ROUTE_UNKNOWN'), request, reply, metrics))

  const own = ownHandlers({ ...parts, metrics, stopping: () => stop.signal.aborted })
  const all: Readonly<Record<string, unknown>> = { ...parts.handlers, ...own }
  let streams = 0
  for (const name of ROUTE_NAMES) {
    const route = routeOf(name)
    const handler = all[name]
    if (name !== 'messages' && typeof handler !== 'function') {
      throw new IsletError('ROUTE_WITHOUT_HANDLER', 'a row of the table of routes has no handler', {
        route: name,
      })
    }
    app.route({
      method: route.method,
      url: pattern(route),
      bodyLimit: Math.max(route.limit, 1),
      handler: async (request, reply) => {
        if (name === 'messages') return inbox(request, reply)
        const { caller, admitted } = request.access ?? { caller: { roles: [] } }
        if (admitted !== undefined) {
          const gate = request.access?.endpoint?.gate ?? parts.gate
          const body = await admitBody(
            { headers: wireHead(request, gate).headers, body: NO_BODY },
            admitted.proof,
            gate,
          )
          if (!body.ok) throw refusal(body.code)
        }
        const params = fitting(route.params, request.params, 'path')
        const query = fitting(route.query, request.query, 'query')
        const gone = new AbortController()
        reply.raw.on('close', () => gone.abort())
        const signal = AbortSignal.any([gone.signal, stop.signal])
        const result: unknown =
          typeof handler === 'function'
            ? handler({ params, query, body: undefined, caller, signal })
            : undefined
        if (route.produces === 'text/event-stream') {
          if (!isEvents(result)) throw refusal('ANSWER_OUTSIDE_CONTRACT')
          if (streams >= (limits.streams ?? 64)) throw refusal('TOO_BUSY', { retryAfterSeconds: 30 })
          streams += 1
          metrics.streams(1)
          reply.raw.on('close', () => {
            streams -= 1
            metrics.streams(-1)
          })
          return reply
            .type('text/event-stream')
            .header('cache-control', 'no-store')
            .header('x-accel-buffering', 'no')
            .send(eventStream(result))
        }
        return answer(name, route, await result, reply)
      },
    })
  }

  return {
    app,
    metrics,
    listen: async ({ host, port }) => {
      await app.listen({ host, port })
      const address = app.server.address()
      const bound = isAddress(address) ? address.port : port
      const shown = host === '0.0.0.0' || host === '::' || host === '127.0.0.1' ? '127.0.0.1' : host
      return `${parts.tls === undefined ? 'http' : 'https'}://${shown.includes(':') ? `[${shown}]` : shown}:${bound}`
    },
    close: async () => {
      stop.abort()
      const patience = setTimeout(() => app.server.closeAllConnections(), limits.closingMs ?? 5_000)
      // Connections that fall idle once their last answer has left would else be kept for the next question.
      const sweep = setInterval(() => app.server.closeIdleConnections(), 50)
      await app.close().finally(() => {
        clearTimeout(patience)
        clearInterval(sweep)
      })
    },
  }
}

async function secure(app: FastifyInstance, tls: boolean): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: tls ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
  })
  app.addHook('onRequest', async (_, reply) => {
    reply.header('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=(), usb=()')
  })
}

/** The inbox takes the bytes as they came and answers with bytes that are signed already. */
async function inbox(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { access } = request
  if (access?.endpoint === undefined) throw refusal('INSTITUTION_NOT_HERE')
  const body = Buffer.isBuffer(request.body) ? request.body : NO_BODY
  const response = await access.endpoint.receive({ ...access.wire, body }, access.admitted)
  return reply.code(response.status).headers(response.headers).send(Buffer.from(response.body))
}

async function answer(
  name: RouteName,
  route: Route,
  result: unknown,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (route.produces === 'application/octet-stream') {
    if (!(result instanceof Uint8Array)) throw refusal('ANSWER_OUTSIDE_CONTRACT')
    return reply.type(route.produces).header('cache-control', 'no-store').send(Buffer.from(result))
  }
  if (misfit(route.answer, result) !== undefined) throw refusal('ANSWER_OUTSIDE_CONTRACT')
  const kept = route.tag === 'pages'
  reply.header('cache-control', kept ? 'no-cache' : 'no-store')
  if (name === 'ready' && isNotReady(result)) reply.code(503)
  const charset =
    route.produces.startsWith('text/') || route.produces === 'application/json' ? '; charset=utf-8' : ''
  reply.type(`${route.produces}${charset}`)
  return reply.send(route.produces === 'application/json' ? JSON.stringify(result) : String(result))
}

/** Answers to signed requests are signed, refusals included; streams are not (their length is unknown). */
async function signed(
  request: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  access: AccessParts,
  parts: ServerParts,
): Promise<unknown> {
  if (request.headers['signature'] === undefined || reply.hasHeader('signature')) return payload
  const body =
    typeof payload === 'string' ? utf8(payload) : payload instanceof Uint8Array ? payload : undefined
  if (body === undefined) return payload
  const endpoint = request.access?.endpoint ?? endpointOf(request, access)
  const gate = endpoint?.gate ?? parts.gate
  const response: WireResponse = await signResponse(
    { status: reply.statusCode, headers: {}, body },
    wireHead(request, gate),
    { signer: endpoint?.signer ?? parts.signer, sha256: gate.sha256, now: quantity<UnixSeconds>(gate.now()) },
  )
  reply.headers(response.headers)
  return payload
}

/** Codes of the framework in our words. */
const FRAMEWORK_CODES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'CONTENT_TYPE_UNKNOWN',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'REQUEST_MALFORMED',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_NOT_JSON',
  FST_ERR_BAD_URL: 'REQUEST_MALFORMED',
  FST_ERR_MAX_PARAM_LENGTH: 'ROUTE_UNKNOWN',
}

function refuse(
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
function answerBrokenClient(error: Error & { code?: string }, socket: Socket): void {
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
function unknownPlace(request: FastifyRequest, reply: FastifyReply): IsletError {
  const path = request.raw.url?.split('?')[0] ?? ''
  const other = ROUTE_NAMES.map(routeOf).find((route) => shapeOf(route).test(path))
  if (other === undefined) return refusal('ROUTE_UNKNOWN')
  reply.header('allow', other.method)
  return refusal('METHOD_NOT_ALLOWED')
}

function shapeOf(route: Route): RegExp {
  return new RegExp(`^${route.path.replace(/\./g, '\\.').replace(/\{\w+\}/g, '[^/]+')}$`)
}

function fitting(schema: Route['params'], given: unknown, where: string): unknown {
  const { value, place } = coerced(schema, given)
  if (place !== undefined)
    throw new IsletError(
      'REQUEST_INVALID',
      'the request does not fit the contract',
      {},
      { at: { field: `${where}${place}` }, remedy: 'compare it with /docs' },
    )
  return value
}

function pattern(route: Route): string {
  return route.path.replace(/\{(\w+)\}/g, ':$1')
}

function place(route: Route): string {
  return `${route.method} ${pattern(route)}`
}

function nameOf(request: FastifyRequest, byPlace: ReadonlyMap<string, RouteName>): RouteName | undefined {
  return byPlace.get(`${request.method} ${request.routeOptions.url ?? ''}`)
}

function isEvents(value: unknown): value is AsyncIterable<{ readonly type: string }> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

function isNotReady(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'status' in value && value.status === 'not-ready'
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

/** Fastify's types tell loggers and TLS servers apart; what we use of each is the same. */
function asPlain(app: unknown): FastifyInstance {
  return app as FastifyInstance
}
