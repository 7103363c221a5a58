/**
 * A grant of a few seconds ends by itself while the patient is away; chain time is never jumped.
 *
 * On a machine so busy that the grant is over before it could be used, a longer one is tried.
 */
import { quantity, startOfHour, type UnixSeconds } from '../../../vocabulary/index.ts'
import { wallClock } from '../../institution/wire.ts'
import { need, refusalOf, type Stage } from '../stage.ts'

/** What a grant lasts, the shortest first. */
const SECONDS = [3, 8, 20] as const

export async function expire(stage: Stage): Promise<void> {
  const { consortium, reader, material } = stage
  if (startOfHour(material.window.end) > Math.floor(wallClock())) {
    stage.check('the data lie before the grant’s end', true, 'later data: no key exists for them at all')
    return
  }
  let short = await shortGrant(stage, SECONDS[0])
  let first = await refusalOf(reader.read(short.consentId))
  for (const seconds of SECONDS.slice(1)) {
    // Refused after its end says nothing against the grant: this machine was too slow to use it.
    if (first === 'NOT_REFUSED' || wallClock() < short.expiresAt) break
    short = await shortGrant(stage, seconds)
    first = await refusalOf(reader.read(short.consentId))
  }
  stage.check(`a grant of ${short.seconds} seconds opens while it lasts`, first === 'NOT_REFUSED', first)
  // From here on the patient is away: nothing of theirs is asked.
  await new Promise((resolve) =>
    setTimeout(resolve, Math.max(0, short.expiresAt * 1000 - wallClock() * 1000) + 50),
  )
  const after = await refusalOf(reader.read(short.consentId))
  stage.check('after its end it is refused, with the patient away', after === 'CONSENT_EXPIRED', after)
  const { state } = await consortium.chain.consentState(short.consentId, short.signer)
  stage.check(
    'no transaction was needed for that',
    state === 'ACTIVE',
    `${state} on the ledger, expired by the clock`,
  )
  stage.note({ grants: 1, accesses: 1, refusals: 1 })
}

/** Asks for and grants the shared window for a few seconds from now. */
async function shortGrant({ person, reader, custodian, material }: Stage, seconds: number) {
  const mailbox = await person.agent.openMailbox(reader.name)
  const asked = await reader.ask(
    { custodian: custodian.id, mailbox },
    {
      subject: { type: 'person', handle: 'dr-lee', name: 'Dr Lee' },
      kinds: ['glucose'],
      actions: ['read'],
      purposes: ['TREAT'],
      from: startOfHour(material.window.first),
      until: startOfHour(material.window.end),
      expiresAt: quantity<UnixSeconds>(Math.floor(wallClock()) + 3600),
    },
  )
  const { requests } = await person.agent.collect()
  const pending = need(
    requests.find((one) => one.request.body.salt === asked.salt),
    'the short request',
  )
  const expiresAt = quantity<UnixSeconds>(Math.ceil(wallClock()) + seconds)
  const given = await person.agent.grant(pending.request, { expiresAt }, { requestId: pending.id })
  const { consentId, signer } = given.handOver
  return { consentId, signer, expiresAt, seconds }
}
