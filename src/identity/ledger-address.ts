/**
 * Accounts of the ledger: secp256k1 keys and the addresses they sign for.
 * Source: Ethereum yellow paper, appendix F: the last 20 bytes of keccak-256 over the uncompressed public key.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { type Address, address, type Bytes, toHex } from '../vocabulary/index.ts'

/** The address of a private key of 32 bytes. */
export function ledgerAddress(privateKey: Uint8Array): Address {
  return addressOf(secp256k1.getPublicKey(privateKey, false))
}

/** The address of an uncompressed public key of 65 bytes. */
export function addressOf(uncompressed: Uint8Array): Address {
  return address(toHex(keccak_256(uncompressed.subarray(1)).subarray(12)))
}

/** A private key from 48 uniform bytes, with no bias worth the name (FIPS 186-5 appendix A.2.1). */
export function ledgerPrivateKey(uniform: Uint8Array): Bytes {
  return new Uint8Array(secp256k1.utils.randomSecretKey(uniform))
}
