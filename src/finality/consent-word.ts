/**
 * What the consent ledger keeps of a consent: one word of storage under the address that signed for it.
 *
 * Law: the place follows from the address, and the word names the consent by its upper 216 bits, so a proof of the word
 * is a proof about this consent and no other.
 * Source: contracts/src/ConsentLedger.sol (`Record`, `_records`); Solidity's layout of storage.
 */
import { type Address, type Bytes, type ConsentId, fromHex, toHex } from '../vocabulary/index.ts'
import { malformed } from './refusal.ts'
import type { StoragePlace } from './state-proof.ts'
import { mappedSlot } from './storage-layout.ts'

/** Slot of `_records`: behind the two fallback texts of OpenZeppelin's EIP712. */
const RECORDS_SLOT = 2
const TAG_BYTES = 27

export type ConsentStanding =
  /** Neither granted nor revoked; `spent`: its address has signed for another consent, so it never will be. */
  | { readonly state: 'none'; readonly spent: boolean }
  /** `expiryDay`: days since 1970-01-01 UTC; it ends when that day begins. */
  | { readonly state: 'active'; readonly expiryDay: number }
  | { readonly state: 'revoked' }

/** Where the word of an address stands. */
export function consentPlace(consents: Address, signer: Address): StoragePlace {
  return { contract: consents, slot: mappedSlot(fromHex(signer), RECORDS_SLOT) }
}

/** Whether two say the same of a consent. */
export function sameStanding(a: ConsentStanding, b: ConsentStanding): boolean {
  if (a.state !== b.state) return false
  return a.state !== 'active' || (b.state === 'active' && a.expiryDay === b.expiryDay)
}

/** Reads the word; undefined where the state has none. Throws `PROOF_MALFORMED`. */
export function readConsentWord(word: Bytes | undefined, consent: ConsentId): ConsentStanding {
  if (word === undefined) return { state: 'none', spent: false }
  const state = word[31] ?? 0
  if (word.length !== 32 || state < 1 || state > 2) throw malformed('a word of the consent ledger is none')
  if (toHex(word.subarray(0, TAG_BYTES)) !== consent.slice(0, 2 + 2 * TAG_BYTES)) {
    return { state: 'none', spent: true }
  }
  if (state === 2) return { state: 'revoked' }
  return { state: 'active', expiryDay: new DataView(word.buffer, word.byteOffset).getUint32(TAG_BYTES) }
}
