/**
 * What an institution's process can be told by whoever started it, in the order of a start: open, found or attach, serve.
 */
import type { SignedAddress } from '../../api/index.ts'
import type { Second } from '../../consent/index.ts'
import type { InstitutionKeys } from '../../identity/index.ts'
import type { Deployment, Founder } from '../../ledger/index.ts'
import type { Address, Hash32, InstitutionId, InstitutionRole } from '../../vocabulary/index.ts'
import type { Party, Seat } from '../institution/party.ts'
import type { MemberRequest, MembersFile } from '../network/member-request.ts'
import type { DeskInstitution } from '../study/study-desk.ts'
import type { StudyVerbs } from './study-verbs.ts'

/** Who the process is, and where its things lie. */
export interface Opening {
  readonly key: string
  readonly name: string
  readonly roles: readonly InstitutionRole[]
  readonly directory: string
  /** Where the executor keeps its ledger, or the member its journal of a consortium's. */
  readonly ledgerDirectory: string
  readonly slotMinutes: number
}

/** How the institution is reached, and with whom it opens emergency envelopes. */
export interface Serving {
  /** 0: any free one. */
  readonly port: number
  readonly second: Second | undefined
  /** How the members are called, this one among them. */
  readonly members: readonly DeskInstitution[]
}

/** The ledger of one operator: where it is reached and what it must show. */
export interface GatewayPlace {
  readonly engine: 'embedded'
  readonly url: string
  readonly chainId: number
  readonly genesisHash: Hash32
  readonly deployment: Deployment
  readonly operator: { readonly id: InstitutionId; readonly address: Address }
}

/** The ledger of a consortium: what its members agreed on, and nodes for members that have none. */
export interface ConsortiumPlace {
  readonly engine: 'consortium'
  readonly members: MembersFile
  readonly urls: readonly string[]
  readonly chainId: number
}

export type LedgerPlace = GatewayPlace | ConsortiumPlace

/** How long the gateway may take: the operator's process shares this machine with nine others, and slow is not gone. */
export const GATEWAY_TIMEOUT_MS = 20_000

/** Verbs of a party, over the channel. */
type PartyVerbs = Pick<
  Party,
  | 'ask'
  | 'grants'
  | 'generations'
  | 'read'
  | 'search'
  | 'write'
  | 'probe'
  | 'record'
  | 'anchoredIn'
  | 'tick'
  | 'exchangeHeads'
  | 'heads'
  | 'logSize'
  | 'enrolled'
>

export interface InstitutionVerbs extends PartyVerbs, StudyVerbs, Omit<Seat, 'id'> {
  /** Locks the directory, opens the keys or draws them, and tells their public part. */
  open(opening: Opening): Promise<InstitutionKeys['public']>
  /** At the operator of a ledger of one: opens it, founds the contracts, opens the gateway (port 0: any). */
  operate(
    founding: { readonly founders: readonly Founder[]; readonly threshold: number },
    port: number,
  ): Promise<GatewayPlace>
  /** For a consortium: makes the keys of a node where it shall have a seat, and signs the request. */
  requestMembership(seated: boolean): Promise<MemberRequest>
  /** Founds the member's own part of the consortium; gives the hash of the genesis that it made. */
  foundConsortium(members: MembersFile): Promise<string>
  /** Starts the member's node and waits for a block; gives host and port of its JSON-RPC. */
  startNode(): Promise<string>
  /** Attaches to the ledger: the operator's gateway, or the consortium by its own node. */
  attach(place: LedgerPlace): Promise<void>
  /** The newest block that this institution sees. */
  ledgerHeight(): Promise<number>
  /** Opens the institution and its HTTPS face, inbox and app; gives the signed address. */
  serve(serving: Serving): Promise<SignedAddress>
  /** Takes in where others are reached; what is not signed by them is refused. */
  learn(addresses: readonly SignedAddress[]): Promise<void>
  /** Finishes what runs, closes everything. */
  close(): Promise<void>
}
