/**
 * The port to the ledger as consent needs it. `ledger-chain.ts` sets it over a real ledger, `testing/memory-chain.ts`
 * over the reference state machine; one suite holds both.
 *
 * Law: only ledger state is read, from one's own node; no opening ever passes this port (PROTOCOL 4).
 */
import type { Address, ConsentId, Hash32, Hex, InstitutionId, UnixSeconds } from '../vocabulary/index.ts'
import type { GrantIntent, IntentDomain, RevokeIntent } from './intents.ts'

/** A block of the ledger. */
export interface ChainHead {
  readonly number: number
  readonly timestamp: UnixSeconds
}

/** A member institution as `Membership` has it. */
export interface Member {
  readonly id: InstitutionId
  readonly active: boolean
  /** Ed25519 public key of its messages. */
  readonly messageKey: Hash32
  /** SHA-256 of its X-Wing public key. */
  readonly hpkeKeyHash: Hash32
}

export interface SignedGrant {
  readonly intent: GrantIntent
  readonly signer: Address
  readonly signature: Hex
}

/** A revoke as it travels: the commitment proves that the id is the signer's own. */
export interface SignedRevoke {
  readonly intent: RevokeIntent
  readonly commitment: Hash32
  readonly signer: Address
  readonly signature: Hex
}

export type GrantCode =
  | 'GRANTED'
  | 'SIGNATURE_INVALID'
  | 'DEADLINE_PASSED'
  | 'EXPIRY_PASSED'
  | 'ALREADY_GRANTED'
  | 'ALREADY_REVOKED'
  | 'ADDRESS_SPENT'

/** Streams of anchors: sealed objects, access log. */
export type AnchorStream = 'objects' | 'log'

export interface AnchoredRoot {
  readonly root: Hash32
  readonly count: number
  /** Block that holds the anchor. */
  readonly block: number
}

/** Everything about one consent and its reader, read at one block. */
export interface ConsentReading {
  readonly head: ChainHead
  readonly state: 'NONE' | 'ACTIVE' | 'REVOKED'
  readonly expiryDay: number
  readonly reader: Member | undefined
}

/** Reading the ledger. */
export interface ChainReader {
  readonly domain: IntentDomain
  head(): Promise<ChainHead>
  /** State of a consent and its reader's membership at the newest block, in one go. */
  consent(id: ConsentId, signer: Address, reader: InstitutionId): Promise<ConsentReading>
  /** State of a consent at the newest block, and that block's number. */
  consentState(
    id: ConsentId,
    signer: Address,
  ): Promise<{ readonly state: ConsentReading['state']; readonly block: number }>
  member(id: InstitutionId): Promise<Member | undefined>
  /** Every institution ever admitted. */
  members(): Promise<readonly Member[]>
  /** When an institution recorded a request commitment, or undefined. */
  requestedAt(institution: InstitutionId, commitment: Hash32): Promise<UnixSeconds | undefined>
  anchorAt(institution: InstitutionId, stream: AnchorStream, slot: number): Promise<AnchoredRoot | undefined>
  /** Newest anchored slot of a stream, 0 before the first. */
  latestSlot(institution: InstitutionId, stream: AnchorStream): Promise<number>
}

/** Writing to the ledger as one member; resolves when the transaction is final. */
export interface ChainWriter {
  /** Relays a signed grant; those that come together may share a transaction. */
  grant(grant: SignedGrant): Promise<{ readonly code: GrantCode; readonly block: number }>
  /** Relays a signed revoke; never batched, never delayed. */
  revoke(revoke: SignedRevoke): Promise<{ readonly block: number }>
  requestAccess(commitment: Hash32): Promise<{ readonly block: number }>
  /** Anchors a root for this member. */
  anchor(
    stream: AnchorStream,
    anchor: {
      readonly slot: number
      readonly root: Hash32
      readonly count: number
      readonly corrects?: number
    },
  ): Promise<{ readonly block: number }>
  /** Anchors both streams of a slot for this member, in one transaction. */
  anchorSlot(slot: {
    readonly slot: number
    readonly objects: Pick<AnchoredRoot, 'root' | 'count'>
    readonly log: Pick<AnchoredRoot, 'root' | 'count'>
  }): Promise<{ readonly block: number }>
}
