/** A named person at an institution asks; the ledger holds a salted commitment to the request before the patient sees it. */
import { requestCommitment } from '../../../consent/index.ts'
import { quantity, type UnixSeconds } from '../../../vocabulary/index.ts'
import { wallClock } from '../../institution/wire.ts'
import { need, type Stage } from '../stage.ts'

const WEEK = 7 * 86_400

export async function request(stage: Stage): Promise<void> {
  const { consortium, person, reader, custodian, material } = stage
  const mailbox = await person.agent.openMailbox(reader.name)
  const expiresAt = Math.max(Math.floor(wallClock()), material.until) + WEEK
  const asked = await reader.ask(
    { custodian: custodian.id, mailbox },
    {
      subject: { type: 'person', handle: 'dr-lee', name: 'Dr Lee' },
      kinds: ['glucose', 'insulin', 'meals'],
      actions: ['read'],
      purposes: ['TREAT'],
      from: material.from,
      until: material.until,
      expiresAt: quantity<UnixSeconds>(expiresAt),
    },
  )
  const commitment = requestCommitment(asked)
  const at = await consortium.chain.requestedAt(reader.id, commitment)
  stage.check(
    'the commitment of the request stands on the ledger',
    at !== undefined,
    at === undefined ? 'missing' : commitment,
  )
  const { requests } = await person.agent.collect()
  const found = requests.find((pending) => pending.request.body.salt === asked.salt)
  stage.check(
    'the signed request waits in the patient’s mailbox',
    found !== undefined,
    `${requests.length} waiting`,
  )
  stage.progress.request = need(found, 'the request')
}
