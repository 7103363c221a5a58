/**
 * Signed block heads: what the operator of a single-operator ledger hands to the other members, so that rewriting its
 * own past is detectable (PROTOCOL 18).
 *
 * Law: the signature covers chain, genesis, height, block hash, time and the hash of the journal up to that block; two
 * heads of one height with different hashes, both validly signed, are proof of rewriting.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import {
  type Address,
  address,
  canonicalJson,
  concat,
  fromHex,
  type Hash32,
  type Hex,
  hash32,
  IsletError,
  quantity,
  toHex,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import type { Signer } from './port.ts'
import { recoverSigner } from './signer.ts'

export interface UnsignedHead {
  readonly schema: 'islet.head/1'
  readonly chainId: number
  readonly genesisHash: Hash32
  readonly height: number
  readonly hash: Hash32
  readonly timestamp: UnixSeconds
  /** Hash of the journal's record of this block. */
  readonly journal: Hash32
  readonly operator: Address
}

export interface SignedHead extends UnsignedHead {
  /** 65 bytes r ‖ s ‖ recovery. */
  readonly signature: Hex
}

export function signHead(head: UnsignedHead, operator: Signer): SignedHead {
  return { ...head, signature: toHex(operator.sign(headDigest(head))) }
}

/** Whether the operator named in a head signed it, and is the one expected. */
export function verifyHead(head: SignedHead, operator: Address): boolean {
  return head.operator === operator && recoverSigner(headDigest(head), fromHex(head.signature)) === operator
}

function headDigest(head: UnsignedHead): Uint8Array {
  const { schema, chainId, genesisHash, height, hash, timestamp, journal, operator } = head
  const text = canonicalJson({ schema, chainId, genesisHash, height, hash, timestamp, journal, operator })
  return sha256(concat(utf8('islet/v1/head\n'), utf8(text)))
}

/** Parses a signed head from JSON. Throws `NOT_A_SIGNED_HEAD`; the signature is not checked here. */
export function parseSignedHead(json: unknown): SignedHead {
  const refuse = (cause?: unknown): never => {
    throw new IsletError('NOT_A_SIGNED_HEAD', 'expected a document islet.head/1', {}, { cause })
  }
  if (typeof json !== 'object' || json === null) return refuse()
  const field = (name: string): unknown => (json as Readonly<Record<string, unknown>>)[name]
  const text = (name: string): string => {
    const value = field(name)
    return typeof value === 'string' ? value : refuse()
  }
  const whole = (name: string): number => {
    const value = field(name)
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : refuse()
  }
  if (text('schema') !== 'islet.head/1') return refuse()
  try {
    return {
      schema: 'islet.head/1',
      chainId: whole('chainId'),
      genesisHash: hash32(text('genesisHash')),
      height: whole('height'),
      hash: hash32(text('hash')),
      timestamp: quantity<UnixSeconds>(whole('timestamp')),
      journal: hash32(text('journal')),
      operator: address(text('operator')),
      signature: toHex(fromHex(text('signature'))),
    }
  } catch (error) {
    return refuse(error)
  }
}
