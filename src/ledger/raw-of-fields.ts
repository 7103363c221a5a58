/**
 * A signed transaction's bytes, put together again from the fields that JSON-RPC shows.
 *
 * Law: bytes that do not give the transaction's own hash are refused, so nothing an endpoint says is believed here.
 * Source: execution-apis (eth_getBlockByNumber with bodies), EIP-155, EIP-2718, EIP-2930, EIP-1559.
 */
import { serializeTransaction } from 'viem'
import { type Hex, hash32, IsletError } from '../vocabulary/index.ts'
import { member } from './json-rpc.ts'
import { hexOf, numberOf, textOf } from './rpc-shapes.ts'
import { transactionHash } from './transaction.ts'

const TYPES = ['legacy', 'eip2930', 'eip1559'] as const

/** The bytes. Throws `RPC_MALFORMED`, `TRANSACTION_NOT_REBUILT`. */
export function rawTransactionOf(json: unknown): Hex {
  const text = (name: string): string => textOf(member(json, name), name)
  const whole = (name: string): number => numberOf(member(json, name), name)
  const amount = (name: string): bigint => BigInt(text(name))
  const type = TYPES[whole('type')]
  const to = member(json, 'to')
  const common = {
    nonce: whole('nonce'),
    gas: amount('gas'),
    value: amount('value'),
    data: hexOf(member(json, 'input'), 'input'),
    ...(to === null || to === undefined ? {} : { to: hexOf(to, 'to') }),
  }
  const [r, s] = [hexOf(member(json, 'r'), 'r'), hexOf(member(json, 's'), 's')]
  const v = amount('v')
  const raw = (): Hex | undefined => {
    switch (type) {
      case 'legacy': {
        // EIP-155: the chain is in the signature; before it, there was none.
        const chainId = v >= 35n ? { chainId: Number((v - 35n) / 2n) } : {}
        return serializeTransaction(
          { ...common, ...chainId, type, gasPrice: amount('gasPrice') },
          { r, s, v },
        )
      }
      case 'eip2930':
        return serializeTransaction(
          {
            ...common,
            type,
            chainId: whole('chainId'),
            gasPrice: amount('gasPrice'),
            accessList: slots(json),
          },
          { r, s, yParity: Number(v) },
        )
      case 'eip1559':
        return serializeTransaction(
          {
            ...{ ...common, type, chainId: whole('chainId'), accessList: slots(json) },
            maxFeePerGas: amount('maxFeePerGas'),
            maxPriorityFeePerGas: amount('maxPriorityFeePerGas'),
          },
          { r, s, yParity: Number(v) },
        )
      default:
        return undefined
    }
  }
  const bytes = raw()
  const hash = hash32(text('hash'))
  if (bytes === undefined || transactionHash(bytes) !== hash) {
    throw new IsletError('TRANSACTION_NOT_REBUILT', 'a transaction’s fields do not give its hash', { hash })
  }
  return bytes
}

function slots(json: unknown): { readonly address: Hex; readonly storageKeys: readonly Hex[] }[] {
  const list = member(json, 'accessList')
  return (Array.isArray(list) ? list : []).map((entry: unknown) => {
    const keys = member(entry, 'storageKeys')
    return {
      address: hexOf(member(entry, 'address'), 'address'),
      storageKeys: (Array.isArray(keys) ? keys : []).map((key: unknown) => hexOf(key, 'storageKeys')),
    }
  })
}
