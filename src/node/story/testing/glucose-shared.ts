/** A person shares the glucose of a stretch with an institution for an hour, for research, and the institution reads it. */
import type { Reading } from '../../../consent/index.ts'
import { quantity, type UnixSeconds } from '../../../vocabulary/index.ts'
import type { Party } from '../../institution/party.ts'
import { wallClock } from '../../institution/wire.ts'
import type { PersonHere } from '../person.ts'

export async function glucoseShared(
  { agent }: PersonHere,
  custodian: Party,
  reader: Party,
  { from, until }: { readonly from: UnixSeconds; readonly until: UnixSeconds },
): Promise<Reading> {
  await reader.ask(
    { custodian: custodian.id, mailbox: await agent.openMailbox(reader.name) },
    {
      subject: { type: 'institution' },
      kinds: ['glucose'],
      actions: ['read'],
      purposes: ['HRESCH'],
      from,
      until,
      expiresAt: quantity<UnixSeconds>(Math.floor(wallClock()) + 3600),
    },
  )
  const [pending] = (await agent.collect()).requests
  if (pending === undefined) throw new Error('the request did not arrive')
  const { handOver } = await agent.grant(pending.request, {}, { requestId: pending.id })
  return await reader.read(handOver.consentId)
}
