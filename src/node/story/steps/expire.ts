/** A grant of a few seconds ends by itself while the patient is away; chain time is never jumped. */
import { quantity, startOfHour, type UnixSeconds } from '../../../vocabulary/index.ts'
import { wallClock } from '../../institution/wire.ts'
import { need, refusalOf, type Stage } from '../stage.ts'

/** Long enough to be read once on a busy machine. */
const SECONDS = 4

export async function expire(stage: Stage): Promise<void> {
  const { person, reader, custodian, material } = stage
  const now = Math.floor(wallClock())
  if (startOfHour(material.window.end) > now) {
    stage.check('the data lie before the grant’s end', true, 'later data: no key exists for them at all')
    return
  }
  const mailbox = await person.agent.openMailbox(reader.name)
  const asked = await reader.institution.reader.ask(
    { custodian: custodian.id, mailbox },
    {
      readerName: reader.name,
      subject: { type: 'person', handle: 'dr-lee', name: 'Dr Lee' },
      hpkePublicKey: reader.keys.hpke.publicKey,
      kinds: ['glucose'],
      actions: ['read'],
      purposes: ['TREAT'],
      from: startOfHour(material.window.first),
      until: startOfHour(material.window.end),
      expiresAt: quantity<UnixSeconds>(now + 3600),
    },
    reader.chain,
  )
  const { requests } = await person.agent.collect()
  const pending = need(
    requests.find((one) => one.request.body.salt === asked.salt),
    'the short request',
  )
  const expiresAt = quantity<UnixSeconds>(Math.ceil(wallClock()) + SECONDS)
  const given = await person.agent.grant(pending.request, { expiresAt }, { requestId: pending.id })
  const { consentId, signer } = given.handOver
  const first = await refusalOf(reader.institution.reader.read(consentId))
  stage.check(`a grant of ${SECONDS} seconds opens while it lasts`, first === 'NOT_REFUSED', first)
  // From here on the patient is away: nothing of theirs is asked.
  await new Promise((resolve) => setTimeout(resolve, Math.max(0, expiresAt * 1000 - Date.now()) + 50))
  const after = await refusalOf(reader.institution.reader.read(consentId))
  stage.check('after its end it is refused, with the patient away', after === 'CONSENT_EXPIRED', after)
  const { state } = await custodian.chain.consentState(consentId, signer)
  stage.check(
    'no transaction was needed for that',
    state === 'ACTIVE',
    `${state} on the ledger, expired by the clock`,
  )
  stage.note({ grants: 1, accesses: 1, refusals: 1 })
}
