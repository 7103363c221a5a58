/**
 * The history of consents read from a ledger, as far as a block, each block once.
 *
 * Law: whoever asks about a block gets an answer from all blocks up to it; reading on after a failure loses nothing.
 */
import { contractEvents, type Deployment, type Ledger } from '../ledger/index.ts'
import { consentId, institutionId } from '../vocabulary/index.ts'
import { type ConsentFact, ConsentHistory } from './consent-history.ts'

/** Reads on as far as a block; the same history, grown. */
export type HistoryAt = (block: number) => Promise<ConsentHistory>

export function consentHistory(ledger: Pick<Ledger, 'logs'>, deployment: Deployment): HistoryAt {
  const history = new ConsentHistory()
  const addresses = [deployment.consents, deployment.membership]
  let read = -1
  let turn: Promise<unknown> = Promise.resolve()
  const readOn = async (to: number): Promise<void> => {
    if (to <= read) return
    const facts: ConsentFact[] = []
    for await (const { block, logs } of ledger.logs({ from: read + 1, to, addresses })) {
      for (const event of contractEvents(deployment, block, logs)) {
        const fact = factOf(event)
        if (fact !== undefined) facts.push(fact)
      }
    }
    // Only what was read whole is kept: a reading that broke off begins again.
    for (const fact of facts) history.note(fact)
    read = to
  }
  return (block) => {
    const reading = turn.then(() => readOn(block))
    turn = reading.catch(() => undefined)
    return reading.then(() => history)
  }
}

function factOf(event: ReturnType<typeof contractEvents>[number]): ConsentFact | undefined {
  const block = event.block.height
  switch (event.name) {
    case 'Granted':
      return {
        type: 'granted',
        consent: consentId(event.args.consentId),
        expiryDay: event.args.expiryDay,
        block,
      }
    case 'Revoked':
      return { type: 'revoked', consent: consentId(event.args.consentId), block }
    case 'InstitutionAdded':
    case 'InstitutionReinstated':
      return { type: 'member', institution: institutionId(event.args.id), active: true, block }
    case 'InstitutionSuspended':
      return { type: 'member', institution: institutionId(event.args.id), active: false, block }
    default:
      return undefined
  }
}
