/**
 * One chain behind several JSON-RPC endpoints: asks the one that answered last, goes on to the next when it does not.
 *
 * Law: an endpoint is asked nothing before it has shown the expected chain id, genesis hash and pinned block; one that
 * shows another chain is never used (`OTHER_CHAIN`), one that has not come to the pinned block yet is as one that does not
 * answer. On a consortium a block's hash is its header's, and so pins the set of validators that decides after it. An answer that engines are known to give for a moment is asked for again; an
 * endpoint that says it is catching up is as one that does not answer.
 */
import { type Hash32, IsletError } from '../vocabulary/index.ts'
import { type JsonRpc, jsonRpc, type RpcAnswer, type RpcCall } from './json-rpc.ts'
import { headOf, numberOf, quantityHex } from './rpc-shapes.ts'

export interface ChainIdentity {
  readonly chainId: number
  readonly genesisHash: Hash32
}

/** What an endpoint must show; chain id and genesis hash, where absent, are what the first one shows. */
export interface ExpectedChain extends Partial<ChainIdentity> {
  /** A block that is believed, as of a trust anchor. */
  readonly block?: { readonly height: number; readonly hash: Hash32 }
}

export interface EndpointOptions {
  readonly urls: readonly string[]
  readonly expect?: ExpectedChain
  readonly timeoutMs?: number
}

interface Endpoint {
  readonly rpc: JsonRpc
  checked: boolean
}

/** Tries for an answer that is only late: cosmos/evm says -32000 "tx not found" until its indexer has caught up. */
const LATE_TRIES = 12
const LATE_MS = 50

export class RpcEndpoints {
  readonly #endpoints: readonly Endpoint[]
  #expect: ExpectedChain
  #current = 0

  constructor({ urls, expect = {}, timeoutMs = 5_000 }: EndpointOptions) {
    if (urls.length === 0) throw new IsletError('NO_ENDPOINT', 'a ledger needs at least one endpoint')
    this.#endpoints = urls.map((url) => ({ rpc: jsonRpc(url, { timeoutMs }), checked: false }))
    this.#expect = expect
  }

  /** The chain's identity, as the first endpoint that answers shows it. Throws `UNREACHABLE`, `OTHER_CHAIN`. */
  async identity(): Promise<ChainIdentity> {
    await this.ask('eth_chainId', [])
    const { chainId, genesisHash } = this.#expect
    if (chainId === undefined || genesisHash === undefined) {
      throw new IsletError('UNREACHABLE', 'the ledger endpoint does not say which chain it serves')
    }
    return { chainId, genesisHash }
  }

  /** Asks whichever endpoint answers. Throws `UNREACHABLE` when none does, `RPC_REFUSED` for an error answer. */
  ask(method: string, params: readonly unknown[]): Promise<unknown> {
    return this.#first((rpc) => patiently(rpc, method, params))
  }

  /** Asks several in one request, which an engine works off in their order or at once. Throws `UNREACHABLE`. */
  askAll(calls: readonly RpcCall[]): Promise<readonly RpcAnswer[]> {
    return this.#first(async (rpc) => {
      const answers = await rpc.batch(calls)
      for (const answer of answers) if (!answer.ok && isBehind(answer.message)) throw behind()
      return answers
    })
  }

  /** The answer of the first endpoint that gives one, beginning with the one that did last. */
  async #first<T>(asked: (rpc: JsonRpc) => Promise<T>): Promise<T> {
    let failure: unknown
    for (let i = 0; i < this.#endpoints.length; i++) {
      const index = (this.#current + i) % this.#endpoints.length
      const endpoint = this.#endpoints[index]
      if (endpoint === undefined) continue
      try {
        await this.#check(endpoint)
        const answer = await asked(endpoint.rpc)
        this.#current = index
        return answer
      } catch (error) {
        if (!(error instanceof IsletError) || error.code !== 'UNREACHABLE') throw error
        endpoint.checked = false
        failure = error
      }
    }
    throw failure
  }

  close(): void {
    for (const { rpc } of this.#endpoints) rpc.close()
  }

  async #check(endpoint: Endpoint): Promise<void> {
    if (endpoint.checked) return
    const chainId = numberOf(await endpoint.rpc.call('eth_chainId', []), 'chainId')
    const genesisHash = await genesisOf(endpoint.rpc)
    const { chainId: wantedId = chainId, genesisHash: wantedHash = genesisHash, block } = this.#expect
    const remedy = 'Check the endpoint’s address, or the chain id, genesis hash and block that were given.'
    if (wantedId !== chainId || wantedHash !== genesisHash) {
      const facts = { expected: wantedId, found: chainId }
      throw new IsletError('OTHER_CHAIN', 'an endpoint serves another chain than the one expected', facts, {
        remedy,
      })
    }
    const shown = block === undefined ? undefined : await hashAt(endpoint.rpc, block.height)
    if (block !== undefined && shown !== block.hash) {
      throw new IsletError(
        'OTHER_CHAIN',
        `an endpoint’s block ${block.height} is ${shown}, and ${block.hash} is pinned`,
        { pinned: block.height },
        { remedy },
      )
    }
    this.#expect = { ...this.#expect, chainId, genesisHash }
    endpoint.checked = true
  }
}

/** Hash of block 0, or of block 1 where the chain begins with it (CometBFT). */
async function genesisOf(rpc: JsonRpc): Promise<Hash32> {
  for (const height of ['0x0', '0x1']) {
    const json = await patiently(rpc, 'eth_getBlockByNumber', [height, false]).catch((error: unknown) => {
      if (error instanceof IsletError && error.code === 'RPC_REFUSED') return null
      throw error
    })
    if (json !== null) return headOf(json).hash
  }
  throw new IsletError('UNREACHABLE', 'the ledger endpoint shows no first block')
}

/** Hash of the block at a height. Throws `UNREACHABLE` where the endpoint has none yet. */
async function hashAt(rpc: JsonRpc, height: number): Promise<Hash32> {
  const json = await patiently(rpc, 'eth_getBlockByNumber', [quantityHex(height), false])
  if (json === null) throw behind()
  return headOf(json).hash
}

async function patiently(rpc: JsonRpc, method: string, params: readonly unknown[]): Promise<unknown> {
  for (let tries = 1; ; tries++) {
    try {
      return await rpc.call(method, params)
    } catch (error) {
      const said =
        error instanceof IsletError && error.code === 'RPC_REFUSED' && error.cause instanceof Error
          ? error.cause.message
          : ''
      if (isBehind(said)) throw behind()
      const late = /tx not found|header not found|could not find block/i.test(said)
      if (!late || tries === LATE_TRIES) throw error
      await new Promise((resolve) => setTimeout(resolve, LATE_MS))
    }
  }
}

/** A node that is level with the others again in a moment; another one serves meanwhile. */
function isBehind(said: string): boolean {
  return /node is catching up/i.test(said)
}

function behind(): IsletError {
  return new IsletError('UNREACHABLE', 'the ledger endpoint is catching up')
}
