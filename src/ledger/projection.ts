/**
 * The projection: what the contracts' events add up to, as rows that a room can ask. Pure part and the port.
 *
 * Law: a projection can be dropped and rebuilt to the same content (DESIGN law 1); an event is known by (block hash, log
 * index); where the chain's past is another than the one read, the projection goes back to the last common block. It is
 * never the authority for a release of keys: that is the contract, read at the head.
 */
import type { Address, ConsentId, Hash32, Hex, InstitutionId, UnixSeconds } from '../vocabulary/index.ts'
import { quantity } from '../vocabulary/index.ts'
import type { ContractEvent } from './contract-events.ts'

/** A consent as the ledger shows it; `EXPIRED` is derived by whoever knows the instant. */
export interface ConsentRow {
  readonly consentId: ConsentId
  readonly signer: Address
  /** Null for a revoke that came before its grant. */
  readonly commitment: Hash32 | null
  readonly state: 'ACTIVE' | 'REVOKED'
  /** Whole UTC days since 1970; null for a tombstone. */
  readonly expiryDay: number | null
  readonly grantedHeight: number | null
  readonly revokedHeight: number | null
}

export interface InstitutionRow {
  readonly id: InstitutionId
  readonly ledgerKey: Address
  readonly messageKey: Hash32
  readonly hpkeKeyHash: Hash32
  readonly roles: number
  readonly status: 'ACTIVE' | 'SUSPENDED'
}

export interface AnchorRow {
  readonly institution: InstitutionId
  readonly stream: number
  readonly slot: number
  readonly root: Hash32
  /** Leaves under the root, as decimal digits (64 bits). */
  readonly count: string
  readonly previous: Hex
  /** The earlier slot that this one corrects. */
  readonly corrects: number | null
  readonly height: number
  readonly blockTime: UnixSeconds
  readonly transaction: Hash32
}

export interface RequestRow {
  readonly institution: InstitutionId
  readonly commitment: Hash32
  readonly height: number
  readonly blockTime: UnixSeconds
}

export interface AnchorQuery {
  readonly institution: InstitutionId
  readonly stream: number
  readonly fromSlot?: number
  readonly toSlot?: number
}

/** What rooms ask. Every answer is of the block that `head()` names, and never staler than the last `catchUp`. */
export interface ProjectionReads {
  consent(id: ConsentId): Promise<ConsentRow | undefined>
  institution(id: InstitutionId): Promise<InstitutionRow | undefined>
  institutions(): Promise<readonly InstitutionRow[]>
  /** Whose current ledger key an account is. */
  institutionOf(ledgerKey: Address): Promise<InstitutionRow | undefined>
  anchor(institution: InstitutionId, stream: number, slot: number): Promise<AnchorRow | undefined>
  /** Ascending by slot. */
  anchors(query: AnchorQuery): Promise<readonly AnchorRow[]>
  request(institution: InstitutionId, commitment: Hash32): Promise<RequestRow | undefined>
  counts(): Promise<ProjectionCounts>
}

export interface ProjectionCounts {
  readonly consents: number
  readonly revoked: number
  readonly anchors: number
  readonly requests: number
  readonly institutions: number
}

/** What one event changes. */
export type Change =
  | {
      readonly is: 'granted'
      readonly consentId: ConsentId
      readonly signer: Address
      readonly commitment: Hash32
      readonly expiryDay: number
    }
  | { readonly is: 'revoked'; readonly consentId: ConsentId; readonly signer: Address }
  | { readonly is: 'institution'; readonly row: InstitutionRow }
  | {
      readonly is: 'institution-changed'
      readonly id: InstitutionId
      readonly fields: Partial<Omit<InstitutionRow, 'id'>>
    }
  | { readonly is: 'anchored'; readonly row: AnchorRow }
  | {
      readonly is: 'corrected'
      readonly institution: InstitutionId
      readonly stream: number
      readonly slot: number
      readonly corrects: number
    }
  | { readonly is: 'requested'; readonly row: RequestRow }

/** The change that an event makes, or undefined for those that concern votes and refusals only. */
export function changeOf(event: ContractEvent): Change | undefined {
  const { block, transaction } = event
  const at = { height: block.height, blockTime: quantity<UnixSeconds>(block.timestamp) }
  switch (event.name) {
    case 'Granted': {
      const { consentId, signer, commitment, expiryDay } = event.args
      return {
        is: 'granted',
        consentId: consentId as ConsentId,
        signer: lower(signer),
        commitment: commitment as Hash32,
        expiryDay,
      }
    }
    case 'Revoked':
      return { is: 'revoked', consentId: event.args.consentId as ConsentId, signer: lower(event.args.signer) }
    case 'InstitutionAdded': {
      const { id, ledgerKey, messageKey, hpkeKeyHash, roles } = event.args
      return {
        is: 'institution',
        row: {
          id: id as InstitutionId,
          ledgerKey: lower(ledgerKey),
          messageKey: messageKey as Hash32,
          hpkeKeyHash: hpkeKeyHash as Hash32,
          roles,
          status: 'ACTIVE',
        },
      }
    }
    case 'KeysRotated': {
      const { id, ledgerKey, messageKey, hpkeKeyHash } = event.args
      const fields = {
        ledgerKey: lower(ledgerKey),
        messageKey: messageKey as Hash32,
        hpkeKeyHash: hpkeKeyHash as Hash32,
      }
      return { is: 'institution-changed', id: id as InstitutionId, fields }
    }
    case 'InstitutionSuspended':
      return {
        is: 'institution-changed',
        id: event.args.id as InstitutionId,
        fields: { status: 'SUSPENDED' },
      }
    case 'InstitutionReinstated':
      return { is: 'institution-changed', id: event.args.id as InstitutionId, fields: { status: 'ACTIVE' } }
    case 'RolesChanged':
      return {
        is: 'institution-changed',
        id: event.args.id as InstitutionId,
        fields: { roles: event.args.roles },
      }
    case 'Anchored': {
      const { institution, stream, slot, root, count, previous } = event.args
      return {
        is: 'anchored',
        row: {
          institution: institution as InstitutionId,
          stream,
          slot: Number(slot),
          root: root as Hash32,
          count: count.toString(),
          previous,
          corrects: null,
          transaction,
          ...at,
        },
      }
    }
    case 'Corrected': {
      const { institution, stream, slot, corrects } = event.args
      return {
        is: 'corrected',
        institution: institution as InstitutionId,
        stream,
        slot: Number(slot),
        corrects: Number(corrects),
      }
    }
    case 'AccessRequested': {
      const { commitment, institution } = event.args
      return {
        is: 'requested',
        row: { commitment: commitment as Hash32, institution: institution as InstitutionId, ...at },
      }
    }
    case 'GrantRefused':
    case 'ThresholdChanged':
    case 'Proposed':
    case 'Voted':
    case 'Executed':
      return undefined
    default:
      // An event of a later version of the contracts, or of OpenZeppelin's bases (EIP712DomainChanged).
      return undefined
  }
}

function lower(account: string): Address {
  return account.toLowerCase() as Address
}
