/**
 * secp256k1 for the ledger: a key that signs digests, and the account behind a signature. libsecp256k1 as WASM: the
 * pure-JavaScript curves recover about a fifth as many signatures a second, too few for 1,000 grants a second.
 *
 * Law: only low-s signatures are made or accepted (EIP-2; account-recovery.ts), so that a signed intent has one spelling.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import * as secp from 'tiny-secp256k1'
import { type Address, address, concat, IsletError } from '../vocabulary/index.ts'
import { accountRecovery } from './account-recovery.ts'
import { encodeHex } from './hex.ts'
import type { Signer } from './port.ts'

/** A signer from a 32-byte secret. Throws `NOT_A_SECRET_KEY` for zero or values beyond the curve's order. */
export function secp256k1Signer(secret: Uint8Array): Signer {
  if (secret.length !== 32 || !secp.isPrivate(secret)) {
    throw new IsletError('NOT_A_SECRET_KEY', 'expected 32 bytes below the order of secp256k1')
  }
  const key = Uint8Array.from(secret)
  const point = secp.pointFromScalar(key, false)
  if (point === null) throw new IsletError('NOT_A_SECRET_KEY', 'the secret gives no point')
  return {
    address: addressOf(point),
    sign: (digest) => {
      const { signature, recoveryId } = secp.signRecoverable(digest, key)
      return concat(signature, new Uint8Array([recoveryId]))
    },
  }
}

/** The account that signed a 32-byte digest, or undefined for a signature that is malformed or has a high s. */
export function recoverSigner(digest: Uint8Array, signature: Uint8Array): Address | undefined {
  const account = recoverAccount(digest, signature)
  return account === undefined ? undefined : address(encodeHex(account))
}

const recoverAccount = accountRecovery(secp.recover, keccak_256)

function addressOf(point: Uint8Array): Address {
  return address(encodeHex(keccak_256(point.subarray(1)).subarray(12)))
}
