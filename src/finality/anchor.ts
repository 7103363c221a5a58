/**
 * A trust anchor: the block that a verifier starts from, with the seats that decided it.
 *
 * Law: whoever pins `chain`, `height` and `hash` pins all of it: the rest is held against the hash. Where they come from
 * is for people: shown by several institutions, printed at enrolment, kept from an earlier verification.
 */
import type { TreeHasher } from '../vault/index.ts'
import {
  equalBytes,
  fromBase64Url,
  fromHex,
  type Hash32,
  hash32,
  isIsletError,
  toBase64Url,
  toHex,
} from '../vocabulary/index.ts'
import type { Trusted } from './follow.ts'
import { headerHash, readHeader, writeHeader } from './header.ts'
import { refusal } from './refusal.ts'
import { readSeats, seatsHash, writeSeats } from './seats.ts'

/** Document `islet.trust-anchor/1`. */
export interface TrustAnchor {
  readonly schema: 'islet.trust-anchor/1'
  /** The text that every vote signs, `islet-N`. */
  readonly chain: string
  readonly height: number
  /** Hash of the block's header. */
  readonly hash: Hash32
  /** `tendermint.types.Header`, base64url. */
  readonly header: string
  /** `tendermint.types.ValidatorSet`, keys and powers, base64url. */
  readonly seats: string
}

/** The anchor in a text; undefined where it holds something else. */
export function anchorIn(text: string): TrustAnchor | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const field = (name: string): unknown => Object(value)[name]
    const [chain, height, hash, header, seats] = ['chain', 'height', 'hash', 'header', 'seats'].map(field)
    const whole = typeof height === 'number' && Number.isSafeInteger(height) && height >= 1
    const texts = typeof chain === 'string' && typeof header === 'string' && typeof seats === 'string'
    if (field('schema') !== 'islet.trust-anchor/1' || !whole || !texts) return undefined
    return { schema: 'islet.trust-anchor/1', chain, height, hash: hash32(String(hash)), header, seats }
  } catch (error) {
    if (error instanceof SyntaxError || isIsletError(error, 'NOT_A_HASH')) return undefined
    throw error
  }
}

/** The anchor that stands for a believed block. */
export function anchorOf({ header, seats }: Trusted, hasher: TreeHasher): TrustAnchor {
  return {
    schema: 'islet.trust-anchor/1',
    chain: header.chain,
    height: header.height,
    hash: hash32(toHex(headerHash(header, hasher))),
    header: toBase64Url(writeHeader(header)),
    seats: toBase64Url(writeSeats(seats)),
  }
}

/** Opens an anchor. Throws `ANCHOR_ALTERED`, `PROOF_MALFORMED`. */
export function openAnchor(anchor: TrustAnchor, hasher: TreeHasher): Trusted {
  const header = readHeader(fromBase64Url(anchor.header))
  const seats = readSeats(fromBase64Url(anchor.seats))
  const whole =
    equalBytes(headerHash(header, hasher), fromHex(anchor.hash)) &&
    header.chain === anchor.chain &&
    header.height === anchor.height &&
    equalBytes(seatsHash(seats, hasher), header.validatorsHash)
  if (!whole) throw refusal('ANCHOR_ALTERED', 'the anchor does not have the hash that it names')
  return { header, seats }
}
