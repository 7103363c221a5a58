/**
 * Accounts of the ledger: secp256k1 keys and the addresses they sign for.
 * Source: Ethereum yellow paper, appendix F: the last 20 bytes of keccak-256 over the uncompressed public key.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { type Address, address, toHex } from '../vocabulary/index.ts'

/** The address of a private key of 32 bytes. */
export function ledgerAddress(privateKey: Uint8Array): Address {
  const uncompressed = secp256k1.getPublicKey(privateKey, false)
  return address(toHex(keccak_256(uncompressed.subarray(1)).subarray(12)))
}
