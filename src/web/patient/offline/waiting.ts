/** What was signed and waits to be sent: grants that the ledger has not taken yet, stops that not all have heard. */
import type { GrantState, PatientState } from '../../../consent/browser.door.ts'

/** Ids of the consents whose grant or stop waits. */
export function waitingIn({ grants, outbox }: Pick<PatientState, 'grants' | 'outbox'>): ReadonlySet<string> {
  const unsent = outbox.flatMap((item) => stoppedBy(item) ?? [])
  const unheard = grants.filter(({ status }) => status === 'signed')
  return new Set([...unsent, ...unheard.map(({ handOver }) => handOver.consentId)])
}

/** Whether the institution that keeps the data has not heard of a stop yet, so that the reader can still read. */
export function isUnheard({ outbox }: Pick<PatientState, 'outbox'>, { handOver }: GrantState): boolean {
  return outbox.some((item) => item.to === handOver.custodian && stoppedBy(item) === handOver.consentId)
}

/** The consent that a waiting message stops. */
function stoppedBy({ urgency, body }: PatientState['outbox'][number]): string | undefined {
  const revoke = body['revoke']
  const id: unknown =
    typeof revoke === 'object' && revoke !== null ? Reflect.get(revoke, 'consentId') : undefined
  return urgency === 'revoke' && typeof id === 'string' ? id : undefined
}
