/** The patient signs with a key made for this consent alone; keys for exactly the granted hours are sealed to the reader. */
import { quantity, startOfHour, type UnixSeconds } from '../../../vocabulary/index.ts'
import type { Party } from '../../institution/party.ts'
import { wallClock } from '../../institution/wire.ts'
import { need, type Stage } from '../stage.ts'

const WEEK = 7 * 86_400

export async function grant(stage: Stage): Promise<void> {
  const { consortium, person, material, reader, remainingReader } = stage
  const { id, request } = need(stage.progress.request, 'the request')
  const given = await person.agent.grant(
    request,
    {
      kinds: ['glucose'],
      from: startOfHour(material.window.first),
      until: startOfHour(material.window.end),
    },
    { requestId: id },
  )
  const { consentId, signer, envelope } = given.handOver
  stage.progress.consent = consentId
  const { state, block } = await consortium.chain.consentState(consentId, signer)
  stage.check('the consent is active on the ledger', state === 'ACTIVE', `${state} in block ${block}`)
  const handed = (await reader.grants()).some((one) => one.consentId === consentId)
  stage.check(
    `${reader.name} holds the grant and its sealed keys`,
    handed,
    `envelope ${envelope.notice.sequence}`,
  )
  const [receipt] = given.receipts
  stage.check(
    'the patient holds a signed receipt as a FHIR Consent',
    receipt !== undefined,
    receipt === undefined ? 'none' : 'one receipt',
  )
  stage.progress.remaining = await shareWith(stage, remainingReader)
  stage.note({ grants: 2 })
}

/** A second reader gets the same days, for research; it stays when the first is stopped. */
async function shareWith(stage: Stage, reader: Party) {
  const { person, material, custodian } = stage
  const mailbox = await person.agent.openMailbox(reader.name)
  const expiresAt = Math.max(Math.floor(wallClock()), material.until) + WEEK
  await reader.ask(
    { custodian: custodian.id, mailbox },
    {
      subject: { type: 'institution' },
      kinds: ['glucose'],
      actions: ['read'],
      purposes: ['HRESCH'],
      from: startOfHour(material.window.first),
      until: startOfHour(material.window.end),
      expiresAt: quantity<UnixSeconds>(expiresAt),
    },
  )
  const { requests } = await person.agent.collect()
  const pending = need(
    requests.find((one) => one.request.body.reader === reader.id),
    'the second request',
  )
  const given = await person.agent.grant(pending.request, {}, { requestId: pending.id })
  return given.handOver.consentId
}
