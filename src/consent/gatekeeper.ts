/**
 * The gate before every byte: may this party do this now, under this consent?
 *
 * Law: the order of truth is a revoke that was seen, then the ledger at its newest block, then the opening, judged here
 * with the contract's own codes; the instant is the later of the own clock and the head's timestamp (PROTOCOL 4, 5).
 * Whatever cannot be read is refused.
 */
import type { Authority } from '../identity/index.ts'
import {
  type Action,
  type ConsentId,
  type Hash32,
  type HourWindow,
  IsletError,
  type Kind,
  type Purpose,
  quantity,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import { type Subject, subjectHash } from './access-request.ts'
import type { ChainReader } from './chain.ts'
import type { ConsentBook } from './consent-book.ts'
import { decide, type RefusalCode } from './decide.ts'
import type { HandOver } from './hand-over.ts'
import type { RevokeRegister } from './revoke-register.ts'

/** What somebody wants under a consent. */
export interface Claimed {
  readonly consentId: ConsentId
  /** The key that signed the order. */
  readonly signer: Hash32
  readonly actor: Subject
  readonly action: Action
  readonly purpose: Purpose
  readonly asked: readonly { readonly kind: Kind; readonly window: HourWindow }[]
}

/** Why a delegate may not, beyond the codes of the contract. */
export type DelegationRefusal = Extract<Authority, { allowed: false }>['code']

export type Passage =
  | { readonly code: 'ALLOWED'; readonly grant: HandOver; readonly at: UnixSeconds; readonly block: number }
  | {
      readonly code: RefusalCode | DelegationRefusal
      /** Undefined when the consent is not known here. */
      readonly grant: HandOver | undefined
      readonly at: UnixSeconds
      readonly block: number
    }

export interface Gatekeeper {
  /** Judges; throws `LEDGER_UNREADABLE` when the ledger gives no answer: no answer, no access. */
  judge(claimed: Claimed): Promise<Passage>
}

export function gatekeeper(ports: {
  readonly chain: ChainReader
  readonly consents: Pick<ConsentBook, 'get'>
  readonly revokes: Pick<RevokeRegister, 'has'>
  readonly clock: () => UnixSeconds
  /** Whether a delegate of a patient may read now. */
  readonly delegates: (patient: Hash32, delegate: Hash32, at: UnixSeconds) => Authority
}): Gatekeeper {
  const { chain, consents, revokes, clock, delegates } = ports
  return {
    judge: async (claimed) => {
      const grant = consents.get(claimed.consentId)
      if (grant === undefined) {
        const head = await readable(chain.head())
        return { code: 'CONSENT_UNKNOWN', grant, at: later(clock(), head.timestamp), block: head.number }
      }
      const { opening, signer, consentId } = grant
      const reading = await readable(chain.consent(consentId, signer, opening.reader))
      const at = later(clock(), reading.head.timestamp)
      const block = reading.head.number
      if (revokes.has(consentId)) return { code: 'CONSENT_REVOKED', grant, at, block }
      const speaksForReader =
        claimed.actor.type === 'delegate'
          ? claimed.signer === claimed.actor.key
          : claimed.signer === reading.reader?.messageKey
      if (!speaksForReader) return { code: 'READER_MISMATCH', grant, at, block }
      const standing = {
        state: reading.state,
        expiryDay: reading.expiryDay,
        readerActive: reading.reader?.active === true,
      }
      const subject = subjectHash(opening.reader, claimed.actor)
      const { action, purpose } = claimed
      for (const { kind, window } of claimed.asked) {
        const question = { reader: opening.reader, subject, kind, action, purpose, window }
        const decision = decide({ consentId, signer, opening }, question, standing, at)
        if (!decision.allowed) return { code: decision.code, grant, at, block }
      }
      if (claimed.actor.type === 'delegate') {
        const authority = delegates(opening.patientKey, claimed.signer, at)
        if (!authority.allowed) return { code: authority.code, grant, at, block }
      }
      return { code: 'ALLOWED', grant, at, block }
    },
  }
}

/** The later of two instants, in whole seconds. */
export function later(a: UnixSeconds, b: UnixSeconds): UnixSeconds {
  return quantity<UnixSeconds>(Math.floor(Math.max(a, b)))
}

async function readable<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading
  } catch (cause) {
    throw new IsletError(
      'LEDGER_UNREADABLE',
      'the ledger gives no answer, so nothing is served',
      {},
      { remedy: 'Try again when the ledger is back.', cause },
    )
  }
}
