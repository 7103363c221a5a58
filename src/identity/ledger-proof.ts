/**
 * Proof that whoever made a document holds a ledger key: a recoverable ECDSA signature over the document's hash.
 *
 * Law: what is signed starts with a label that no transaction and no EIP-712 message starts with, so that a proof is
 * worth nothing on the ledger. Source: SEC 1 section 4.1.6 (recovery), RFC 6979 (deterministic nonce), low s.
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { type Address, concat, fromHex, type Hex, toHex, utf8 } from '../vocabulary/index.ts'
import { addressOf } from './ledger-address.ts'

const LABEL = utf8('islet/v1/ledger-key-proof\0')
/** Recovery byte, r, s. */
const PROOF_BYTES = 65

/** Proves possession of a ledger key over a document's bytes. */
export function proveLedgerKey(privateKey: Uint8Array, document: Uint8Array): Hex {
  const digest = keccak_256(concat(LABEL, document))
  return toHex(secp256k1.sign(digest, privateKey, { prehash: false, format: 'recovered' }))
}

/** Whether the proof was made by the key behind an address. */
export function verifyLedgerKeyProof(proof: Hex, document: Uint8Array, address: Address): boolean {
  try {
    const bytes = fromHex(proof)
    if (bytes.length !== PROOF_BYTES) return false
    const signature = secp256k1.Signature.fromBytes(bytes, 'recovered')
    if (signature.hasHighS()) return false
    const key = signature.recoverPublicKey(keccak_256(concat(LABEL, document)))
    return addressOf(key.toBytes(false)) === address
  } catch {
    return false
  }
}
