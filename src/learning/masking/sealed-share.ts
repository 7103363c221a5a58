/**
 * A pair of shares on its way from one member to another through the coordinator: encrypted and authenticated.
 *
 * Law: a key seals one message: it is bound to the sum (label), the direction and the adverts that the sender saw, so
 * that a coordinator who shows different adverts to different members has shares that do not open. Encrypt, then
 * authenticate: SHAKE128 keystream, HMAC-SHA-256 cut to 16 bytes.
 */
import { concat, equalBytes, IsletError } from '../../vocabulary/index.ts'
import { elementBytes, readElement, SHARE_BYTES } from './shamir.ts'
import { deriveFrom, type MaskSuite, tag } from './suite.ts'

export interface SharePair {
  /** Of the sender's own mask. */
  readonly self: bigint
  /** Of the key to the sender's pairwise masks. */
  readonly pair: bigint
}

const TAG_BYTES = 16
const MAC_KEY_BYTES = 32
export const SEALED_BYTES = 2 * SHARE_BYTES + TAG_BYTES

/** What a sealed pair is bound to. */
export interface Sealing {
  readonly suite: MaskSuite
  /** What sender and receiver alone know. */
  readonly common: Uint8Array
  /** Digests of the sum's label, of what was advertised, of the sender's id and of the receiver's. */
  readonly bound: readonly Uint8Array[]
  readonly from: string
  readonly to: string
}

export function sealShares(sealing: Sealing, { self, pair }: SharePair): Uint8Array<ArrayBuffer> {
  const { cipher, mac } = keys(sealing)
  const text = exclusiveOr(concat(elementBytes(self), elementBytes(pair)), cipher)
  return concat(text, tag(sealing.suite, mac, text))
}

/** Throws `SHARE_TAMPERED`. */
export function openShares(sealing: Sealing, sealed: Uint8Array): SharePair {
  const { cipher, mac } = keys(sealing)
  const text = sealed.subarray(0, 2 * SHARE_BYTES)
  const isWhole = sealed.length === SEALED_BYTES
  if (!isWhole || !equalBytes(tag(sealing.suite, mac, text), sealed.subarray(2 * SHARE_BYTES))) {
    throw new IsletError(
      'SHARE_TAMPERED',
      'a share does not open: it was changed, or its sender saw other adverts',
      { from: sealing.from, to: sealing.to },
    )
  }
  const plain = exclusiveOr(text, cipher)
  return { self: readElement(plain.subarray(0, SHARE_BYTES)), pair: readElement(plain.subarray(SHARE_BYTES)) }
}

function keys({ suite, common, bound }: Sealing) {
  const key = deriveFrom(suite, common, 'share', bound)
  const stream = suite.stream(key, 2 * SHARE_BYTES + MAC_KEY_BYTES)
  return { cipher: stream.subarray(0, 2 * SHARE_BYTES), mac: stream.subarray(2 * SHARE_BYTES) }
}

function exclusiveOr(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const mixed = new Uint8Array(a.length)
  for (let i = 0; i < a.length; i++) mixed[i] = (a[i] ?? 0) ^ (b[i] ?? 0)
  return mixed
}
