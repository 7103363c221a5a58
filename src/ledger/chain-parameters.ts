/**
 * The constants of the embedded chain. They enter the genesis hash: a change is another chain.
 *
 * Law: a journal replays to the identical head hash only under the parameters it was written with, so they stand in
 * its first record and are compared at every opening. Source: docs/decisions/0002-one-evm-fork.md.
 */
import type { ChainParameters } from '../journal/index.ts'

/** The EVM fork of every engine: what solc compiles for and what anvil and cosmos/evm both run. */
export const EVM_FORK = 'cancun'

/**
 * Chain id 7215335 (0x6e18e7): free at the time of writing, and a JSON-safe number.
 * Genesis 2026-01-01T00:00Z. Gas limit 200 million, that of the consortium engine, so that no call fits only here.
 */
export const EMBEDDED_CHAIN: ChainParameters = {
  chainId: 7_215_335,
  genesisTimestamp: 1_767_225_600,
  blockGasLimit: 200_000_000,
  fork: EVM_FORK,
}

/** Largest transaction that every engine takes (geth and cosmos/evm pools): 128 KiB. */
export const TRANSACTION_BYTE_LIMIT = 131_072
/** Largest gas limit of one transaction: half a block, because the consortium engine counts limits, not use. */
export const TRANSACTION_GAS_LIMIT = EMBEDDED_CHAIN.blockGasLimit / 2
