/**
 * The two things a patient signs for the ledger: a Grant and a Revoke, as EIP-712 typed data.
 *
 * Law: verified by node and contract alike (PROTOCOL 11); bound to the live chain id, the contract, the action,
 * a nonce and a deadline; signatures with low s only, so that each intent has one spelling.
 * Source: EIP-712 (typed structured data), EIP-2 (low s), RFC 6979 (deterministic nonces), SEC 1 §4.1.6 (recovery).
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import {
  type Address,
  address,
  type Bytes,
  type ConsentId,
  concat,
  fromHex,
  type Hash32,
  type Hex,
  IsletError,
  toHex,
} from '../vocabulary/index.ts'
import { hexWord, keccak, keccakText, uintWord } from './abi-words.ts'

/** Which contract on which chain an intent is for. */
export interface IntentDomain {
  readonly chainId: bigint
  readonly consentLedger: Address
}

export interface GrantIntent {
  readonly action: 'grant'
  readonly commitment: Hash32
  /** Days since 1970, rounded up: `expiryDayOf`. */
  readonly expiryDay: number
  readonly nonce: bigint
  /** The ledger refuses the intent after this instant, whole seconds since 1970. */
  readonly deadline: bigint
}

export interface RevokeIntent {
  readonly action: 'revoke'
  readonly consentId: ConsentId
  readonly nonce: bigint
  readonly deadline: bigint
}

export type Intent = GrantIntent | RevokeIntent

export const DOMAIN_NAME = 'Islet ConsentLedger'
export const DOMAIN_VERSION = '1'
const DOMAIN_TYPE = keccakText(
  'EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)',
)
const GRANT_TYPE = keccakText('Grant(bytes32 commitment,uint32 expiryDay,uint64 nonce,uint64 deadline)')
const REVOKE_TYPE = keccakText('Revoke(bytes32 consentId,uint64 nonce,uint64 deadline)')

/** The EIP-712 digest that the consent's key signs. */
export function intentDigest(domain: IntentDomain, intent: Intent): Hash32 {
  return keccak(Uint8Array.of(0x19, 0x01), hexWord(domainSeparator(domain)), hexWord(structHash(intent)))
}

export function domainSeparator(domain: IntentDomain): Hash32 {
  return keccak(
    hexWord(DOMAIN_TYPE),
    hexWord(keccakText(DOMAIN_NAME)),
    hexWord(keccakText(DOMAIN_VERSION)),
    uintWord(domain.chainId, 256),
    hexWord(domain.consentLedger),
  )
}

function structHash(intent: Intent): Hash32 {
  switch (intent.action) {
    case 'grant':
      return keccak(
        hexWord(GRANT_TYPE),
        hexWord(intent.commitment),
        uintWord(intent.expiryDay, 32),
        uintWord(intent.nonce, 64),
        uintWord(intent.deadline, 64),
      )
    case 'revoke':
      return keccak(
        hexWord(REVOKE_TYPE),
        hexWord(intent.consentId),
        uintWord(intent.nonce, 64),
        uintWord(intent.deadline, 64),
      )
    default:
      return intent satisfies never
  }
}

/** Signs a digest: r ‖ s ‖ v, 65 bytes, low s, v ∈ {27, 28}. */
export function signDigest(secretKey: Uint8Array, digest: Hash32): Hex {
  const signature = secp256k1.sign(fromHex(digest), secretKey, {
    prehash: false,
    lowS: true,
    format: 'recovered',
  })
  const recovery = signature[0]
  if (recovery === undefined || recovery > 1) {
    throw new IsletError('SIGNATURE_REFUSED', 'the signature has no recovery bit the ledger knows')
  }
  return toHex(concat(signature.subarray(1), Uint8Array.of(27 + recovery)))
}

/** The address whose key signed a digest, or undefined: malformed, high s, or no such point. */
export function signerOf(digest: Hash32, signature: Hex): Address | undefined {
  let bytes: Bytes
  try {
    bytes = fromHex(signature)
  } catch {
    return undefined
  }
  const v = bytes[64]
  if (bytes.length !== 65 || (v !== 27 && v !== 28)) return undefined
  try {
    const parsed = secp256k1.Signature.fromBytes(
      concat(Uint8Array.of(v - 27), bytes.subarray(0, 64)),
      'recovered',
    )
    if (parsed.hasHighS()) return undefined
    return addressOfPoint(parsed.recoverPublicKey(fromHex(digest)).toBytes(false))
  } catch {
    return undefined
  }
}

/** The ledger address of a secp256k1 secret key. */
export function addressOfSecret(secretKey: Uint8Array): Address {
  return addressOfPoint(secp256k1.getPublicKey(secretKey, false))
}

/** The last 20 bytes of keccak256 over the uncompressed point without its prefix. */
function addressOfPoint(point: Uint8Array): Address {
  return address(toHex(keccak_256(point.subarray(1)).subarray(12)))
}
