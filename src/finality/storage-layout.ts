/**
 * Where Solidity puts what a contract keeps: elements of mappings and lists.
 *
 * Source: Solidity documentation, "Layout of State Variables in Storage".
 */
import { keccak256 } from '../vault/index.ts'
import { type Bytes, concat, toHex } from '../vocabulary/index.ts'

/** A number as a word of storage, 32 bytes. */
export function slotOf(number: number): Bytes {
  const word = new Uint8Array(32)
  new DataView(word.buffer).setBigUint64(24, BigInt(number))
  return word
}

/** Slot of a mapping's element; `key` as a word, `mapping` the mapping's own slot. */
export function mappedSlot(key: Uint8Array, mapping: number): Bytes {
  return keccak256(concat(new Uint8Array(32 - key.length), key, slotOf(mapping)))
}

/** Slot of a list's element of one word each; `list` is the slot of its length. */
export function listedSlot(list: number, place: number): Bytes {
  return slotAfter(keccak256(slotOf(list)), place)
}

/** The slot some words behind another. */
export function slotAfter(slot: Uint8Array, words: number): Bytes {
  const next = (BigInt(toHex(slot)) + BigInt(words)) % 2n ** 256n
  return Uint8Array.from({ length: 32 }, (_, place) => Number((next >> BigInt(8 * (31 - place))) & 0xffn))
}
