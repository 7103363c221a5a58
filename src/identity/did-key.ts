/**
 * Ed25519 keys as standard decentralized identifiers, for other systems: `did:key:z6Mk…` and its document.
 * Source: W3C DID Core 1.0; did:key method (W3C CCG); multicodec 0xed, multibase base58btc.
 */
import { base58btc } from 'multiformats/bases/base58'
import { concat, fromHex, type Hash32, hash32, type Json, toHex } from '../vocabulary/index.ts'

/** Multicodec ed25519-pub as an unsigned varint. */
const ED25519_PUB = Uint8Array.of(0xed, 0x01)

/** The did:key of an Ed25519 public key. */
export function didKey(publicKey: Hash32): string {
  return `did:key:${base58btc.encode(concat(ED25519_PUB, fromHex(publicKey)))}`
}

/** The Ed25519 public key of a did:key, or undefined for any other DID. */
export function publicKeyOfDid(did: string): Hash32 | undefined {
  const encoded = /^did:key:(z[1-9A-HJ-NP-Za-km-z]{1,80})$/.exec(did)?.[1]
  const bytes = encoded === undefined ? undefined : base58btc.decode(encoded)
  if (bytes?.length !== 34 || bytes[0] !== ED25519_PUB[0] || bytes[1] !== ED25519_PUB[1]) return undefined
  return hash32(toHex(bytes.subarray(2)))
}

/** The DID document of an Ed25519 public key. */
export function didDocument(publicKey: Hash32): Json {
  const did = didKey(publicKey)
  const multibase = did.slice('did:key:'.length)
  const method = `${did}#${multibase}`
  return {
    '@context': ['https://www.w3.org/ns/did/v1', 'https://w3id.org/security/multikey/v1'],
    id: did,
    verificationMethod: [{ id: method, type: 'Multikey', controller: did, publicKeyMultibase: multibase }],
    authentication: [method],
    assertionMethod: [method],
    capabilityInvocation: [method],
    capabilityDelegation: [method],
  }
}
