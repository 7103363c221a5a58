/**
 * A read that is asked for a second time where something of it is damaged: a slot that was anchored while the answer was on
 * its way looks the same for once, and two looks that agree are no accident.
 *
 * Limit: both are reads, and both stand in the custodian's log.
 */
import type { Reading } from '../../consent/index.ts'

/** The reading as `read` gives it; `answered`: what it gave already, if anything. Throws what `read` throws. */
export async function secondLook(read: () => Promise<Reading>, answered?: Reading): Promise<Reading> {
  const first = answered ?? (await read())
  return first.damaged.length === 0 ? first : read()
}
