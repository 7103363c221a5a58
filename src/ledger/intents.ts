/**
 * Signed intents: a patient's grant or revoke as EIP-712 typed data, verified before a relayer spends anything on it.
 *
 * Law: node and contract verify the same digest (PROTOCOL 11), with the live chain id and the contract's address in it.
 * The digest is put together here rather than by the general encoder because it runs once for every grant.
 * Source: EIP-712; types generated from the contract in abi/eip712.ts.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import {
  type Address,
  type Bytes,
  type ConsentId,
  concat,
  consentId,
  type Hash32,
  type Hex,
  hash32,
  uint64,
  utf8,
} from '../vocabulary/index.ts'
import { consentLedgerDomain, consentLedgerTypes } from './abi/index.ts'
import { decodeHex, encodeHex } from './hex.ts'
import type { Signer } from './port.ts'
import { recoverSigner } from './signer.ts'

/** Where an intent holds: this chain, this contract. */
export interface IntentDomain {
  readonly chainId: number
  readonly consents: Address
}

interface Signed {
  /** Account made for this consent alone. */
  readonly signer: Address
  readonly nonce: bigint
  /** Last second at which it may be included. */
  readonly deadline: bigint
  /** 65 bytes r ‖ s ‖ recovery. */
  readonly signature: Hex
}

export interface GrantIntent extends Signed {
  readonly commitment: Hash32
  /** Whole UTC days since 1970, rounded up. */
  readonly expiryDay: number
}

export interface RevokeIntent extends Signed {
  readonly commitment: Hash32
}

/** Digest that a grant signs: its idempotency key. */
export function grantDigest(domain: IntentDomain, intent: Omit<GrantIntent, 'signature'>): Bytes {
  const { commitment, expiryDay, nonce, deadline } = intent
  return digest(domain, GRANT_TYPE, decodeHex(commitment), word(expiryDay), word(nonce), word(deadline))
}

/** Digest that a revoke signs: its idempotency key. */
export function revokeDigest(domain: IntentDomain, intent: Omit<RevokeIntent, 'signature'>): Bytes {
  const id = consentIdOf(intent.commitment, intent.signer)
  return digest(domain, REVOKE_TYPE, decodeHex(id), word(intent.nonce), word(intent.deadline))
}

export function signGrant(
  domain: IntentDomain,
  by: Signer,
  intent: Omit<GrantIntent, 'signature' | 'signer'>,
): GrantIntent {
  const unsigned = { ...intent, signer: by.address }
  return { ...unsigned, signature: encodeHex(by.sign(grantDigest(domain, unsigned))) }
}

export function signRevoke(
  domain: IntentDomain,
  by: Signer,
  intent: Omit<RevokeIntent, 'signature' | 'signer'>,
): RevokeIntent {
  const unsigned = { ...intent, signer: by.address }
  return { ...unsigned, signature: encodeHex(by.sign(revokeDigest(domain, unsigned))) }
}

/** Whether the named signer signed these words for this chain and contract. */
export function verifyGrant(domain: IntentDomain, intent: GrantIntent): boolean {
  return (
    fitsFields(intent) &&
    recoverSigner(grantDigest(domain, intent), decodeHex(intent.signature)) === intent.signer
  )
}

export function verifyRevoke(domain: IntentDomain, intent: RevokeIntent): boolean {
  return (
    fitsFields(intent) &&
    recoverSigner(revokeDigest(domain, intent), decodeHex(intent.signature)) === intent.signer
  )
}

/** Whether the numbers fit the contract's fields: one that does not would break every other intent of its call. */
export function fitsFields(
  intent: Pick<GrantIntent, 'nonce' | 'deadline'> & { expiryDay?: number },
): boolean {
  const { expiryDay = 0, nonce, deadline } = intent
  const isDay = Number.isInteger(expiryDay) && expiryDay >= 0 && expiryDay < 2 ** 32
  return isDay && BigInt.asUintN(64, nonce) === nonce && BigInt.asUintN(64, deadline) === deadline
}

/** keccak256(abi.encode(commitment, signer)), as the contract computes it. */
export function consentIdOf(commitment: Hash32, signer: Address): ConsentId {
  return consentId(encodeHex(keccak_256(concat(decodeHex(commitment), pad(decodeHex(signer))))))
}

/** The key under which an intent's receipt is found again. */
export function keyOf(digest: Bytes): Hash32 {
  return hash32(encodeHex(digest))
}

/** The contract's struct of a signature. */
export function splitSignature(signature: Hex): { readonly r: Hex; readonly s: Hex; readonly v: number } {
  const bytes = decodeHex(signature)
  const v = bytes[64] ?? 0
  return { r: encodeHex(bytes.subarray(0, 32)), s: encodeHex(bytes.subarray(32, 64)), v: v < 27 ? v + 27 : v }
}

const typeHash = (name: keyof typeof consentLedgerTypes): Bytes => {
  const fields = consentLedgerTypes[name].map((field) => `${field.type} ${field.name}`)
  return hash(utf8(`${name}(${fields.join(',')})`))
}
const GRANT_TYPE = typeHash('Grant')
const REVOKE_TYPE = typeHash('Revoke')
const DOMAIN_TYPE = hash(
  utf8('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)'),
)
const separators = new Map<string, Bytes>()

function separatorOf({ chainId, consents }: IntentDomain): Bytes {
  const name = `${chainId} ${consents}`
  const known = separators.get(name)
  if (known !== undefined) return known
  const made = hash(
    DOMAIN_TYPE,
    hash(utf8(consentLedgerDomain.name)),
    hash(utf8(consentLedgerDomain.version)),
    word(chainId),
    pad(decodeHex(consents)),
  )
  if (separators.size > 64) separators.clear()
  separators.set(name, made)
  return made
}

function digest(domain: IntentDomain, ...struct: readonly Uint8Array[]): Bytes {
  return hash(new Uint8Array([0x19, 0x01]), separatorOf(domain), hash(...struct))
}

function hash(...parts: readonly Uint8Array[]): Bytes {
  return Uint8Array.from(keccak_256(concat(...parts)))
}

function word(value: number | bigint): Bytes {
  return pad(uint64(value))
}

function pad(bytes: Uint8Array): Bytes {
  const padded = new Uint8Array(32)
  padded.set(bytes, 32 - bytes.length)
  return padded
}
