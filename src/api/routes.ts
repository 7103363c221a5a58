/**
 * Every address of the HTTP face in one table: method, path, who may enter, what goes in and out, what it costs.
 *
 * Law: deny by default. A path that is not here does not exist; a caller whose role is not named is refused; the server
 * refuses to start with a route beside this table or a handler missing from it. The OpenAPI document, the typed client
 * and the test of route × role are all made from it.
 */
import Type, { type Static, type TSchema } from 'typebox'
import {
  CodeField,
  ConsentIdField,
  CountField,
  Hash32Field,
  InstantField,
  InstitutionIdField,
  oneOf,
} from './fields.ts'
import { LEDGER_ROUTES } from './ledger-routes.ts'
import { EnvelopeShape, ReplyShape } from './messages.ts'
import { OPERATION_ROUTES } from './operations.ts'
import { PAGE_ROUTES } from './page-routes.ts'
import { DemoStaffAnswer, DemoStaffParams, PersonaAnswer, PersonaField, PersonasAnswer } from './personas.ts'
import * as recovery from './recovery.ts'
import { open, type Route } from './route.ts'
import { closed } from './shapes.ts'
import { Story, StoryEvent, StoryInstitution } from './story.ts'
import { STUDY_ROUTES } from './study/study-routes.ts'

export const HealthAnswer = Type.Object({ status: Type.Literal('alive') }, closed)
export const ReadyAnswer = Type.Object(
  {
    status: oneOf(['ready', 'not-ready'] as const),
    checks: Type.Array(
      Type.Object({ name: Type.String(), ok: Type.Boolean(), code: Type.Optional(CodeField) }, closed),
    ),
  },
  closed,
)
export const HeadAnswer = Type.Object(
  {
    chain_id: CountField,
    height: CountField,
    hash: Hash32Field,
    time: InstantField,
    engine: oneOf(['embedded', 'consortium'] as const),
    single_operator: Type.Boolean(),
  },
  { ...closed, description: 'The newest block that this node holds.' },
)
export const InstitutionsAnswer = Type.Object({ institutions: Type.Array(StoryInstitution) }, closed)
export const ConsentStateAnswer = Type.Object(
  {
    consent: ConsentIdField,
    state: oneOf(['none', 'active', 'revoked', 'expired'] as const),
    /** First instant at which the coarse expiry on the ledger has passed; null for an unknown id. */
    expires: Type.Union([InstantField, Type.Null()]),
    height: CountField,
  },
  { ...closed, description: 'What the ledger says of a consent id.' },
)

