/**
 * Reads that are asked for together go in one request: many parties of one process look at the same block at once.
 *
 * Laws: each caller gets the answer to its own call, or its own refusal; what is asked while a request is under way waits
 * for nobody; nothing but reads passes here, since a server may work a batch off in any order.
 */
import { type JsonRpc, type RpcCall, refusal } from './json-rpc.ts'

/** Calls of one request. */
const MOST_CALLS = 64

interface Waiting {
  readonly call: RpcCall
  resolve(result: unknown): void
  reject(error: unknown): void
}

/** Asks like `rpc.call`, gathering what is asked in one turn of the event loop. Throws as `rpc.call`. */
export function readBatch(rpc: Pick<JsonRpc, 'batch' | 'call'>): JsonRpc['call'] {
  let waiting: Waiting[] = []
  const send = async (part: readonly Waiting[]): Promise<void> => {
    const [only] = part
    if (part.length === 1 && only !== undefined) {
      await rpc.call(...only.call).then(only.resolve, only.reject)
      return
    }
    try {
      const answers = await rpc.batch(part.map(({ call }) => call))
      part.forEach(({ call, resolve, reject }, i) => {
        const answer = answers[i]
        if (answer?.ok === true) resolve(answer.result)
        else reject(refusal(call[0], answer ?? { ok: false, code: 0, message: 'no answer' }))
      })
    } catch (error) {
      for (const { reject } of part) reject(error)
    }
  }
  const flush = (): void => {
    const all = waiting
    waiting = []
    for (let from = 0; from < all.length; from += MOST_CALLS) void send(all.slice(from, from + MOST_CALLS))
  }
  return (method, params) =>
    new Promise((resolve, reject) => {
      waiting.push({ call: [method, params], resolve, reject })
      if (waiting.length === 1) setImmediate(flush)
    })
}
