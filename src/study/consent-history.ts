/**
 * What the ledger said of consents and of a reader's membership at any block: a fold over its events.
 *
 * Laws: the state at a block is the state at its end, whoever asks when; a consent is terminal, so three numbers say all
 * there is about it (granted in, expiry day, revoked in); a revoke without a grant stands too (PROTOCOL 7). An engine that
 * has pruned the state of a block still has its events, so a round can be judged years later.
 */
import type { ConsentClaim, ConsentStanding } from '../consent/browser.door.ts'
import type { ConsentId, InstitutionId } from '../vocabulary/index.ts'

export type ConsentFact =
  | {
      readonly type: 'granted'
      readonly consent: ConsentId
      /** Days since 1970. */
      readonly expiryDay: number
      readonly block: number
    }
  | { readonly type: 'revoked'; readonly consent: ConsentId; readonly block: number }
  | {
      readonly type: 'member'
      readonly institution: InstitutionId
      readonly active: boolean
      readonly block: number
    }

interface Known {
  granted: number
  expiryDay: number
  revoked: number
}

const NEVER = Number.POSITIVE_INFINITY

/** Facts go in as their blocks come. */
export class ConsentHistory {
  readonly #consents = new Map<ConsentId, Known>()
  readonly #members = new Map<InstitutionId, { readonly block: number; readonly active: boolean }[]>()

  note(fact: ConsentFact): void {
    if (fact.type === 'member') {
      const changes = this.#members.get(fact.institution) ?? []
      changes.push({ block: fact.block, active: fact.active })
      this.#members.set(fact.institution, changes)
      return
    }
    const known = this.#consents.get(fact.consent) ?? { granted: NEVER, expiryDay: 0, revoked: NEVER }
    this.#consents.set(fact.consent, known)
    if (fact.type === 'granted') {
      known.granted = fact.block
      known.expiryDay = fact.expiryDay
    } else known.revoked = Math.min(known.revoked, fact.block)
  }

  /** How a consent and its reader stood at the end of a block. */
  standing(claim: Pick<ConsentClaim, 'consentId' | 'opening'>, block: number): ConsentStanding {
    const known = this.#consents.get(claim.consentId)
    const granted = known !== undefined && known.granted <= block
    const revoked = known !== undefined && known.revoked <= block
    const changes = this.#members.get(claim.opening.reader) ?? []
    const last = changes.findLast((change) => change.block <= block)
    return {
      state: revoked ? 'REVOKED' : granted ? 'ACTIVE' : 'NONE',
      expiryDay: granted ? known.expiryDay : 0,
      readerActive: last?.active ?? false,
    }
  }

  /** Block that holds a consent's revoke, or undefined. */
  revokedIn(consent: ConsentId): number | undefined {
    const block = this.#consents.get(consent)?.revoked
    return block === NEVER ? undefined : block
  }
}
