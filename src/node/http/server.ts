/**
 * The HTTP face of a node: every route of the contract and nothing else, over plain HTTP on loopback or over TLS.
 *
 * Law: a route beside the table, or a row of it without a handler, keeps the server from starting. What is refused, and how, is
 * told by `islet.error/1` (or FHIR's OperationOutcome when asked for); answers to signed requests are signed.
 */
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import helmet from '@fastify/helmet'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify'
import {
  type Handlers,
  type MessageSigner,
  ROUTE_NAMES,
  type Route,
  type RouteName,
  routeOf,
} from '../../api/index.ts'
import {
  admitBody,
  coerced,
  createQuota,
  type Endpoint,
  type Gate,
  misfit,
  type QuotaSize,
  refusal,
} from '../../transport/index.ts'
import { fromUtf8, IsletError } from '../../vocabulary/index.ts'
import type { PageAssets } from '../page/assets.ts'
import { type Access, type AccessParts, enter, wireHead } from './access.ts'
import { answer, signed } from './answers.ts'
import { eventStream } from './event-stream.ts'
import { isOwnHost } from './hosts.ts'
import { createLog } from './log.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { ownHandlers, type ReadyCheck } from './own-handlers.ts'
import { answerBrokenClient, refuse, unknownPlace } from './refuse.ts'
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
  app.addHook('onSend', async (request, reply, payload) =>
    signed(request, reply, payload, access, parts.signer),
  )
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
          const admittedBody = await admitBody(
            { headers: wireHead(request, gate).headers, body: bytesOf(request) },
            admitted.proof,
            gate,
          )
          if (!admittedBody.ok) throw refusal(admittedBody.code)
        }
        const params = fitting(route.params, request.params, 'path')
        const query = fitting(route.query, request.query, 'query')
        const body = route.body === undefined ? undefined : bodyOf(route.body, bytesOf(request))
        const gone = new AbortController()
        reply.raw.on('close', () => gone.abort())
        const signal = AbortSignal.any([gone.signal, stop.signal])
        const result: unknown =
          typeof handler === 'function' ? handler({ params, query, body, caller, signal }) : undefined
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
        manifestSrc: ["'self'"],
        workerSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"],
        requireTrustedTypesFor: ["'script'"],
        // The one policy there is names the app's worker (src/web/shared/install.ts).
        trustedTypes: ['islet-worker'],
      },
    },
    strictTransportSecurity: tls ? { maxAge: 31_536_000 } : false,
    referrerPolicy: { policy: 'no-referrer' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    frameguard: { action: 'deny' },
  })
  app.addHook('onRequest', async (_, reply) => {
    reply.header('permissions-policy', 'camera=(self), geolocation=(), microphone=(), payment=(), usb=()')
  })
}

/** The inbox takes the bytes as they came and answers with bytes that are signed already. */
async function inbox(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { access } = request
  if (access?.endpoint === undefined) throw refusal('INSTITUTION_NOT_HERE')
  const response = await access.endpoint.receive({ ...access.wire, body: bytesOf(request) }, access.admitted)
  return reply.code(response.status).headers(response.headers).send(Buffer.from(response.body))
}

function bytesOf(request: FastifyRequest): Uint8Array {
  return Buffer.isBuffer(request.body) ? request.body : NO_BODY
}

/** The document in a body, held to its schema. Throws `REQUEST_INVALID`. */
function bodyOf(schema: NonNullable<Route['body']>, bytes: Uint8Array): unknown {
  const value = documentIn(bytes)
  const place = value === undefined ? '/' : misfit(schema, value)?.field
  if (place !== undefined) throw outside(`body${place}`)
  return value
}

function documentIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes))
  } catch {
    return undefined
  }
}

function fitting(schema: Route['params'], given: unknown, where: string): unknown {
  const { value, place } = coerced(schema, given)
  if (place !== undefined) throw outside(`${where}${place}`)
  return value
}

function outside(field: string): IsletError {
  return new IsletError(
    'REQUEST_INVALID',
    'the request does not fit the contract',
    {},
    { at: { field }, remedy: 'compare it with /docs' },
  )
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

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

/** Fastify's types tell loggers and TLS servers apart; what we use of each is the same. */
function asPlain(app: unknown): FastifyInstance {
  return app as FastifyInstance
}
