/**
 * What was proved in the state beside what the replayed ledger says: the same members and the same consents, none more and
 * none less.
 */
import { type ConsentStanding, type LedgerFacts, sameStanding } from '../finality/index.ts'
import { STATES } from './dump-format.ts'
import type { Findings } from './finding.ts'
import type { ConsentLife, LedgerHistory } from './history.ts'

/** `height`: the newest block of the ledger. */
export function checkFacts(
  { members, consents }: LedgerFacts,
  history: LedgerHistory,
  height: number,
  findings: Findings,
): void {
  const differs = (what: string): void => findings.add('STATE_DIFFERS', STATES, what)
  if (members.length !== history.institutions.length) differs('other members')
  for (const { id, active, messageKey } of members) {
    const isSame = history.activeAt(id, height) === active && history.messageKeys(id)[0]?.key === messageKey
    if (!isSame) differs(`member ${id}`)
  }
  if (consents.size !== history.consents) differs('other consents')
  for (const [id, standing] of consents) {
    const life = history.consent(id)
    if (life === undefined || !sameStanding(standing, standingOf(life))) differs(`consent ${id}`)
  }
}

function standingOf({ revoked, expiryDay }: ConsentLife): ConsentStanding {
  return revoked === undefined ? { state: 'active', expiryDay } : { state: 'revoked' }
}
