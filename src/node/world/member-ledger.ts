/**
 * A consortium's ledger as one member sees it: through the endpoints it is given, with a journal and heads of its own.
 *
 * Laws: the founding members follow from the agreement, not from an endpoint; a head is signed over what this member's own
 * journal holds, and counts from any member's key.
 */
import { openChainJournal } from '../../ledger/chain-journal.door.ts'
import { CONSORTIUM_CONTRACTS, foundingLogs, type foundingOf } from '../../ledger/consortium.door.ts'
import { type Deployment, type Ledger, readContract, type Signer } from '../../ledger/index.ts'
import { openRpc } from '../../ledger/rpc.door.ts'
import type { Address, InstitutionId } from '../../vocabulary/index.ts'
import type { HeadSealing } from '../institution/hosted.ts'

/** An institution that keeps heads. */
export interface SealingParty {
  readonly id: InstitutionId
  readonly signer: Signer
  /** Who seals, where one alone does. */
  readonly operator: InstitutionId
}

export interface MemberLedger {
  readonly ledger: Ledger
  readonly deployment: Deployment
  /** Who seals the heads that an institution keeps. */
  sealing(own: Omit<SealingParty, 'operator'>): HeadSealing
  close(): Promise<void>
}

export interface MemberLedgerOptions {
  /** Endpoints in order of preference: one's own node first. */
  readonly urls: readonly string[]
  readonly chainId: number
  readonly founding: ReturnType<typeof foundingOf>
  /** Directory of the outbox. */
  readonly outbox: string
  /** Directory of the journal. */
  readonly journal: string
  /** Marks how far the journal is. */
  readonly by: Signer
  readonly report: (error: unknown) => void
}

/** Transactions of one sender on their way at once: a block of four validators holds some hundred. */
const WINDOW = 64

/** Opens it. Throws as the RPC engine and the journal do. */
export async function openMemberLedger(options: MemberLedgerOptions): Promise<MemberLedger> {
  const { urls, chainId, founding, by, report } = options
  const ledger = await openRpc({
    ...{ urls, expect: { chainId }, directory: options.outbox, window: WINDOW },
    genesisLogs: foundingLogs(founding),
  })
  try {
    const { membership, consents, anchors } = CONSORTIUM_CONTRACTS
    const deployment = { membership, consents, anchors }
    const journal = await openChainJournal({
      ...{ ledger, urls, membership, founding, by, report },
      directory: options.journal,
    })
    const isSealer = memberKeys(ledger, deployment)
    return {
      ledger,
      deployment,
      sealing: ({ id, signer }) => ({
        operator: { id, address: signer.address },
        isSealer,
        ownHead: () => journal.signedHead(signer),
      }),
      close: async () => {
        await journal.close()
        await ledger.close()
      },
    }
  } catch (error) {
    await ledger.close()
    throw error
  }
}

/** Whether a key is, or was since the opening, a member's on the ledger. */
function memberKeys(ledger: Ledger, deployment: Deployment): (key: Address) => Promise<boolean> {
  const known = new Set<Address>()
  return async (key) => {
    if (known.has(key)) return true
    const { value } = await readContract(ledger, deployment, 'membership', 'memberOf', [key])
    if (BigInt(value) === 0n) return false
    known.add(key)
    return true
  }
}
