/**
 * Transactions: signing our own, and taking apart those that others signed.
 *
 * Law: fees and values are zero (no coin exists here); every other transaction is refused before it is journaled, so
 * that whatever enters a block is executed. Source: EIP-1559, EIP-2718, EIP-155; intrinsic gas: EIP-2028, EIP-3860.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { parseTransaction, serializeTransaction, type TransactionSerialized } from 'viem'
import {
  type Address,
  address,
  type Bytes,
  concat,
  type Hash32,
  type Hex,
  hash32,
  IsletError,
} from '../vocabulary/index.ts'
import { TRANSACTION_BYTE_LIMIT, TRANSACTION_GAS_LIMIT } from './chain-parameters.ts'
import { decodeHex, encodeHex } from './hex.ts'
import type { Call, Signer } from './port.ts'
import { rlpBytes, rlpList, rlpNumber, withoutLeadingZeros } from './rlp.ts'
import { recoverSigner } from './signer.ts'

export interface SignedTransaction {
  readonly raw: Hex
  readonly hash: Hash32
  readonly sender: Address
  readonly nonce: number
  readonly gas: number
  readonly to: Address | null
  readonly data: Hex
}

/** Signs a call as an EIP-1559 transaction without fee or value. */
export function signTransaction(call: Call, nonce: number, chainId: number, by: Signer): SignedTransaction {
  const fields = encodeFields(call, nonce, chainId)
  const signature = by.sign(keccak_256(typed(fields)))
  const rs = [signature.subarray(0, 32), signature.subarray(32, 64)].map(withoutLeadingZeros)
  const bytes = typed([...fields, rlpNumber(signature[64] ?? 0), ...rs.map(rlpBytes)])
  return {
    raw: encodeHex(bytes),
    hash: hash32(encodeHex(keccak_256(bytes))),
    sender: by.address,
    nonce,
    gas: call.gas,
    to: call.to,
    data: call.data,
  }
}

/** keccak-256 of the raw bytes. */
export function transactionHash(raw: Hex): Hash32 {
  return hash32(encodeHex(keccak_256(decodeHex(raw))))
}

/**
 * Takes a raw transaction apart and checks everything that does not need the chain's state.
 * Throws `TRANSACTION_REFUSED` (facts.why says which rule).
 */
export function parseRaw(raw: Hex, chainId: number): SignedTransaction {
  const bytes = decode(raw)
  if (bytes.length > TRANSACTION_BYTE_LIMIT) throw refused('LONGER_THAN_128_KIB')
  let parsed: ReturnType<typeof parseTransaction>
  try {
    parsed = parseTransaction(raw as TransactionSerialized)
  } catch {
    throw refused('NOT_A_TRANSACTION')
  }
  if (parsed.type !== 'eip1559' && parsed.type !== 'legacy' && parsed.type !== 'eip2930')
    throw refused('TYPE')
  if (parsed.chainId !== chainId) throw refused('OTHER_CHAIN')
  if ((parsed.value ?? 0n) !== 0n) throw refused('VALUE_NOT_ZERO')
  if ((parsed.maxFeePerGas ?? parsed.gasPrice ?? 0n) !== 0n) throw refused('FEE_NOT_ZERO')
  const { r, s, v, yParity, ...plain } = parsed
  if (r === undefined || s === undefined) throw refused('NOT_SIGNED')
  const parity = yParity ?? (v === undefined ? 2 : Number((v + 1n) % 2n))
  const signature = decodeHex(`${pad(r)}${pad(s)}0${parity}`)
  const sender = recoverSigner(keccak_256(decodeHex(serializeTransaction(plain))), signature)
  if (sender === undefined) throw refused('SIGNATURE')
  const data = parsed.data ?? '0x'
  const to = parsed.to === undefined || parsed.to === null ? null : address(parsed.to)
  const gas = Number(parsed.gas ?? 0n)
  const entries = parsed.accessList ?? []
  const slots = entries.reduce((sum, entry) => sum + entry.storageKeys.length, 0)
  refuseGas({ to, data, gas }, entries.length * 2400 + slots * 1900)
  return { raw, hash: transactionHash(raw), sender, nonce: Number(parsed.nonce ?? 0), gas, to, data }
}

/** Throws `TRANSACTION_REFUSED` for a gas limit that no engine takes or that the call cannot start with. */
export function refuseGas(call: Call, extra = 0): void {
  if (call.gas > TRANSACTION_GAS_LIMIT) throw refused('GAS_LIMIT_TOO_HIGH')
  if (call.gas < intrinsicGas(call) + extra) throw refused('GAS_LIMIT_TOO_LOW')
  if (call.data.length / 2 - 1 > TRANSACTION_BYTE_LIMIT - 1024) throw refused('LONGER_THAN_128_KIB')
  if (call.to === null && call.data.length / 2 - 1 > 49_152) throw refused('INITCODE_TOO_LONG')
}

/** Gas taken before the first instruction (Cancun): 21,000, calldata 4 or 16 a byte, creation 32,000 + 2 a word. */
function intrinsicGas(call: Pick<Call, 'to' | 'data'>): number {
  const bytes = call.data.length / 2 - 1
  let zeros = 0
  for (let i = 2; i < call.data.length; i += 2) {
    if (call.data.charCodeAt(i) === 48 && call.data.charCodeAt(i + 1) === 48) zeros++
  }
  const creation = call.to === null ? 32_000 + 2 * Math.ceil(bytes / 32) : 0
  return 21_000 + zeros * 4 + (bytes - zeros) * 16 + creation
}

/** The fields that are signed, each in RLP: no fees, no value, no access list. */
function encodeFields({ to, gas, data }: Call, nonce: number, chainId: number): readonly Uint8Array[] {
  return [
    ...[chainId, nonce, 0, 0, gas].map(rlpNumber),
    rlpBytes(to === null ? NOTHING : decodeHex(to)),
    rlpNumber(0),
    rlpBytes(decodeHex(data)),
    rlpList([]),
  ]
}

const NOTHING = new Uint8Array(0)

/** The envelope of EIP-2718 around a list of fields: type 2. */
function typed(fields: readonly Uint8Array[]): Bytes {
  return concat(new Uint8Array([2]), rlpList(fields))
}

function refused(why: string): IsletError {
  return new IsletError(
    'TRANSACTION_REFUSED',
    'the transaction breaks a rule of this ledger',
    { why },
    { remedy: 'Sign it for this chain, without value or fee, within the limits of size and gas.' },
  )
}

function decode(raw: Hex): Uint8Array {
  try {
    return decodeHex(raw)
  } catch {
    throw refused('NOT_HEX')
  }
}

function pad(hex: Hex): string {
  return hex.slice(2).padStart(64, '0')
}
