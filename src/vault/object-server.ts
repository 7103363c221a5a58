/**
 * Requests to a server of objects (a bucket, a content swarm's node): with a limit of time, and one name for trouble.
 *
 * Law: what a server says in a refusal is never repeated, as it may quote what was asked.
 */
import { type Bytes, IsletError } from '../vocabulary/index.ts'

const LIMIT_MS = 30_000

export interface ServerAnswer {
  readonly status: number
  readonly bytes: Bytes
}

/** Asks once. Throws `STORE_UNREACHABLE`. */
export async function askServer(url: URL, request: RequestInit): Promise<ServerAnswer> {
  try {
    const answer = await fetch(url, { ...request, redirect: 'error', signal: AbortSignal.timeout(LIMIT_MS) })
    return { status: answer.status, bytes: new Uint8Array(await answer.arrayBuffer()) }
  } catch (cause) {
    throw new IsletError(
      'STORE_UNREACHABLE',
      'the object store does not answer',
      { host: url.host },
      { cause, remedy: 'See whether it runs and whether ISLET_OBJECTS_URL names it.' },
    )
  }
}

/** A server that answers with another status than the ones that were expected. */
export function storeRefused(url: URL, { status }: Pick<ServerAnswer, 'status'>): IsletError {
  return new IsletError(
    'STORE_REFUSED',
    'the object store refused a request',
    { host: url.host, status },
    { remedy: 'Check its credentials, its space and its log.' },
  )
}
