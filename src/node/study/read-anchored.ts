/**
 * A read for a study: nothing of it is used unless all of it is what was recorded.
 *
 * Law: where one chunk does not open, or is not under the root that the custodian anchored for its slot, the person is left
 * out with `NOT_UNDER_ROOT` and counted like any other refusal; leaving out the chunk alone would let a custodian choose
 * which hours a study learns from.
 * Limit: what is not anchored yet is used; that it is anchored at all is for the custodian's log and an audit to show.
 */
import { isDamaged } from '../../consent/browser.door.ts'
import type { Reading } from '../../consent/index.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { secondLook } from '../institution/second-look.ts'

/**
 * The reading as `read` gives it; `answered`: what it gave already, if anything. Throws what `read` throws, and
 * `NOT_UNDER_ROOT` (facts.chunks).
 */
export async function readAnchored(read: () => Promise<Reading>, answered?: Reading): Promise<Reading> {
  const reading = await secondLook(read, answered)
  if (reading.damaged.length === 0) return reading
  throw new IsletError(
    'NOT_UNDER_ROOT',
    'the custodian serves something that is not what was recorded',
    { chunks: reading.chunks.filter(isDamaged).length },
    { remedy: 'Ask the custodian; until it serves what it anchored, the person is in no round.' },
  )
}
