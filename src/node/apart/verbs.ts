/**
 * What an institution's process can be told by whoever started it, in the order of a start: open, found or attach, serve.
 */
import type { SignedAddress } from '../../api/index.ts'
import type { InstitutionKeys } from '../../identity/index.ts'
import type { Deployment, Founder } from '../../ledger/index.ts'
import type { Address, Hash32, InstitutionId, InstitutionRole } from '../../vocabulary/index.ts'
import type { Party, Seat } from '../institution/party.ts'
import type { StudyVerbs } from './study-verbs.ts'

/** Who the process is, and where its things lie. */
export interface Opening {
  readonly key: string
  readonly name: string
  readonly roles: readonly InstitutionRole[]
  readonly directory: string
  readonly slotMinutes: number
}

/** The ledger that all share: where it is reached and what it must show. */
export interface LedgerPlace {
  readonly url: string
  readonly chainId: number
  readonly genesisHash: Hash32
  readonly deployment: Deployment
  readonly operator: { readonly id: InstitutionId; readonly address: Address }
}

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
  /** At the operator: opens the ledger in a directory of its own, founds the contracts, opens the gateway (port 0: any). */
  operate(
    directory: string,
    founding: { readonly founders: readonly Founder[]; readonly threshold: number },
    port: number,
  ): Promise<LedgerPlace>
  /** Everywhere else: attaches to the operator's gateway. */
  attach(place: LedgerPlace): Promise<void>
  /** Opens the institution and its HTTPS inbox; gives the signed address. */
  serve(): Promise<SignedAddress>
  /** Takes in where others are reached; what is not signed by them is refused. */
  learn(addresses: readonly SignedAddress[]): Promise<void>
  /** Finishes what runs, closes everything. */
  close(): Promise<void>
}
