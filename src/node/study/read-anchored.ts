/**
 * A read for a study: nothing of it is used unless all that stands under a root of the custodian's really does.
 *
 * Law: where one chunk is not under the root that the custodian anchored for its slot, the person is left out with
 * `NOT_UNDER_ROOT` and counted like any other refusal; leaving out the chunk alone would let a custodian choose which
 * hours a study learns from. A slot that was anchored while the answer was on its way looks the same for once, so that it
 * is asked for a second time.
 * Limit: what is not anchored yet is used; that it is anchored at all is for the custodian's log and an audit to show.
 */
import type { Reading } from '../../consent/index.ts'
import { IsletError } from '../../vocabulary/index.ts'

/**
 * The reading as `read` gives it; `answered`: what it gave already, if anything. Throws what `read` throws, and
 * `NOT_UNDER_ROOT` (facts.chunks).
 */
export async function readAnchored(read: () => Promise<Reading>, answered?: Reading): Promise<Reading> {
  const first = answered ?? (await read())
  const reading = strayOf(first) === 0 ? first : await read()
  const stray = strayOf(reading)
  if (stray === 0) return reading
  throw new IsletError(
    'NOT_UNDER_ROOT',
    'the custodian serves something that is not under the root it anchored',
    { chunks: stray },
    { remedy: 'Ask the custodian; until it serves what it anchored, the person is in no round.' },
  )
}

function strayOf({ chunks }: Reading): number {
  return chunks.filter(({ anchor }) => anchor.code === 'NOT_UNDER_ROOT').length
}
