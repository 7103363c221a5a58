/**
 * The public face of an embedded ledger: JSON-RPC over HTTP on loopback, for the other institutions of `--apart` and
 * for any Ethereum tool.
 *
 * Law: deny by default. Reads of the `eth_` namespace on a list, and signed transactions, which go to the sequencer;
 * never the executor's own methods (`anvil_`, `evm_`, `debug_`, `hardhat_` …). Bodies, batches and log ranges are
 * bounded; a request with an Origin or a foreign Host comes from a web page and is refused.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { address, IsletError } from '../vocabulary/index.ts'
import { TRANSACTION_GAS_LIMIT } from './chain-parameters.ts'
import { diskError } from './disk.ts'
import type { EmbeddedLedger } from './embedded.door.ts'
import { member } from './json-rpc.ts'
import { hexOf, quantityHex, textOf } from './rpc-shapes.ts'

export interface GatewayOptions {
  /** 0 chooses a free one. */
  readonly port?: number
  readonly host?: '127.0.0.1' | '::1'
  readonly bodyByteLimit?: number
  readonly batchLimit?: number
}

export interface Gateway {
  readonly url: string
  readonly port: number
  close(): Promise<void>
}

/** How many parameters of each read go through; the rest (state overrides among them) are cut off. */
const READS: ReadonlyMap<string, number> = new Map([
  ['eth_blockNumber', 0],
  ['eth_call', 2],
  ['eth_chainId', 0],
  ['eth_estimateGas', 2],
  ['eth_feeHistory', 3],
  ['eth_gasPrice', 0],
  ['eth_getBalance', 2],
  ['eth_getBlockByHash', 2],
  ['eth_getBlockByNumber', 2],
  ['eth_getBlockReceipts', 1],
  ['eth_getBlockTransactionCountByNumber', 1],
  ['eth_getCode', 2],
  ['eth_getLogs', 1],
  ['eth_getStorageAt', 3],
  ['eth_getTransactionByHash', 1],
  ['eth_getTransactionCount', 2],
  ['eth_getTransactionReceipt', 1],
  ['eth_maxPriorityFeePerGas', 0],
  ['eth_syncing', 0],
  ['net_version', 0],
])
const LOG_RANGE_LIMIT = 10_000

