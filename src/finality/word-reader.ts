/**
 * Words of the state as a reader gives them, each proved before it is given.
 */
import type { Address, Bytes } from '../vocabulary/index.ts'
import { malformed } from './refusal.ts'
import type { StoragePlace } from './state-proof.ts'
import { slotOf } from './storage-layout.ts'

/** Gives the word at a place; undefined where it is proved that none stands there. */
export type WordReader = (place: StoragePlace) => Promise<Bytes | undefined>

/** A word of 32 bytes; Solidity reads nothing as 0. */
export async function wordOrZero(word: Promise<Bytes | undefined>): Promise<Bytes> {
  const read = (await word) ?? new Uint8Array(32)
  if (read.length !== 32)
    throw malformed('a word of storage does not have its length', { bytes: read.length })
  return read
}

/** Length of a list. Throws `PROOF_MALFORMED` above the most that its contract allows. */
export async function listLength(
  { contract, list, most }: { readonly contract: Address; readonly list: number; readonly most: number },
  read: WordReader,
): Promise<number> {
  const word = await wordOrZero(read({ contract, slot: slotOf(list) }))
  const length = word.subarray(0, 30).some((byte) => byte !== 0)
    ? Number.POSITIVE_INFINITY
    : (word[30] ?? 0) * 256 + (word[31] ?? 0)
  if (length > most) throw malformed('a list of the state is longer than its contract allows')
  return length
}
