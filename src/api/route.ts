/**
 * One row of the table of addresses, and the row of whatever everybody may ask for.
 */
import Type, { type TObject, type TSchema } from 'typebox'
import type { Role } from './roles.ts'

export interface Route {
  readonly method: 'GET' | 'POST'
  /** Path with `{names}`. */
  readonly path: string
  readonly summary: string
  readonly tag:
    | 'pages'
    | 'node'
    | 'story'
    | 'demo'
    | 'ledger'
    | 'consent'
    | 'log'
    | 'studies'
    | 'recovery'
    | 'messages'
  /** Who may enter; for messages the type of the message decides. */
  readonly roles: readonly Role[]
  /** Only from this machine, under a loopback name (PROTOCOL 34); true for whatever shows a person's data. */
  readonly loopback: boolean
  readonly params?: TObject
  readonly query?: TObject
  readonly body?: TSchema
  /** Longest body in bytes; 0 where none is read. */
  readonly limit: number
  readonly produces:
    | 'application/json'
    | 'application/manifest+json'
    | 'text/event-stream'
    | 'text/html'
    | 'text/plain'
    | 'text/css'
    | 'text/javascript'
    | 'image/svg+xml'
    | 'image/png'
    | 'application/octet-stream'
  /** The answer; of a stream, one event; of anything but JSON, its text or bytes. */
  readonly answer: TSchema
  /** What one call costs of the caller's budget per minute. */
  readonly weight: number
}

/** What anybody may ask for, as text unless the row says otherwise. */
export const open = {
  tag: 'node',
  roles: ['anonymous'],
  loopback: false,
  limit: 0,
  answer: Type.String(),
  weight: 1,
} as const

/** Whether an answer is bytes as they are, and neither text nor a document. */
export function isBytes({ produces }: Pick<Route, 'produces'>): boolean {
  return produces === 'application/octet-stream' || produces === 'image/png'
}
