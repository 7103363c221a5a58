/**
 * What a patient's agent has to send: through members drawn at random to the ledger, and to institutions until they took it.
 *
 * Laws: each institution gets re-sealed covers before the revoke that made them needed, and no institution waits for
 * another: a revoke is held back by nobody's silence (PROTOCOL 5, 14). Relayers are drawn across the members (PROTOCOL 8).
 */
import { type InstitutionId, IsletError, isIsletError, type Json } from '../vocabulary/index.ts'
import { asJson, parseDocument, sign } from './document.ts'
import { orderBase } from './holder.ts'
import type { PatientPorts } from './patient-ports.ts'
import type { Outgoing, PatientMemory } from './patient-state.ts'
import { type GrantRelay, GrantRelayAnswerSchema } from './relay.ts'
import type { RevokeDocument } from './revoke-register.ts'
import { sendWithin } from './within.ts'

export interface Outbox {
  /** Puts a signed grant on the ledger through one member after another. Throws the ledger's code, `NO_RELAYER`. */
  relay(intent: GrantRelay): Promise<void>
  /** What carries a revoke to the custodian and to some members at once. */
  revokes(custodian: InstitutionId, revoke: RevokeDocument): Promise<readonly Outgoing[]>
  /**
   * Sends some of what waits, to each institution beside the others. What was not taken waits on.
   * Throws what an institution refused for good, once every other has been tried.
   */
  deliver(items: readonly Outgoing[]): Promise<void>
  /** Sends what waits; what was not taken waits on. */
  flush(): Promise<void>
}

/** Members tried at once with a revoke. */
const REVOKE_RELAYERS = 3
/** The ledger's words against a grant that trying another relayer would not change. */
const LEDGER_REFUSALS = ['SIGNATURE_INVALID', 'EXPIRY_PASSED', 'ALREADY_REVOKED', 'ADDRESS_SPENT'] as const
/** Refusals that sending again would not change. */
const FINAL = [
  'ENVELOPE_REFUSED',
  'CONSENT_NOT_HANDED_OVER',
  'PATIENT_UNKNOWN',
  'REVOKE_REFUSED',
  'DOCUMENT_REFUSED',
  'HAND_OVER_REFUSED',
  'SIGNATURE_REFUSED',
  'OPENING_REFUSED',
  'DELEGATION_MISSING',
  'DELEGATION_REVOKED',
  'DELEGATION_EXPIRED',
  'RIGHT_NOT_DELEGATED',
] as const
const URGENCIES = ['reseal', 'revoke', 'other'] as const

export function outbox(ports: PatientPorts, memory: PatientMemory): Outbox {
  const { keys, crypto, chain } = ports
  const send = sendWithin(ports)

  /** Active members in random order. */
  const relayers = async (): Promise<readonly InstitutionId[]> => {
    const active = (await chain.members()).filter((member) => member.active).map((member) => member.id)
    const order = active.map((id) => ({ id, at: new DataView(crypto.cipher.random(4).buffer).getUint32(0) }))
    return order.sort((a, b) => a.at - b.at).map(({ id }) => id)
  }

  /** Orders are dated and signed when they are sent, and a grant goes with its newest envelope; not once it ended. */
  const dated = (item: Outgoing): Json | undefined => {
    if (item.type === 'grant') {
      const { consentId, ...rest } = item.body
      const grant = memory.now.grants.find((known) => known.handOver.consentId === consentId)
      if (grant === undefined || grant.status === 'ended') return undefined
      return { ...rest, handOver: asJson(grant.handOver) }
    }
    if (item.generations === null) return item.body
    const body = { ...orderBase(ports, item.to), generations: item.generations }
    return { ...item.body, order: asJson(sign('islet.generation/1', body, keys.identity)) }
  }

  /** Sends one thing; gives the refusal that sending again would not change. */
  const deliverOne = async (item: Outgoing): Promise<IsletError | undefined> => {
    let refused: IsletError | undefined
    try {
      const body = dated(item)
      if (body !== undefined) await send(item.to, item.type, body)
    } catch (error) {
      if (!isIsletError(error, ...FINAL)) return undefined
      refused = error
    }
    await memory.change((state) => ({ ...state, outbox: state.outbox.filter((other) => other !== item) }))
    return refused
  }

  /** Each institution in order of urgency, and none after another. */
  const deliver = async (items: readonly Outgoing[]): Promise<readonly IsletError[]> => {
    const refusals: IsletError[] = []
    const targets = [...new Set(items.map((item) => item.to))]
    await Promise.all(
      targets.map(async (to) => {
        for (const urgency of URGENCIES) {
          for (const item of items) {
            if (item.to !== to || item.urgency !== urgency) continue
            const refused = await deliverOne(item)
            if (refused !== undefined) refusals.push(refused)
          }
        }
      }),
    )
    return refusals
  }

  return {
    relay: async (intent) => {
      let failure: unknown = new IsletError('NO_RELAYER', 'no active member takes the grant to the ledger')
      for (const member of await relayers()) {
        try {
          const reply = await send(member, 'grant-relay', asJson(intent))
          const { code } = parseDocument(GrantRelayAnswerSchema, reply, 'answer to a grant')
          if (code === 'GRANTED' || code === 'ALREADY_GRANTED') return
          throw new IsletError(code, 'the ledger refused the grant')
        } catch (error) {
          if (isIsletError(error, ...LEDGER_REFUSALS)) throw error
          failure = error
        }
      }
      throw failure
    },
    revokes: async (custodian, revoke) => {
      const members = (await relayers().catch(() => [])).slice(0, REVOKE_RELAYERS)
      return [...new Set([custodian, ...members])].map((to) => ({
        urgency: 'revoke',
        to,
        type: 'revoke',
        body: { revoke: asJson(revoke), gossip: false },
        generations: null,
      }))
    },
    deliver: async (items) => {
      const [refused] = await deliver(items)
      if (refused !== undefined) throw refused
    },
    flush: async () => {
      await deliver(memory.now.outbox)
    },
  }
}
