/**
 * Patience with a peer: an answer within some time, or an error; the peer's silence holds nobody up (PROTOCOL 5).
 */
import { IsletError } from '../vocabulary/index.ts'
import type { Send } from './house.ts'

/** Milliseconds that one institution may take over a message. */
const PATIENCE = 15_000

/** The outcome of some work, if it comes in time. Throws `PEER_SILENT` after that; the work itself is not stopped. */
async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new IsletError('PEER_SILENT', 'the institution did not answer in time', { milliseconds }))
    }, milliseconds)
  })
  try {
    return await Promise.race([work, silence])
  } finally {
    clearTimeout(timer)
  }
}

/** Sending that no institution's silence holds up. Throws `PEER_SILENT` beside what `send` throws. */
export function sendWithin(ports: { readonly send: Send; readonly patience?: number }): Send {
  return (...message) => {
    const answer = ports.send(...message)
    return within(ports.patience ?? PATIENCE, answer)
  }
}
