/**
 * Shamir's scheme over the prime 2¹²⁷ − 1: any t of n shares give the secret, t − 1 are consistent with every secret.
 *
 * Law: the coefficients are given, uniform and used for one secret only; the share of place x is the polynomial at x,
 * places begin at 1. A share takes 16 bytes, big-endian.
 * Source: Shamir 1979.
 */
import { IsletError } from '../../vocabulary/index.ts'

/** A Mersenne prime. */
export const PRIME = 2n ** 127n - 1n
export const SHARE_BYTES = 16
/** Said in place of a share that somebody does not hold; a true share is 0 with probability 2⁻¹²⁷, and then not missed. */
export const NO_SHARE = 0n

/** A field element from 16 bytes of a keystream; 2¹²⁷ − 1 itself, of probability 2⁻¹²⁷, becomes 0. */
export function element(bytes: Uint8Array): bigint {
  return (wholeOf(bytes) & PRIME) % PRIME
}

export function elementBytes(value: bigint): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SHARE_BYTES)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, value >> 64n)
  view.setBigUint64(8, value)
  return bytes
}

/** The first 16 bytes as one number. */
function wholeOf(bytes: Uint8Array): bigint {
  const view = new DataView(bytes.buffer, bytes.byteOffset, SHARE_BYTES)
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8)
}

/** Reads a share. Throws `SHARE_TAMPERED` on what is no element of the field. */
export function readElement(bytes: Uint8Array): bigint {
  const value = bytes.length === SHARE_BYTES ? wholeOf(bytes) : PRIME
  if (value >= PRIME) {
    throw new IsletError('SHARE_TAMPERED', 'a share is no element of the field', { bytes: bytes.length })
  }
  return value
}

/** Share of place x ≥ 1; `coefficients` are the t − 1 of x, x², … */
export function shareAt(secret: bigint, coefficients: readonly bigint[], x: number): bigint {
  const place = BigInt(x)
  let value = 0n
  for (let i = coefficients.length - 1; i >= 0; i--)
    value = ((value + (coefficients[i] ?? 0n)) * place) % PRIME
  return (value + secret) % PRIME
}

export interface Share {
  readonly place: number
  readonly value: bigint
}

/**
 * Gives the value at `at` (the secret: 0) of the polynomial through some shares of distinct places; for many secrets that
 * are shared over the same places what follows from places alone is found once.
 */
export function interpolation(): (shares: readonly Share[], at?: number) => bigint {
  const known = new Map<string, readonly bigint[]>()
  return (shares, at = 0) => {
    const places = shares.map(({ place }) => place)
    const name = `${at} ${places.join()}`
    const weights = known.get(name) ?? weightsAt(places, at)
    known.set(name, weights)
    return shares.reduce((sum, { value }, i) => (sum + value * (weights[i] ?? 0n)) % PRIME, 0n)
  }
}

/** What each share counts for in the value at a place. */
function weightsAt(places: readonly number[], at: number): readonly bigint[] {
  return places.map((place) => {
    let above = 1n
    let below = 1n
    for (const other of places) {
      if (other === place) continue
      above = (above * modulo(BigInt(at - other))) % PRIME
      below = (below * modulo(BigInt(place - other))) % PRIME
    }
    return (above * inverse(below)) % PRIME
  })
}

function modulo(value: bigint): bigint {
  return ((value % PRIME) + PRIME) % PRIME
}

/** By the extended Euclidean algorithm; the argument is not 0. */
function inverse(value: bigint): bigint {
  let [low, high, x, y] = [value, PRIME, 1n, 0n]
  while (low > 1n) {
    const quotient = high / low
    ;[low, high] = [high - quotient * low, low]
    ;[x, y] = [y - quotient * x, x]
  }
  return modulo(x)
}
