/**
 * Calldata and events of the three contracts as words of 32 bytes: all their types are static but lists of static tuples.
 *
 * Law: read here without the engine's client or the generated ABIs, so that a wrong ABI is noticed and not repeated.
 * Source: Solidity ABI specification (function selector, static tuples, dynamic arrays, events).
 */
import { hexWord, keccakText, uintWord } from '../consent/index.ts'
import { type Address, address, type Bytes, type Hash32, hash32, toHex } from '../vocabulary/index.ts'

/** Reads words one after the other; a value that does not fit its type makes the call revert, as in Solidity. */
export class Words {
  readonly #bytes: Bytes
  #at: number

  constructor(bytes: Bytes, at = 0) {
    this.#bytes = bytes
    this.#at = at
  }

  uint(bits: number): bigint {
    const value = BigInt(toHex(this.#next()))
    if (value >= 1n << BigInt(bits)) throw new Unreadable()
    return value
  }

  hash(): Hash32 {
    return hash32(toHex(this.#next()))
  }

  address(): Address {
    const word = this.#next()
    if (word.subarray(0, 12).some((byte) => byte !== 0)) throw new Unreadable()
    return address(toHex(word.subarray(12)))
  }

  /** A dynamic list of static tuples of `words` words each, named by an offset at the current place. */
  list<T>(base: number, words: number, read: (words: Words) => T): readonly T[] {
    const start = base + small(this.uint(256))
    const count = small(new Words(this.#bytes, start).uint(256))
    if (start + 32 + count * words * 32 > this.#bytes.length) throw new Unreadable()
    return Array.from({ length: count }, (_, i) => read(new Words(this.#bytes, start + 32 + i * words * 32)))
  }

  #next(): Bytes {
    const word = this.#bytes.subarray(this.#at, this.#at + 32)
    if (word.length !== 32) throw new Unreadable()
    this.#at += 32
    return word
  }
}

/** Calldata that no contract of ours can decode: the call reverts. */
export class Unreadable extends Error {}

function small(value: bigint): number {
  if (value > 0xffff_ffffn) throw new Unreadable()
  return Number(value)
}

/** First four bytes of the hash of a function's signature, as hex. */
export function selector(signature: string): string {
  return keccakText(signature).slice(0, 10)
}

/** An event as the ledger writes it down. */
export interface RawEvent {
  readonly address: Address
  readonly topics: readonly Hash32[]
  readonly data: string
}

export type EventWord = Uint8Array

export function eventOf(
  from: Address,
  signature: string,
  indexed: readonly EventWord[],
  data: readonly EventWord[],
): RawEvent {
  return {
    address: from,
    topics: [keccakText(signature), ...indexed.map((word) => hash32(toHex(word)))],
    data: `0x${data.map((word) => toHex(word).slice(2)).join('')}`,
  }
}

export { hexWord, uintWord }
