/**
 * Which calls overtake all others: both ways to revoke, told by their selector rather than by what a caller claims.
 */
import { toFunctionSelector } from 'viem'
import { consentLedgerAbi } from './abi/index.ts'

/** Selectors as 0x and 8 hex digits. */
export const URGENT_SELECTORS: ReadonlySet<string> = new Set(
  consentLedgerAbi
    .filter((item) => item.type === 'function')
    .filter((item) => item.name === 'revoke' || item.name === 'revokeDirect')
    .map((item) => toFunctionSelector(item)),
)
