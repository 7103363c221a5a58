/**
 * The contract of participation vouchers set over a ledger: what was issued and redeemed, and what a key may do.
 *
 * Law: nothing is decided here: `Credits` decides (contracts/src/interfaces/ICredits.sol); what it refuses throws.
 */
import { hexWord, keccak, uintWord } from '../consent/browser.door.ts'
import {
  type Call,
  type CreditsDeployment,
  contractCall,
  type Head,
  type Ledger,
  readContract,
  type Signer,
} from '../ledger/index.ts'
import {
  fromHex,
  type Hash32,
  type Hex,
  hash32,
  type InstitutionId,
  IsletError,
  utf8,
} from '../vocabulary/index.ts'
import type { CreditsDomain, Voucher, VoucherBatch } from './vouchers.ts'

/** A site's vouchers of a study as the ledger has them. */
export interface IssuedBatch {
  readonly root: Hash32
  /** Leaves, padded to a power of two. */
  readonly size: number
  readonly redeemed: number
}

export interface CreditsChain {
  readonly domain: CreditsDomain
  batch(study: Hash32, site: InstitutionId): Promise<IssuedBatch | undefined>
  isRedeemed(nullifier: Hash32): Promise<boolean>
  as(signer: Signer): CreditsActs
}

/** What one key may do. Throws `VOUCHER_CALL_REFUSED`. */
export interface CreditsActs {
  /** Issues the signer's vouchers of a study, all at once. */
  issue(study: Hash32, batch: Pick<VoucherBatch, 'root' | 'size'>): Promise<Head>
  /** Redeems a voucher at the signer's member. */
  redeem(voucher: Voucher, place: VoucherPlaceInBatch, signature: Hex): Promise<Head>
}

type VoucherPlaceInBatch = NonNullable<ReturnType<VoucherBatch['find']>>

const NO_ROOT = `0x${'00'.repeat(32)}`

export function creditsChain(ledger: Ledger, deployment: CreditsDeployment): CreditsChain {
  const send = async (by: Signer, name: string, call: Call): Promise<Head> => {
    const { height } = await ledger.head()
    // With the height in it, an act that was refused can be tried again on a newer state.
    const key = keccak(
      utf8('islet/v1/credits-act\0'),
      hexWord(deployment.credits),
      hexWord(by.address),
      uintWord(height, 64),
      fromHex(call.data),
    )
    const receipt = await ledger.submit(call, { by, keys: [key] })
    if (receipt.status === 'success') return receipt.block
    throw new IsletError(
      'VOUCHER_CALL_REFUSED',
      `the ledger refused to ${name}`,
      { act: name, block: receipt.block.height },
      {
        remedy:
          'A site issues once per study that it approved; a voucher is redeemed once, at the member it names.',
      },
    )
  }
  return {
    domain: { chainId: BigInt(ledger.chainId), credits: deployment.credits },
    batch: async (study, site) => {
      const { value } = await readContract(ledger, deployment, 'credits', 'batchOf', [study, site])
      if (value.root === NO_ROOT) return undefined
      return { root: hash32(value.root), size: value.size, redeemed: value.redeemed }
    },
    isRedeemed: async (nullifier) =>
      (await readContract(ledger, deployment, 'credits', 'isRedeemed', [nullifier])).value,
    as: (by) => ({
      issue: (study, { root, size }) =>
        send(by, 'issue', contractCall(deployment, 'credits', 'issue', [study, root, size])),
      redeem: (voucher, { index, path }, signature) =>
        send(
          by,
          'redeem',
          contractCall(deployment, 'credits', 'redeem', [voucher, BigInt(index), path, signature]),
        ),
    }),
  }
}
