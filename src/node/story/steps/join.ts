/** Ten institutions stand on the ledger; the newcomer came in by invitation, signed request and votes. */
import { checkEnrolment } from '../../../identity/index.ts'
import { nodeEd25519 } from '../../../identity/node-signer.door.ts'
import { nodeCrypto } from '../../../vault/node-cipher.door.ts'
import { type Hash32, type InstitutionId, quantity, type UnixSeconds } from '../../../vocabulary/index.ts'
import { wallClock } from '../../institution/wire.ts'
import { CHARTER, THRESHOLD } from '../../world/charter.ts'
import type { Stage } from '../stage.ts'

export async function join(stage: Stage): Promise<void> {
  const { consortium, person, leaving, custodian } = stage
  const members = await consortium.chain.members()
  const active = members.filter((member) => member.active).length
  stage.check(
    'ten institutions are active members on the ledger',
    active === CHARTER.length,
    `${active} active`,
  )

  for (const admission of consortium.admissions) {
    stage.check(
      'the newcomer was admitted by the votes of members, no fewer than the threshold',
      admission.votes === THRESHOLD,
      `${admission.votes} votes of ${THRESHOLD} needed`,
    )
    const keyOf = new Map<InstitutionId, Hash32>(members.map(({ id, messageKey }) => [id, messageKey]))
    const forged = { ...admission.request, body: { ...admission.request.body, name: 'Somebody Else' } }
    const verdict = checkEnrolment(
      forged,
      admission.invitation,
      {
        chainId: consortium.chainId,
        membership: consortium.deployment.membership,
        at: quantity<UnixSeconds>(Math.floor(wallClock())),
        messageKeyOf: (id) => keyOf.get(id),
        isKnown: () => false,
        isUsed: () => false,
      },
      nodeEd25519,
      nodeCrypto.hasher,
    )
    stage.check(
      'a request with one word changed is refused',
      !verdict.ok,
      verdict.ok ? 'accepted' : verdict.code,
    )
  }
  for (const one of [person, leaving]) {
    if (one.agent.memory.now.custodian === null) await one.agent.enrol(custodian.id)
  }
  let enrolled = 0
  for (const one of [person, leaving]) {
    if (await custodian.enrolled(one.keys.identityKey)) enrolled += 1
  }
  stage.check(`two people are enrolled at ${custodian.name}`, enrolled === 2, `${enrolled} enrolled`)
  stage.note({ patients: enrolled })
}