/** Opens the gateway. Throws `PORT_TAKEN`. */
export async function openGateway(ledger: EmbeddedLedger, options: GatewayOptions = {}): Promise<Gateway> {
  const { port = 0, host = '127.0.0.1', bodyByteLimit = 1 << 20, batchLimit = 100 } = options
  const server = createServer({ headersTimeout: 10_000, requestTimeout: 20_000 }, (request, response) => {
    handle(ledger, request, response, bodyByteLimit, batchLimit).catch(() => response.destroy())
  })
  server.maxConnections = 256
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenFailure(error, port)))
    server.listen(port, host, resolve)
  })
  const bound = server.address()
  const actual = typeof bound === 'object' && bound !== null ? bound.port : port
  return {
    port: actual,
    url: `http://${host === '::1' ? '[::1]' : host}:${actual}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function listenFailure(error: Error, port: number): IsletError {
  if ('code' in error && error.code === 'EADDRINUSE') {
    return new IsletError(
      'PORT_TAKEN',
      `port ${port} is taken by another program`,
      { port },
      { remedy: 'Stop that program or choose another port.' },
    )
  }
  return diskError(error)
}

async function handle(
  ledger: EmbeddedLedger,
  request: IncomingMessage,
  response: ServerResponse,
  bodyByteLimit: number,
  batchLimit: number,
): Promise<void> {
  const end = (status: number, json?: unknown): void => {
    response.writeHead(status, {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...(status === 200 ? {} : { connection: 'close' }),
    })
    response.end(json === undefined ? '' : JSON.stringify(json))
  }
  if (request.method !== 'POST') return end(405)
  if (request.headers.origin !== undefined || !isLocal(request.headers.host)) return end(403)
  if (!/^application\/json\b/.test(request.headers['content-type'] ?? '')) return end(415)
  if (request.headers['content-encoding'] !== undefined) return end(415)
  const body = await bodyOf(request, bodyByteLimit)
  if (body === undefined) return end(413)
  let json: unknown
  try {
    json = JSON.parse(body)
  } catch {
    return end(200, failure(null, -32700, 'not JSON'))
  }
  if (!Array.isArray(json)) return end(200, await answer(ledger, json))
  if (json.length === 0 || json.length > batchLimit) {
    return end(200, failure(null, -32600, `a batch holds 1 to ${batchLimit} calls`))
  }
  const answers: unknown[] = []
  for (const call of json) answers.push(await answer(ledger, call))
  return end(200, answers)
}

function isLocal(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host ?? '')
}

async function bodyOf(request: IncomingMessage, limit: number): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk))
    length += bytes.length
    if (length > limit) return undefined
    chunks.push(bytes)
  }
  return Buffer.concat(chunks).toString('utf8')
}

async function answer(ledger: EmbeddedLedger, call: unknown): Promise<unknown> {
  const given = member(call, 'id')
  const id = typeof given === 'number' || typeof given === 'string' ? given : null
  const method = member(call, 'method')
  const list = member(call, 'params')
  if (typeof method !== 'string') return failure(id, -32600, 'no method')
  const params: readonly unknown[] = Array.isArray(list) ? list : []
  try {
    return { jsonrpc: '2.0', id, result: await dispatch(ledger, method, params) }
  } catch (error) {
    return refused(id, error)
  }
}

async function dispatch(
  ledger: EmbeddedLedger,
  method: string,
  params: readonly unknown[],
): Promise<unknown> {
  if (method === 'web3_clientVersion') return 'islet-embedded'
  if (method === 'eth_sendRawTransaction') return ledger.acceptRaw(hexOf(params[0], 'transaction'))
  const count = READS.get(method)
  if (count === undefined)
    throw new IsletError('METHOD_UNKNOWN', `the method ${method.slice(0, 40)} does not exist`)
  if (method === 'eth_getTransactionCount' && params[1] === 'pending') {
    return quantityHex(await ledger.pendingNonce(address(textOf(params[0], 'address'))))
  }
  const taken = params.slice(0, count)
  if (method === 'eth_getLogs') taken[0] = await boundedFilter(ledger, taken[0])
  if (method === 'eth_call' || method === 'eth_estimateGas') taken[0] = boundedCall(taken[0])
  return ledger.ask(method, taken.map(notPending))
}

/** The pending block is the latest here: what waits has no order yet. */
function notPending(param: unknown): unknown {
  return param === 'pending' ? 'latest' : param
}

function boundedCall(call: unknown): unknown {
  if (typeof call !== 'object' || call === null) throw new IsletError('RPC_MALFORMED', 'no call')
  const gas = member(call, 'gas')
  const asked = typeof gas === 'string' ? Number(gas) : TRANSACTION_GAS_LIMIT
  return {
    ...call,
    gas: quantityHex(asked > 0 && asked < TRANSACTION_GAS_LIMIT ? asked : TRANSACTION_GAS_LIMIT),
  }
}

async function boundedFilter(ledger: EmbeddedLedger, filter: unknown): Promise<unknown> {
  if (typeof filter !== 'object' || filter === null) throw new IsletError('RPC_MALFORMED', 'no filter')
  if (member(filter, 'blockHash') !== undefined) return filter
  const { height } = await ledger.head()
  const heightOf = (tag: unknown): number => {
    if (tag === 'earliest') return 0
    const number = Number(tag)
    return typeof tag === 'string' && Number.isSafeInteger(number) ? number : height
  }
  const from = heightOf(member(filter, 'fromBlock'))
  const to = Math.min(heightOf(member(filter, 'toBlock')), height)
  if (to - from > LOG_RANGE_LIMIT) throw new IsletError('RANGE_TOO_LONG', `at most ${LOG_RANGE_LIMIT} blocks`)
  return { ...filter, fromBlock: quantityHex(from), toBlock: quantityHex(Math.max(from, to)) }
}

/** An error as JSON-RPC says it; its code of the house goes into `data.islet`. */
function refused(id: number | string | null, error: unknown): unknown {
  if (!(error instanceof IsletError)) return failure(id, -32603, 'internal error')
  if (error.code === 'RPC_REFUSED') {
    const code = error.facts['code']
    const message = error.cause instanceof Error ? error.cause.message : error.message
    return failure(id, typeof code === 'number' ? code : -32000, message, error.facts['data'] ?? undefined)
  }
  // The words that every Ethereum client looks for.
  const message = error.facts['why'] === 'NONCE_TOO_LOW' ? 'nonce too low' : error.message
  const code = error.code === 'METHOD_UNKNOWN' ? -32601 : error.code === 'LEDGER_BUSY' ? -32005 : -32000
  return failure(id, code, message, { islet: error.code, ...error.facts })
}

function failure(id: number | string | null, code: number, message: string, data?: unknown): unknown {
  return { jsonrpc: '2.0', id, error: { code, message, ...(data === undefined ? {} : { data }) } }
}
