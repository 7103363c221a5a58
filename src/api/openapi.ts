/**
 * The contract as an OpenAPI 3.1 document, made from the same table that the server and the client use.
 * Source: OpenAPI 3.1.0; schemas are JSON Schema 2020-12 as they stand.
 */
import type { TSchema } from 'typebox'
import { ErrorDocument } from './error-document.ts'
import { MESSAGE_NAMES, MESSAGES, type MessageName, type MessageRule } from './messages.ts'
import type { Route } from './route.ts'
import { ROUTE_NAMES, routeOf } from './routes.ts'

/** Any JSON object of the document. */
export type OpenApiDocument = Readonly<Record<string, unknown>>

const TAGS = [
  ['messages', 'Commands between parties: one envelope, one inbox per institution'],
  ['ledger', 'What the ledger says'],
  ['consent', 'States of consents'],
  ['log', 'The access log, for those entitled to check it'],
  ['story', 'The guided story, on this machine only'],
  ['node', 'The node itself: health, figures, this contract'],
  ['pages', 'Pages for people'],
] as const

/** Statuses that a route may refuse with, beside its answer. */
function refusals(route: Route): Record<string, unknown> {
  const statuses: [number, string][] = [
    [421, 'The Host or the signed target is not one of this node'],
    [429, 'Too many requests; Retry-After says how long to wait'],
  ]
  if (route.params !== undefined || route.query !== undefined || route.body !== undefined) {
    statuses.push([422, 'The request does not fit this contract'])
  }
  if (route.loopback) statuses.push([403, 'Shown on the machine itself only'])
  if (!route.roles.includes('anonymous') || route.tag === 'messages') {
    statuses.push([401, 'The signature is missing, wrong, too old or was used before'])
    statuses.push([403, 'The role of the caller is not allowed here'])
  }
  if (route.params !== undefined) statuses.push([404, 'Not here'])
  if (route.limit > 0) statuses.push([413, 'The body is too large'], [415, 'The body is encoded or no JSON'])
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } }
  return Object.fromEntries(
    statuses
      .sort(([a], [b]) => a - b)
      .map(([status, description]) => [String(status), { description, content }]),
  )
}

function parameters(route: Route): readonly unknown[] {
  const listed = (where: 'path' | 'query', schema: Route['params']): readonly unknown[] =>
    Object.entries(schema?.properties ?? {}).map(([name, property]) => ({
      name,
      in: where,
      required: where === 'path',
      schema: property,
    }))
  return [...listed('path', route.params), ...listed('query', route.query)]
}

function operation(name: string, route: Route): unknown {
  const proven = route.roles.filter((role) => role !== 'anonymous')
  const open = route.roles.includes('anonymous')
  const security = [...(open ? [{}] : []), ...(proven.length > 0 ? [{ messageSignature: [] }] : [])]
  return {
    operationId: name,
    summary: route.summary,
    tags: [route.tag],
    security,
    'x-islet-roles': route.roles,
    'x-islet-loopback': route.loopback,
    'x-islet-weight': route.weight,
    ...(route.params === undefined && route.query === undefined ? {} : { parameters: parameters(route) }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            description: `At most ${route.limit.toLocaleString('en')} bytes, never compressed.`,
            content: {
              'application/json': {
                schema: route.tag === 'messages' ? { $ref: '#/components/schemas/Message' } : route.body,
              },
            },
          },
        }),
    responses: {
      200: { description: 'The answer', content: { [route.produces]: { schema: route.answer } } },
      ...refusals(route),
    },
  }
}

/** The shapes inside messages, from the rooms that sign and parse them; what is left out is any object. */
export type MessageShapes = Readonly<
  Partial<Record<MessageName, { readonly body: TSchema; readonly reply: TSchema }>>
>

/** The envelope of one type of message, with who may send it. */
function messageSchema(
  name: string,
  rule: MessageRule,
  { body, reply }: { readonly body: TSchema; readonly reply: TSchema },
  envelope: Record<string, unknown>,
): unknown {
  const properties = envelope['properties']
  return {
    ...envelope,
    description: `${rule.summary}.`,
    properties: {
      ...(typeof properties === 'object' ? properties : {}),
      type: { const: name },
      body,
    },
    'x-islet-from': rule.from,
    'x-islet-effect': rule.effect,
    'x-islet-limit-bytes': rule.limit,
    'x-islet-weight': rule.weight,
    'x-islet-reply': reply,
  }
}

/** Name of the schema of a type of message. */
export function messageSchemaName(name: string): string {
  return `Message-${name}`
}

/** The whole contract; `version` is that of the package, `shapes` are those of messages beyond the table's own. */
export function openApi(version: string, shapes: MessageShapes = {}): OpenApiDocument {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const name of ROUTE_NAMES) {
    const route = routeOf(name)
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(name, route) }
  }
  const envelope: Record<string, unknown> = { ...routeOf('messages').body }
  const messages = MESSAGE_NAMES.map(
    (name) =>
      [
        messageSchemaName(name),
        messageSchema(name, MESSAGES[name], shapes[name] ?? MESSAGES[name], envelope),
      ] as const,
  )
  const document = {
    openapi: '3.1.0',
    info: {
      title: 'Islet',
      version,
      summary: 'Diabetes data, shared under consent that keys enforce.',
      description:
        'Every address denies by default. Whoever is not anonymous signs each request with an Ed25519 key as RFC 9421 says: ' +
        'label islet, covering @method, @target-uri and content-digest (RFC 9530, sha-256), with created, expires (at most 60 s later), ' +
        'nonce, keyid (the public key, base64url), alg="ed25519" and tag="islet-v1". A nonce counts once. Answers to signed requests are signed too.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    tags: TAGS.map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: {
        messageSignature: {
          type: 'http',
          scheme: 'signature',
          description: 'HTTP message signatures, RFC 9421; no shared secrets.',
        },
      },
      schemas: {
        Error: ErrorDocument,
        Message: {
          oneOf: messages.map(([name]) => ({ $ref: `#/components/schemas/${name}` })),
          discriminator: {
            propertyName: 'type',
            mapping: Object.fromEntries(
              MESSAGE_NAMES.map((name) => [name, `#/components/schemas/${messageSchemaName(name)}`]),
            ),
          },
        },
        ...Object.fromEntries(messages),
      },
    },
  }
  // Through JSON, so that what is served, shown and tested is one and the same plain document.
  return JSON.parse(JSON.stringify(document))
}
