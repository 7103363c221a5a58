/**
 * The regular work of every institution: first all close slots and anchor, then all fetch the head that holds it.
 *
 * Law: one that fails stops no other; each failure is reported, and the first is thrown at the end.
 */
import type { Party } from '../institution/party.ts'

export async function tickAll(
  parties: readonly Party[],
  early: boolean,
  report: (error: unknown) => void,
): Promise<void> {
  const failures: unknown[] = []
  for (const work of [(one: Party) => one.tick(early), (one: Party) => one.exchangeHeads()]) {
    for (const result of await Promise.allSettled(parties.map(work))) {
      if (result.status !== 'rejected') continue
      report(result.reason)
      failures.push(result.reason)
    }
  }
  if (failures.length > 0) throw failures[0]
}