export const ROUTES = {
  ...PAGE_ROUTES,
  openapi: {
    ...open,
    method: 'GET',
    path: '/openapi.json',
    summary: 'This contract as an OpenAPI 3.1 document',
    produces: 'application/json',
    answer: Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object' }),
    weight: 5,
  },
  health: {
    ...open,
    method: 'GET',
    path: '/healthz',
    summary: 'Whether the process lives',
    produces: 'application/json',
    answer: HealthAnswer,
    weight: 0,
  },
  ready: {
    ...open,
    method: 'GET',
    path: '/readyz',
    summary: 'Whether the node can serve; 503 with the reason if not',
    produces: 'application/json',
    answer: ReadyAnswer,
    weight: 0,
  },
  metrics: {
    ...open,
    method: 'GET',
    path: '/metrics',
    summary: 'Figures in the Prometheus text format, from this machine only',
    loopback: true,
    produces: 'text/plain',
  },
  story: {
    ...open,
    method: 'GET',
    path: '/story',
    summary: 'The guided story as it stands',
    tag: 'story',
    loopback: true,
    produces: 'application/json',
    answer: Story,
  },
  storyEvents: {
    ...open,
    method: 'GET',
    path: '/story/events',
    summary: 'The story as it happens: a snapshot, then what changes',
    tag: 'story',
    loopback: true,
    produces: 'text/event-stream',
    answer: StoryEvent,
    weight: 5,
  },
  personas: {
    ...open,
    method: 'GET',
    path: '/v1/demo/personas',
    summary: 'The virtual people with whom the app can be tried',
    tag: 'demo',
    loopback: true,
    produces: 'application/json',
    answer: PersonasAnswer,
  },
  persona: {
    ...open,
    method: 'GET',
    path: '/v1/demo/personas/{persona}',
    summary: 'A virtual person with their key; never a real one',
    tag: 'demo',
    loopback: true,
    params: Type.Object({ persona: PersonaField }, closed),
    produces: 'application/json',
    answer: PersonaAnswer,
    weight: 20,
  },
  demoStaff: {
    ...open,
    method: 'GET',
    path: '/v1/demo/staff/{persona}',
    summary: 'A virtual person who works at an institution, with the key that they sign with',
    tag: 'demo',
    loopback: true,
    params: DemoStaffParams,
    produces: 'application/json',
    answer: DemoStaffAnswer,
    weight: 20,
  },
  head: {
    ...open,
    method: 'GET',
    path: '/v1/ledger/head',
    summary: 'The newest block',
    tag: 'ledger',
    produces: 'application/json',
    answer: HeadAnswer,
  },
  institutions: {
    ...open,
    method: 'GET',
    path: '/v1/institutions',
    summary: 'The members, their roles and whether they are suspended',
    tag: 'ledger',
    produces: 'application/json',
    answer: InstitutionsAnswer,
    weight: 2,
  },
  thisNode: {
    ...open,
    method: 'GET',
    path: '/v1/node',
    summary: 'Under which address this node is signed to, and who keeps people’s data here',
    produces: 'application/json',
    answer: recovery.ThisNodeAnswer,
  },
  recovery: {
    ...open,
    method: 'GET',
    path: '/v1/recovery/{lookup}',
    summary: 'A wrapped root, for whoever has the secret from which its name comes',
    tag: 'recovery',
    params: recovery.RecoveryParams,
    produces: 'application/json',
    answer: recovery.RecoveryAnswer,
    weight: 20,
  },
  keepRecovery: {
    method: 'POST',
    path: '/v1/institutions/{institution}/recovery/{lookup}',
    summary: 'A patient leaves their wrapped root with their custodian, or takes it away',
    tag: 'recovery',
    roles: ['patient'],
    loopback: false,
    params: recovery.KeepRecoveryParams,
    body: recovery.KeepRecoveryBody,
    limit: 4 * 1024,
    produces: 'application/json',
    answer: recovery.KeepRecoveryAnswer,
    weight: 20,
  },
  ...LEDGER_ROUTES,
  consent: {
    method: 'GET',
    path: '/v1/consents/{consent}',
    summary: 'The state of a consent on the ledger',
    tag: 'consent',
    roles: ['patient', 'delegate', 'member', 'staff', 'auditor'],
    loopback: false,
    params: Type.Object({ consent: ConsentIdField }, closed),
    limit: 0,
    produces: 'application/json',
    answer: ConsentStateAnswer,
    weight: 2,
  },
  checkpoint: {
    method: 'GET',
    path: '/v1/institutions/{institution}/log/checkpoint',
    summary: 'The newest signed checkpoint of the access log (C2SP tlog-checkpoint)',
    tag: 'log',
    roles: ['patient', 'delegate', 'member', 'auditor', 'operator'],
    loopback: false,
    params: Type.Object({ institution: InstitutionIdField }, closed),
    limit: 0,
    produces: 'text/plain',
    answer: Type.String(),
    weight: 2,
  },
  tile: {
    method: 'GET',
    path: '/v1/institutions/{institution}/log/tile/{level}/{index}',
    summary: 'A tile of the access log: 256 hashes (C2SP tlog-tiles)',
    tag: 'log',
    roles: ['patient', 'delegate', 'member', 'auditor', 'operator'],
    loopback: false,
    params: Type.Object(
      {
        institution: InstitutionIdField,
        level: Type.Integer({ minimum: 0, maximum: 63 }),
        index: Type.Integer({ minimum: 0, maximum: 2 ** 40 }),
      },
      closed,
    ),
    query: Type.Object({ width: Type.Optional(Type.Integer({ minimum: 1, maximum: 256 })) }, closed),
    limit: 0,
    produces: 'application/octet-stream',
    answer: Type.Unsafe<Uint8Array>({ type: 'string', contentEncoding: 'binary' }),
    weight: 2,
  },
  ...STUDY_ROUTES,
  ...OPERATION_ROUTES,
  messages: {
    method: 'POST',
    path: '/v1/institutions/{institution}/messages',
    summary: 'The inbox of an institution: every command between parties',
    tag: 'messages',
    roles: ['anonymous', 'patient', 'delegate', 'member', 'staff', 'auditor'],
    loopback: false,
    params: Type.Object({ institution: InstitutionIdField }, closed),
    body: EnvelopeShape,
    limit: 32 * 1024 * 1024,
    produces: 'application/json',
    answer: ReplyShape,
    weight: 0,
  },
} as const satisfies Record<string, Route>

export type RouteName = keyof typeof ROUTES
export const ROUTE_NAMES = Object.keys(ROUTES) as readonly RouteName[]

type Given<R, Key extends string> = R extends { readonly [K in Key]: infer S extends TSchema }
  ? Static<S>
  : undefined

export type RouteParams<Name extends RouteName> = Given<(typeof ROUTES)[Name], 'params'>
export type RouteQuery<Name extends RouteName> = Given<(typeof ROUTES)[Name], 'query'>
export type RouteBody<Name extends RouteName> = Given<(typeof ROUTES)[Name], 'body'>
export type RouteAnswer<Name extends RouteName> = Static<(typeof ROUTES)[Name]['answer']>

/** Names of the routes that answer with a stream of events. */
export type StreamName = {
  [Name in RouteName]: (typeof ROUTES)[Name]['produces'] extends 'text/event-stream' ? Name : never
}[RouteName]

/** The route as the general shape. */
export function routeOf(name: RouteName): Route {
  return ROUTES[name]
}

/** The path with its names filled in, each percent-encoded. */
export function fillPath(path: string, params: Readonly<Record<string, string | number>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(params[name])))
}
