/**
 * Which consents there are and how each stands, by the events of the consent ledger in order.
 *
 * Law: revoked is final; a revoke without a grant is a consent too, which never was and never will be.
 * Source: contracts/src/interfaces/IConsentLedger.sol (`Granted`, `Revoked`).
 */
import { keccak256 } from '../vault/index.ts'
import {
  type Address,
  address,
  type ConsentId,
  consentId,
  type Hash32,
  hash32,
  toHex,
  utf8,
} from '../vocabulary/index.ts'
import type { ConsentStanding } from './consent-word.ts'
import type { LedgerEvent } from './ledger-events.ts'
import { malformed } from './refusal.ts'

export interface ToldConsent {
  readonly signer: Address
  readonly standing: ConsentStanding
}

const GRANTED = topicOf('Granted(bytes32,address,bytes32,uint32)')
const REVOKED = topicOf('Revoked(bytes32,address)')
/** Commitment and day, a word each. */
const GRANTED_BYTES = 64

export class ConsentsTold {
  readonly #consents: Address
  readonly #told = new Map<ConsentId, ToldConsent>()

  /** `consents`: where the consent ledger stands. */
  constructor(consents: Address) {
    this.#consents = consents
  }

  get all(): ReadonlyMap<ConsentId, ToldConsent> {
    return this.#told
  }

  /** Takes in the next events. Throws `PROOF_MALFORMED`. */
  take(events: readonly LedgerEvent[]): void {
    for (const { contract, topics, data } of events) {
      const [topic, id, who] = topics
      if (contract !== this.#consents || (topic !== GRANTED && topic !== REVOKED)) continue
      const whole = topic === REVOKED || data.length === GRANTED_BYTES
      if (id === undefined || who === undefined || !whole) throw malformed('an event does not have its form')
      const signer = address(`0x${who.slice(26)}`)
      this.#told.set(consentId(id), { signer, standing: topic === REVOKED ? REVOKED_FOR_GOOD : active(data) })
    }
  }
}

const REVOKED_FOR_GOOD: ConsentStanding = { state: 'revoked' }

function active(data: Uint8Array): ConsentStanding {
  const day = new DataView(data.buffer, data.byteOffset + GRANTED_BYTES - 4, 4).getUint32(0)
  return { state: 'active', expiryDay: day }
}

function topicOf(signature: string): Hash32 {
  return hash32(toHex(keccak256(utf8(signature))))
}
