/**
 * A consortium's ledger as one member sees it: through the endpoints it is given, with a journal and heads of its own.
 *
 * Laws: the founding members follow from the agreement, not from an endpoint; a head is signed over what this member's own
 * journal holds, and counts from any member's key.
 */
import type { TrustAnchor } from '../../finality/index.ts'
import { openChainJournal } from '../../ledger/chain-journal.door.ts'
import { CONSORTIUM_CONTRACTS, foundingLogs, type foundingOf } from '../../ledger/consortium.door.ts'
import { type Deployment, type Ledger, readContract, type Signer } from '../../ledger/index.ts'
import { openRpc } from '../../ledger/rpc.door.ts'
import { type Address, type InstitutionId, isIsletError } from '../../vocabulary/index.ts'
import type { HeadSealing } from '../institution/hosted.ts'
import { expectedChain } from './pinned-block.ts'

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
  /** A block that every endpoint must show before it is asked anything. */
  readonly pinned: TrustAnchor | undefined
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

/** How long a node may take to come to the pinned block; one that joined reads all blocks before it first. */
const PINNED_LIMIT_MS = 60_000

/** Opens it. Throws `ANCHOR_OF_ANOTHER_CHAIN`, and as the RPC engine and the journal do. */
export async function openMemberLedger(options: MemberLedgerOptions): Promise<MemberLedger> {
  const { urls, chainId, founding, by, report, pinned } = options
  const expect = expectedChain(chainId, pinned)
  const ledger = await oncePinned(pinned, () =>
    openRpc({
      ...{ urls, expect, directory: options.outbox, window: WINDOW },
      genesisLogs: foundingLogs(founding),
    }),
  )
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

/** Opens when a node has come to the pinned block. Throws what it throws at last. */
async function oncePinned<T>(pinned: TrustAnchor | undefined, open: () => Promise<T>): Promise<T> {
  for (const until = performance.now() + PINNED_LIMIT_MS; ; ) {
    try {
      return await open()
    } catch (error) {
      const isBehind = pinned !== undefined && isIsletError(error, 'UNREACHABLE')
      if (!isBehind || performance.now() >= until) throw error
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
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
