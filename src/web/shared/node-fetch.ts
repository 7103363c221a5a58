/**
 * Asking the node: always at the address that this page came from, whatever name the signatures carry.
 *
 * Law: a node that does not answer is told apart from one that refuses: `NODE_AWAY` has its own sentence.
 */
import { createClient } from '../../api/index.ts'
import { IsletError } from '../../vocabulary/index.ts'

/** The node at this page's address, asked without a name. */
export function askNode() {
  return createClient({ origin: location.origin, fetch: nodeFetch })
}

/** As `fetch`, by path. Throws `NODE_AWAY`. */
export async function nodeFetch(url: string, init: RequestInit): Promise<Response> {
  const { pathname, search } = new URL(url)
  try {
    return await fetch(`${pathname}${search}`, init)
  } catch {
    throw new IsletError(
      'NODE_AWAY',
      'the node does not answer',
      {},
      { remedy: 'start it again; nothing you did is lost' },
    )
  }
}
