/**
 * Asking the node: always at the address that this page came from, whatever name the signatures carry.
 *
 * Law: a node that does not answer is told apart from one that refuses: `NODE_AWAY` has its own sentence. What it said
 * before of things that hardly change stands in for it (`kept-answers.ts`).
 */
import { createClient } from '../../api/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { keepAnswer, keptAnswer } from './kept-answers.ts'

/** The node at this page's address, asked without a name. */
export function askNode() {
  return createClient({ origin: location.origin, fetch: nodeFetch })
}

/** Milliseconds that an answer may take: a demo person is made while somebody waits for it. */
const PATIENCE = 60_000

/** As `fetch`, by path. Throws `NODE_AWAY`. */
export async function nodeFetch(url: string, init: RequestInit): Promise<Response> {
  const { pathname, search } = new URL(url)
  // Messages have a patience of their own, and streams are broken off by who reads them.
  const patient = init.method === 'GET' && init.signal === undefined
  const signal = patient ? { signal: AbortSignal.timeout(PATIENCE) } : {}
  const answer = await fetch(`${pathname}${search}`, { ...init, ...signal }).catch(() => undefined)
  if (answer !== undefined) {
    await keepAnswer(pathname, answer)
    return answer
  }
  const kept = keptAnswer(pathname)
  if (kept !== undefined) return kept
  throw new IsletError(
    'NODE_AWAY',
    'the node does not answer',
    {},
    { remedy: 'start it again; nothing you did is lost' },
  )
}
