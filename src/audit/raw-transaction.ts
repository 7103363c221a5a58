/**
 * A signed transaction taken apart for the verifier's own model, by code that shares nothing with the engine's client.
 *
 * Law: the sender is recovered from the bytes that were signed, as they stand; what is not canonical is refused.
 * Source: RLP (Ethereum yellow paper, appendix B), EIP-155, EIP-2718, EIP-2930, EIP-1559.
 */
import { keccak } from '../consent/index.ts'
import { recoverSigner } from '../ledger/index.ts'
import {
  type Address,
  address,
  type Bytes,
  concat,
  fromHex,
  type Hash32,
  type Hex,
  IsletError,
  toHex,
} from '../vocabulary/index.ts'

export interface RawTransaction {
  readonly hash: Hash32
  readonly sender: Address
  readonly nonce: bigint
  readonly gas: bigint
  /** Null where it creates a contract. */
  readonly to: Address | null
  readonly data: Bytes
}

/** One item of RLP: its bytes with the header, and what is inside. */
interface Item {
  readonly list: boolean
  readonly whole: Bytes
  readonly payload: Bytes
}

/** Where fields stand, by envelope type; signature fields follow the last. */
const LAYOUTS = {
  legacy: { nonce: 0, gas: 2, to: 3, data: 5, signed: 6 },
  1: { nonce: 1, gas: 3, to: 4, data: 6, signed: 8 },
  2: { nonce: 1, gas: 4, to: 5, data: 7, signed: 9 },
} as const

/** Throws `TRANSACTION_MALFORMED`. */
export function readRawTransaction(raw: Hex, chainId: number): RawTransaction {
  const bytes = fromHex(raw)
  const first = bytes[0] ?? 0
  const type = first >= 0xc0 ? 'legacy' : first === 1 || first === 2 ? first : undefined
  if (type === undefined) throw malformed('its type is none of 0, 1 and 2')
  const outer = itemAt(type === 'legacy' ? bytes : bytes.subarray(1), 0)
  const { nonce, gas, to, data, signed } = LAYOUTS[type]
  const fields = itemsOf(outer)
  const body = fields.slice(0, signed)
  if (fields.length !== signed + 3 || outer.whole.length !== bytes.length - (type === 'legacy' ? 0 : 1)) {
    throw malformed('it does not have the fields of its type')
  }
  const v = numberOf(fields[signed])
  const parity = type === 'legacy' ? v - BigInt(chainId) * 2n - 35n : v
  if (parity !== 0n && parity !== 1n) throw malformed('it is not signed for this chain')
  const tail = type === 'legacy' ? [rlpNumber(BigInt(chainId)), EMPTY, EMPTY] : []
  const list = rlpList(concat(...body.map((item) => item.whole), ...tail))
  const digest = fromHex(keccak(type === 'legacy' ? list : concat(Uint8Array.of(type), list)))
  const signature = concat(
    word(fields[signed + 1]),
    word(fields[signed + 2]),
    Uint8Array.of(parity === 1n ? 1 : 0),
  )
  const sender = recoverSigner(digest, signature)
  if (sender === undefined) throw malformed('its signature is no signature')
  const target = fields[to]?.payload ?? new Uint8Array(0)
  if (target.length !== 0 && target.length !== 20) throw malformed('its target is no account')
  return {
    hash: keccak(bytes),
    sender,
    nonce: numberOf(fields[nonce]),
    gas: numberOf(fields[gas]),
    to: target.length === 0 ? null : address(toHex(target)),
    data: new Uint8Array(fields[data]?.payload ?? []),
  }
}

const EMPTY = Uint8Array.of(0x80)

function itemAt(bytes: Bytes, at: number): Item {
  const first = bytes[at]
  if (first === undefined) throw malformed('it ends too early')
  if (first < 0x80)
    return { list: false, whole: bytes.subarray(at, at + 1), payload: bytes.subarray(at, at + 1) }
  const list = first >= 0xc0
  const short = first - (list ? 0xc0 : 0x80)
  const lengthBytes = short > 55 ? short - 55 : 0
  let length = lengthBytes === 0 ? short : 0
  if (lengthBytes > 4) throw malformed('a length is too long')
  for (let i = 0; i < lengthBytes; i++) length = length * 256 + (bytes[at + 1 + i] ?? 0)
  const from = at + 1 + lengthBytes
  const end = from + length
  if (end > bytes.length || (lengthBytes > 0 && length <= 55)) throw malformed('a length is wrong')
  return { list, whole: bytes.subarray(at, end), payload: bytes.subarray(from, end) }
}

function itemsOf(outer: Item): readonly Item[] {
  if (!outer.list) throw malformed('it is no list')
  const items: Item[] = []
  for (let at = 0; at < outer.payload.length; ) {
    const item = itemAt(outer.payload, at)
    items.push(item)
    at += item.whole.length
  }
  return items
}

function rlpList(payload: Bytes): Bytes {
  if (payload.length <= 55) return concat(Uint8Array.of(0xc0 + payload.length), payload)
  const length = rlpDigits(BigInt(payload.length))
  return concat(Uint8Array.of(0xf7 + length.length), length, payload)
}

function rlpNumber(value: bigint): Bytes {
  const digits = rlpDigits(value)
  const [first] = digits
  if (digits.length === 1 && first !== undefined && first < 0x80) return digits
  return concat(Uint8Array.of(0x80 + digits.length), digits)
}

function rlpDigits(value: bigint): Bytes {
  const digits = value === 0n ? '' : value.toString(16)
  return fromHex(digits.length % 2 === 0 ? digits : `0${digits}`)
}

function numberOf(item: Item | undefined): bigint {
  if (item === undefined || item.list || item.payload.length > 32) throw malformed('a number is none')
  return item.payload.length === 0 ? 0n : BigInt(toHex(item.payload))
}

function word(item: Item | undefined): Bytes {
  const payload = item?.payload ?? new Uint8Array(0)
  if (payload.length > 32) throw malformed('a signature is too long')
  const padded = new Uint8Array(32)
  padded.set(payload, 32 - payload.length)
  return padded
}

function malformed(why: string): IsletError {
  return new IsletError('TRANSACTION_MALFORMED', `a transaction cannot be read: ${why}`)
}
