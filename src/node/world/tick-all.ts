/**
 * The regular work of every institution: first all close slots and anchor, then all fetch the head that holds it.
 *
 * Law: one that fails stops no other; each failure is reported, and the first is thrown at the end.
 */
import type { Party } from '../institution/party.ts'

type Ticking = Pick<Party, 'tick' | 'exchangeHeads'>

export async function tickAll(
  parties: readonly Ticking[],
  early: boolean,
  report: (error: unknown) => void,
): Promise<void> {
  const failures: unknown[] = []
  for (const work of [(one: Ticking) => one.tick(early), (one: Ticking) => one.exchangeHeads()]) {
    for (const result of await Promise.allSettled(parties.map(work))) {
      if (result.status !== 'rejected') continue
      report(result.reason)
      failures.push(result.reason)
    }
  }
  if (failures.length > 0) throw failures[0]
}
