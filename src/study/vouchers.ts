/**
 * Participation vouchers: what a person makes, what a site issues, what a member redeems.
 *
 * Laws: a voucher is for having taken part in a study, never for a reading or a round; the person makes it with a fresh
 * key and gives the site its commitment only, so the site can issue but not spend; a batch is padded and sorted by
 * commitment, so a place in it says nothing; a redemption names one member and is worth nothing to any other. Hashes are
 * byte for byte those of `Credits` (contracts/src/interfaces/ICredits.sol), which alone decides.
 * Source: EIP-712 (the redemption), RFC 9162 section 2.1 (the batch).
 */
import {
  addressOfSecret,
  hexWord,
  keccak,
  keccakText,
  signDigest,
  signerOf,
  uintWord,
} from '../consent/browser.door.ts'
import { type Hasher, leafHash, merkleTree } from '../vault/index.ts'
import {
  type Address,
  type Bytes,
  compareBytes,
  concat,
  fromHex,
  type Hash32,
  type Hex,
  hash32,
  type InstitutionId,
  IsletError,
  toHex,
  uint32,
  utf8,
} from '../vocabulary/index.ts'

/** Where a voucher counts. */
export interface VoucherPlace {
  readonly study: Hash32
  readonly site: InstitutionId
}

export interface Voucher extends VoucherPlace {
  /** Address of the fresh key that redeems it. */
  readonly bearer: Address
  readonly salt: Hash32
}

/** A voucher with the key that spends it; the person's alone. */
export interface OwnVoucher {
  readonly voucher: Voucher
  readonly privateKey: Bytes
}

/** Which contract on which chain. */
export interface CreditsDomain {
  readonly chainId: bigint
  readonly credits: Address
}

const DUMMY = utf8('islet/v1/voucher-dummy\0')
const FEWEST_LEAVES = 16
const DOMAIN_TYPE = keccakText(
  'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)',
)
const REDEMPTION_TYPE = keccakText('Redemption(bytes32 nullifier,bytes32 redeemer)')

/** Makes a voucher from fresh randomness; `random` gives as many bytes as it is asked for. */
export function drawVoucher(place: VoucherPlace, random: (length: number) => Bytes): OwnVoucher {
  const privateKey = random(32)
  const salt = hash32(toHex(random(32)))
  return {
    voucher: { study: place.study, site: place.site, bearer: bearerOf(privateKey), salt },
    privateKey,
  }
}

/** Address of the key that redeems a voucher. */
export function bearerOf(privateKey: Uint8Array): Address {
  return addressOfSecret(privateKey)
}

/** keccak256(abi.encode(voucher)): all that the site is given. */
export function voucherCommitment({ study, site, bearer, salt }: Voucher): Hash32 {
  return keccak(hexWord(study), hexWord(site), hexWord(bearer), hexWord(salt))
}

/** keccak256(abi.encode(study, site, bearer)): what the ledger notes when it is spent. */
export function voucherNullifier({ study, site, bearer }: Omit<Voucher, 'salt'>): Hash32 {
  return keccak(hexWord(study), hexWord(site), hexWord(bearer))
}

/** A site's vouchers of a study, issued once. */
export interface VoucherBatch {
  readonly root: Hash32
  /** Leaves, a power of two. */
  readonly size: number
  /** Where a commitment stands, or undefined when it was not issued. */
  find(commitment: Hash32): { readonly index: number; readonly path: readonly Hash32[] } | undefined
}

/**
 * The batch over the commitments that people gave, in any order.
 * `siteSecret` has 32 bytes or more and makes the dummies. Throws `VOUCHER_TWICE`, `SECRET_SHORT`.
 */
export function voucherBatch(
  commitments: readonly Hash32[],
  place: VoucherPlace,
  siteSecret: Uint8Array,
  hasher: Hasher,
): VoucherBatch {
  if (siteSecret.length < 32) throw new IsletError('SECRET_SHORT', 'a secret has at least 32 bytes')
  if (new Set(commitments).size < commitments.length) {
    throw new IsletError('VOUCHER_TWICE', 'a voucher stands in the batch twice', { size: commitments.length })
  }
  let size = FEWEST_LEAVES
  while (size < commitments.length) size *= 2
  const here = concat(fromHex(place.study), fromHex(place.site))
  const dummies = Array.from({ length: size - commitments.length }, (_, i) =>
    hasher.hmacSha256(siteSecret, concat(DUMMY, here, uint32(i))),
  )
  const leaves = [...commitments.map(fromHex), ...dummies].sort(compareBytes)
  const tree = merkleTree(
    leaves.map((leaf) => leafHash(leaf, hasher)),
    hasher,
  )
  const places = new Map(leaves.map((leaf, index) => [toHex(leaf), index]))
  return {
    root: hash32(toHex(tree.root)),
    size,
    find: (commitment) => {
      const index = places.get(commitment)
      if (index === undefined) return undefined
      return { index, path: tree.inclusion(index).map((step) => hash32(toHex(step))) }
    },
  }
}

/** The bearer's word that one member may redeem the voucher: 65 bytes, low s. */
export function signRedemption(own: OwnVoucher, redeemer: InstitutionId, domain: CreditsDomain): Hex {
  return signDigest(own.privateKey, redemptionDigest(voucherNullifier(own.voucher), redeemer, domain))
}

/** Whose key signed that a member may redeem; undefined where the signature is of nobody. */
export function redemptionSigner(
  nullifier: Hash32,
  redeemer: InstitutionId,
  domain: CreditsDomain,
  signature: Hex,
): Address | undefined {
  return signerOf(redemptionDigest(nullifier, redeemer, domain), signature)
}

/** EIP-712 digest of Redemption(nullifier, redeemer). */
export function redemptionDigest(nullifier: Hash32, redeemer: InstitutionId, domain: CreditsDomain): Hash32 {
  const separator = keccak(
    hexWord(DOMAIN_TYPE),
    hexWord(keccakText('Islet Credits')),
    hexWord(keccakText('1')),
    uintWord(domain.chainId, 256),
    hexWord(domain.credits),
  )
  const struct = keccak(hexWord(REDEMPTION_TYPE), hexWord(nullifier), hexWord(redeemer))
  return keccak(Uint8Array.of(0x19, 0x01), hexWord(separator), hexWord(struct))
}
