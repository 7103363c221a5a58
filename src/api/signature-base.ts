/**
 * What is signed when an HTTP message is signed: the signature base.
 *
 * Law: the same message and the same covered components give the same text on every machine; a component that the
 * message lacks is an error, never an empty line.
 * Source: RFC 9421 (HTTP Message Signatures) sections 2.1–2.5. Of the parameters of components only `req` is known here
 * (2.4); fields are combined as in 2.1. Written by hand because the package at hand (http-message-signatures 1.0.6) needs
 * Node's Buffer, rewrites the target URI through URL and accepts any of several signatures; a fixed profile needs less.
 */
import { IsletError } from '../vocabulary/index.ts'

/** An HTTP request as it stands on the wire: the same bytes over TLS and inside one process. */
export interface WireRequest {
  readonly method: string
  /** The target URI, absolute, as the sender wrote it. */
  readonly url: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface WireResponse {
  readonly status: number
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A covered component: a field name in lower case or a derived `@name`; `request` marks `;req`. */
export interface Component {
  readonly name: string
  readonly request?: true
}

/** Parameters of a signature in the order of signing: text is quoted, numbers are not. */
export type SignatureParameters = readonly (readonly [name: string, value: string | number])[]

const PLAIN = /^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/

/** The value of `@signature-params` and of a member of Signature-Input. Throws `SIGNATURE_PARAMETER_UNSOUND`. */
export function serialiseParameters(
  components: readonly Component[],
  parameters: SignatureParameters,
): string {
  const list = components.map((component) => identifier(component)).join(' ')
  const tail = parameters.map(([name, value]) => {
    if (!(typeof value === 'number' ? Number.isSafeInteger(value) : PLAIN.test(value))) {
      throw new IsletError(
        'SIGNATURE_PARAMETER_UNSOUND',
        'a signature parameter is no plain text or integer',
        {
          name,
        },
      )
    }
    return `;${name}=${typeof value === 'number' ? value : `"${value}"`}`
  })
  return `(${list})${tail.join('')}`
}

/**
 * The signature base of a request, or of a response with the request that it answers.
 * Throws `COMPONENT_MISSING` where the message lacks a covered component.
 */
export function signatureBase(
  message: WireRequest | WireResponse,
  components: readonly Component[],
  parameters: SignatureParameters,
  answered?: WireRequest,
): string {
  const lines = components.map((component) => {
    const source = component.request === true ? answered : message
    const value = source === undefined ? undefined : componentValue(source, component.name)
    if (value === undefined) {
      throw new IsletError('COMPONENT_MISSING', 'the message lacks a component that its signature covers', {
        component: component.name,
      })
    }
    return `${identifier(component)}: ${value}`
  })
  return [...lines, `"@signature-params": ${serialiseParameters(components, parameters)}`].join('\n')
}

function identifier({ name, request }: Component): string {
  return `"${name}"${request === true ? ';req' : ''}`
}

function componentValue(message: WireRequest | WireResponse, name: string): string | undefined {
  if (!name.startsWith('@')) return message.headers[name]?.trim().replace(/\s*\n\s*/g, ' ')
  if ('status' in message) return name === '@status' ? String(message.status) : undefined
  switch (name) {
    case '@method':
      return message.method
    case '@target-uri':
      return message.url
    case '@authority':
      return new URL(message.url).host
    case '@scheme':
      return new URL(message.url).protocol.slice(0, -1)
    case '@path':
      return new URL(message.url).pathname
    case '@query':
      return new URL(message.url).search || '?'
    default:
      return undefined
  }
}
