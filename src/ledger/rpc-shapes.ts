/**
 * What Ethereum JSON-RPC answers, parsed once at the border. Pure. Source: execution-apis (eth_*).
 *
 * Law: an answer that is not of its shape throws `RPC_MALFORMED`; nothing untyped goes further in.
 */
import {
  address,
  type Hash32,
  type Hex,
  hash32,
  IsletError,
  quantity,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { Head, Log, Receipt } from './port.ts'

export interface RpcBlock {
  readonly head: Head
  readonly transactions: readonly Hash32[]
}

function malformed(what: string): IsletError {
  return new IsletError('RPC_MALFORMED', 'the ledger endpoint gave an answer of another shape', { what })
}

function field(json: unknown, name: string): unknown {
  if (typeof json !== 'object' || json === null) throw malformed(name)
  return (json as Readonly<Record<string, unknown>>)[name]
}

export function textOf(json: unknown, what: string): string {
  if (typeof json !== 'string') throw malformed(what)
  return json
}

/** 0x-prefixed quantity → number. */
export function numberOf(json: unknown, what: string): number {
  const value = Number(textOf(json, what))
  if (!Number.isSafeInteger(value) || value < 0) throw malformed(what)
  return value
}

export function hexOf(json: unknown, what: string): Hex {
  const text = textOf(json, what)
  if (!/^0x[0-9a-fA-F]*$/.test(text)) throw malformed(what)
  return text.toLowerCase() as Hex
}

/** A number as JSON-RPC writes it. */
export function quantityHex(value: number): Hex {
  return `0x${value.toString(16)}`
}

export function headOf(json: unknown): Head {
  return {
    height: numberOf(field(json, 'number'), 'number'),
    hash: hash32(textOf(field(json, 'hash'), 'hash')),
    parentHash: hash32(textOf(field(json, 'parentHash'), 'parentHash')),
    timestamp: quantity<UnixSeconds>(numberOf(field(json, 'timestamp'), 'timestamp')),
  }
}

/** A block asked for without its transactions' bodies. */
export function blockOf(json: unknown): RpcBlock {
  const list = field(json, 'transactions')
  if (!Array.isArray(list)) throw malformed('transactions')
  return { head: headOf(json), transactions: list.map((hash) => hash32(textOf(hash, 'transaction'))) }
}

/** A block asked for with its transactions' bodies, each as the endpoint gave it. */
export function fullBlockOf(json: unknown): {
  readonly head: Head
  readonly transactions: readonly unknown[]
} {
  const list = field(json, 'transactions')
  if (!Array.isArray(list)) throw malformed('transactions')
  return { head: headOf(json), transactions: list }
}

export function logOf(json: unknown): Log & { readonly height: number; readonly blockHash: Hash32 } {
  const topics = field(json, 'topics')
  if (!Array.isArray(topics)) throw malformed('topics')
  return {
    address: address(textOf(field(json, 'address'), 'address')),
    topics: topics.map((topic) => hash32(textOf(topic, 'topic'))),
    data: hexOf(field(json, 'data'), 'data'),
    index: numberOf(field(json, 'logIndex'), 'logIndex'),
    transaction: hash32(textOf(field(json, 'transactionHash'), 'transactionHash')),
    height: numberOf(field(json, 'blockNumber'), 'blockNumber'),
    blockHash: hash32(textOf(field(json, 'blockHash'), 'blockHash')),
  }
}

export function receiptOf(json: unknown, block: Head): Receipt {
  const logs = field(json, 'logs')
  const created = field(json, 'contractAddress')
  if (!Array.isArray(logs)) throw malformed('logs')
  return {
    transaction: hash32(textOf(field(json, 'transactionHash'), 'transactionHash')),
    block,
    index: numberOf(field(json, 'transactionIndex'), 'transactionIndex'),
    status: numberOf(field(json, 'status'), 'status') === 1 ? 'success' : 'reverted',
    gasUsed: numberOf(field(json, 'gasUsed'), 'gasUsed'),
    created: created === null || created === undefined ? null : address(textOf(created, 'contractAddress')),
    logs: logs.map((log: unknown) => {
      const { address: at, topics, data, index, transaction } = logOf(log)
      return { address: at, topics, data, index, transaction }
    }),
  }
}

export function receiptsOf(json: unknown, block: Head): readonly Receipt[] {
  if (!Array.isArray(json)) throw malformed('receipts')
  return json.map((item: unknown) => receiptOf(item, block))
}

/** The block hash that a receipt or transaction names. */
export function blockHashOf(json: unknown): Hash32 {
  return hash32(textOf(field(json, 'blockHash'), 'blockHash'))
}

export function blockNumberOf(json: unknown): number {
  return numberOf(field(json, 'blockNumber'), 'blockNumber')
}
