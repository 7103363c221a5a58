/**
 * What the server needs of the rest of the house: one function per route, its types taken from the table.
 */
import type { Role } from './roles.ts'
import type { RouteAnswer, RouteBody, RouteName, RouteParams, RouteQuery, StreamName } from './routes.ts'

/** Who calls, as far as proven. */
export interface Caller {
  readonly roles: readonly Role[]
  /** The key that signed, base64url; absent when nothing was signed. */
  readonly keyId?: string
  readonly institution?: string
}

export interface Call<Name extends RouteName> {
  readonly params: RouteParams<Name>
  readonly query: RouteQuery<Name>
  readonly body: RouteBody<Name>
  readonly caller: Caller
  /** Aborted when the caller hangs up or the node stops. */
  readonly signal: AbortSignal
}

export type Handler<Name extends RouteName> = (
  call: Call<Name>,
) => Name extends StreamName ? AsyncIterable<RouteAnswer<Name>> : Promise<RouteAnswer<Name>>

/** Routes that the HTTP room answers by itself: pages, health, figures, and the inboxes. */
export type OwnRoute =
  | 'home'
  | 'pageStyle'
  | 'pageScript'
  | 'icon'
  | 'app'
  | 'appStyle'
  | 'appFile'
  | 'appIcon'
  | 'appManifest'
  | 'appWorker'
  | 'docs'
  | 'docsStyle'
  | 'openapi'
  | 'health'
  | 'ready'
  | 'metrics'
  | 'story'
  | 'storyEvents'
  | 'messages'

/** The functions that other rooms plug in. */
export type Handlers = { readonly [Name in Exclude<RouteName, OwnRoute>]: Handler<Name> }
