/**
 * JSON-RPC 2.0 over HTTP with kept connections; small and without framework because it carries every block.
 *
 * Law: an answer that is missing, late or longer than the limit is an error, never a guess.
 */
import {
  type ClientRequest,
  Agent as HttpAgent,
  type RequestOptions,
  request as requestHttp,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { IsletError } from '../vocabulary/index.ts'

export type RpcCall = readonly [method: string, params: readonly unknown[]]

export type RpcAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly code: number; readonly message: string; readonly data?: unknown }

export interface JsonRpc {
  /** One call. Throws `RPC_REFUSED` (facts.code) for an error answer, `UNREACHABLE` where none comes. */
  call(method: string, params: readonly unknown[]): Promise<unknown>
  /** Several calls in one request, which a server may run at once; answers in the order asked. Throws `UNREACHABLE`. */
  batch(calls: readonly RpcCall[]): Promise<readonly RpcAnswer[]>
  close(): void
}

export interface JsonRpcOptions {
  readonly timeoutMs: number
  readonly answerByteLimit: number
}

export interface PostAnswer {
  readonly status: number
  readonly body: Buffer
}

/** How a request is carried to its server. */
export interface Post {
  /** Answers whatever the status; rejects with the cause where no answer comes. */
  send(body: string): Promise<PostAnswer>
  close(): void
}

export const RPC_LIMITS: JsonRpcOptions = { timeoutMs: 30_000, answerByteLimit: 1 << 29 }

/** A client of one endpoint. */
export function jsonRpc(url: string, options: Partial<JsonRpcOptions> = {}): JsonRpc {
  return jsonRpcOver(nodePost(url, { ...RPC_LIMITS, ...options }))
}

function nodePost(url: string, { timeoutMs, answerByteLimit }: JsonRpcOptions): Post {
  const target = new URL(url)
  const secure = target.protocol === 'https:'
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 8 })
    : new HttpAgent({ keepAlive: true, maxSockets: 8 })
  const post = (body: string, again = false): Promise<PostAnswer> =>
    new Promise((resolve, reject) => {
      const settings: RequestOptions = {
        method: 'POST',
        agent,
        timeout: timeoutMs,
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
      }
      const request: ClientRequest = (secure ? requestHttps : requestHttp)(target, settings, (response) => {
        const chunks: Buffer[] = []
        let length = 0
        response.on('data', (chunk: Buffer) => {
          length += chunk.length
          if (length > answerByteLimit) request.destroy(new Error('answer too long'))
          else chunks.push(chunk)
        })
        response.on('error', reject)
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }))
      })
      request.on('timeout', () => request.destroy(new Error('timed out')))
      request.on('error', (cause: NodeJS.ErrnoException) => {
        // A server that lives lets a kept connection go as it is used again; what was sent there it never read.
        if (!again && request.reusedSocket && cause.code === 'ECONNRESET') resolve(post(body, true))
        else reject(cause)
      })
      request.end(body)
    })
  return { send: (body) => post(body), close: () => agent.destroy() }
}

/** A client whose requests are carried so. */
export function jsonRpcOver(carrier: Post): JsonRpc {
  let id = 0
  const post = async (body: string): Promise<unknown> => {
    try {
      return parsed(await carrier.send(body))
    } catch (cause) {
      throw new IsletError('UNREACHABLE', 'the ledger endpoint does not answer', {}, { cause })
    }
  }
  return {
    async call(method, params) {
      const answer = parseAnswer(await post(JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })))
      if (answer.ok) return answer.result
      throw refusal(method, answer)
    },
    async batch(calls) {
      if (calls.length === 0) return []
      const first = id + 1
      id += calls.length
      const body = calls.map(([method, params], i) => ({ jsonrpc: '2.0', id: first + i, method, params }))
      const json = await post(JSON.stringify(body))
      if (!Array.isArray(json)) throw refusal('batch', parseAnswer(json))
      const byId = new Map<unknown, unknown>(json.map((item: unknown) => [member(item, 'id'), item]))
      return calls.map((_, i) => parseAnswer(byId.get(first + i)))
    },
    close: carrier.close,
  }
}

function parsed({ status, body }: PostAnswer): unknown {
  try {
    return JSON.parse(body.toString('utf8'))
  } catch {
    // The text of a parser's error would show a piece of the answer.
    throw new Error(`status ${status}, no JSON`)
  }
}

/** The error that an answer stands for. */
export function refusal(method: string, answer: RpcAnswer): IsletError {
  if (answer.ok) return new IsletError('UNREACHABLE', 'the ledger endpoint answered out of turn', { method })
  const data = typeof answer.data === 'string' ? answer.data : null
  return new IsletError(
    'RPC_REFUSED',
    'the ledger endpoint refused a call',
    { method, code: answer.code, data },
    { cause: new Error(answer.message) },
  )
}

function parseAnswer(json: unknown): RpcAnswer {
  const error = member(json, 'error')
  if (typeof error === 'object' && error !== null) {
    const code = member(error, 'code')
    return {
      ok: false,
      code: typeof code === 'number' ? code : 0,
      message: String(member(error, 'message') ?? ''),
      data: member(error, 'data'),
    }
  }
  if (typeof json !== 'object' || json === null || !('result' in json)) {
    return { ok: false, code: 0, message: 'no answer' }
  }
  return { ok: true, result: json.result }
}

/** A member of a JSON object, undefined where there is none. */
export function member(json: unknown, name: string): unknown {
  return typeof json === 'object' && json !== null
    ? (json as Readonly<Record<string, unknown>>)[name]
    : undefined
}
