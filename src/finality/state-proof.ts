/**
 * What the state says at one place of a contract's storage: a value, or nothing.
 *
 * Law: the store's root stands in the tree of stores, whose root is the header's application hash; a header names the
 * state that its predecessor left.
 * Source: cosmos-sdk store (rootmulti: a simple tree over the stores' roots, by name); cosmos/evm x/vm/types/key.go
 * (storage under 0x02 ‖ address ‖ slot).
 */
import type { TreeHasher } from '../vault/index.ts'
import { type Address, type Bytes, concat, equalBytes, fromHex, utf8 } from '../vocabulary/index.ts'
import { refusal } from './refusal.ts'
import { readTreeProof } from './tree-proof.ts'

/** A word of a contract's storage. */
export interface StoragePlace {
  readonly contract: Address
  /** 32 bytes. */
  readonly slot: Bytes
}

export interface StateProof {
  /** `ics23.CommitmentProof` in the EVM's store. */
  readonly inStore: Bytes
  /** `ics23.CommitmentProof` of that store. */
  readonly ofStore: Bytes
}

const EVM_STORE = utf8('evm')
const STORAGE = Uint8Array.of(2)

/** The engine's key of a place. */
export function storageKey({ contract, slot }: StoragePlace): Bytes {
  return concat(STORAGE, fromHex(contract), slot)
}

/**
 * The word that stands at a place under an application hash; undefined where none stands, which Solidity reads as 0.
 * Throws `STATE_DIFFERS`, `PLACE_DIFFERS`, `NOT_ABSENT`, `PROOF_MALFORMED`.
 */
export function provenWord(
  { inStore, ofStore }: StateProof,
  place: StoragePlace,
  appHash: Uint8Array,
  hasher: TreeHasher,
): Bytes | undefined {
  const store = readTreeProof(ofStore, EVM_STORE, 'simple', hasher)
  const found = readTreeProof(inStore, storageKey(place), 'iavl', hasher)
  if (!store.present || !equalBytes(store.root, appHash) || !equalBytes(store.value, found.root)) {
    throw refusal('STATE_DIFFERS', 'the proof does not lead to the state that the block names')
  }
  return found.present ? found.value : undefined
}
