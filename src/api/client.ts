/**
 * The typed client: one function per route, made from the table; for browsers and programs alike.
 *
 * Law: an answer that does not fit the contract is refused, not used; a refusal by the server is thrown with its own code.
 */
import { Check } from 'typebox/schema'
import { fromUtf8, IsletError, quantity, type UnixSeconds, utf8 } from '../vocabulary/index.ts'
import type { Sha256 } from './content-digest.ts'
import { ErrorDocument } from './error-document.ts'
import { readEvents } from './event-reader.ts'
import { isBytes } from './route.ts'
import {
  fillPath,
  ROUTE_NAMES,
  type RouteAnswer,
  type RouteBody,
  type RouteName,
  type RouteParams,
  type RouteQuery,
  routeOf,
  type StreamName,
} from './routes.ts'
import type { WireRequest } from './signature-base.ts'
import { type MessageSigner, type SignatureVerifier, signRequest } from './signed-request.ts'
import { verifyResponse } from './signed-response.ts'

export interface ClientMeans {
  /** As in https://10.0.0.7:7443; without a slash at the end. */
  readonly origin: string
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>
  /** Given by who has a key; requests are then signed, and answers must be signed by `answersBy`. */
  readonly identity?: {
    readonly signer: MessageSigner
    readonly verifier: SignatureVerifier
    readonly sha256: Sha256
    /** Seconds since 1970. */
    readonly now: () => number
    readonly random: (length: number) => Uint8Array
    /** Key id of who answers there. */
    readonly answersBy: string
  }
  readonly signal?: AbortSignal
}

type Part<Name extends string, T> = [T] extends [undefined]
  ? { readonly [K in Name]?: undefined }
  : { readonly [K in Name]: T }
/** What a route wants: only the parts that it has. */
export type ClientInput<Name extends RouteName> = Part<'params', RouteParams<Name>> &
  Part<'query', RouteQuery<Name>> &
  Part<'body', RouteBody<Name>>

type Input<Name extends RouteName> =
  Record<never, never> extends ClientInput<Name> ? [input?: ClientInput<Name>] : [input: ClientInput<Name>]

export type Client = {
  readonly [Name in RouteName]: (
    ...input: Input<Name>
  ) => Name extends StreamName ? AsyncIterable<RouteAnswer<Name>> : Promise<RouteAnswer<Name>>
}

interface AnyInput {
  readonly params?: Readonly<Record<string, string | number>> | undefined
  readonly query?: Readonly<Record<string, string | number | undefined>> | undefined
  readonly body?: unknown
}

/** A client of one node. */
export function createClient(means: ClientMeans): Client {
  const calls = ROUTE_NAMES.map((name) => {
    const stream = routeOf(name).produces === 'text/event-stream'
    return [
      name,
      (input: AnyInput = {}) => (stream ? streamed(name, input, means) : called(name, input, means)),
    ]
  })
  return toClient(Object.fromEntries(calls))
}

/** The table makes one function per name; that they fit is what the table's types say. */
function toClient(calls: object): Client {
  if (!isClient(calls)) throw new IsletError('CLIENT_INCOMPLETE', 'the table of routes is incomplete')
  return calls
}

function isClient(calls: object): calls is Client {
  return ROUTE_NAMES.every((name) => Object.hasOwn(calls, name))
}

async function exchange(name: RouteName, input: AnyInput, means: ClientMeans): Promise<Response> {
  const route = routeOf(name)
  const search = new URLSearchParams()
  for (const [key, value] of Object.entries(input.query ?? {})) {
    if (value !== undefined) search.set(key, String(value))
  }
  const url = `${means.origin}${fillPath(route.path, input.params ?? {})}${search.size > 0 ? `?${search}` : ''}`
  const body = input.body === undefined ? new Uint8Array(0) : utf8(JSON.stringify(input.body))
  const headers = {
    accept: route.produces,
    ...(body.length > 0 ? { 'content-type': 'application/json' } : {}),
  }
  const bare: WireRequest = { method: route.method, url, headers, body }
  const { identity } = means
  const request =
    identity === undefined
      ? bare
      : await signRequest(bare, { ...identity, now: () => quantity<UnixSeconds>(identity.now()) })
  const response = await means.fetch(url, {
    method: route.method,
    headers: { ...request.headers },
    redirect: 'error',
    ...(body.length > 0 ? { body } : {}),
    ...(means.signal === undefined ? {} : { signal: means.signal }),
  })
  if (identity === undefined || route.produces === 'text/event-stream') return response
  const bytes = new Uint8Array(await response.arrayBuffer())
  const proven = await verifyResponse(
    { status: response.status, headers: Object.fromEntries(response.headers), body: bytes },
    request,
    identity.answersBy,
    { ...identity, now: quantity<UnixSeconds>(identity.now()) },
  )
  if (!proven.ok) {
    throw new IsletError('PEER_ANSWER_UNVERIFIED', 'the answer is not signed by who was asked', {
      reason: proven.code,
    })
  }
  return new Response(bytes, { status: response.status, headers: response.headers })
}

async function called(name: RouteName, input: AnyInput, means: ClientMeans): Promise<unknown> {
  const route = routeOf(name)
  const response = await exchange(name, input, means)
  const bytes = new Uint8Array(await response.arrayBuffer())
  // Readiness says no with its own document; every other refusal is the document of refusals.
  if (response.status !== 200 && !(name === 'ready' && response.status === 503))
    throw refused(response.status, bytes)
  if (isBytes(route)) return bytes
  const value: unknown = route.produces === 'application/json' ? parse(bytes) : fromUtf8(bytes)
  if (!Check(route.answer, value)) {
    throw new IsletError('ANSWER_OUTSIDE_CONTRACT', 'the answer does not fit the contract', { route: name })
  }
  return value
}

async function* streamed(name: RouteName, input: AnyInput, means: ClientMeans): AsyncGenerator<unknown> {
  const route = routeOf(name)
  const response = await exchange(name, input, means)
  if (response.status !== 200 || response.body === null) {
    throw refused(response.status, new Uint8Array(await response.arrayBuffer()))
  }
  for await (const data of readEvents(response.body)) {
    const value = parse(utf8(data))
    if (!Check(route.answer, value)) {
      throw new IsletError('ANSWER_OUTSIDE_CONTRACT', 'an event does not fit the contract', { route: name })
    }
    yield value
  }
}

function refused(status: number, bytes: Uint8Array): IsletError {
  const value = parse(bytes)
  if (!Check(ErrorDocument, value)) {
    return new IsletError('ANSWER_OUTSIDE_CONTRACT', 'the refusal does not fit the contract', { status })
  }
  const { code, message, at, remedy } = value.error
  const place = { ...at }
  return new IsletError(
    code,
    message,
    { status },
    {
      ...(at === undefined ? {} : { at: JSON.parse(JSON.stringify(place)) }),
      ...(remedy === undefined ? {} : { remedy }),
    },
  )
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes))
  } catch {
    return undefined
  }
}
