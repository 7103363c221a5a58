/**
 * HTTP/1.1 to one server of this machine over a few kept sockets: as much of it as the executor speaks, so that a
 * request costs this process less than half of what it costs through node's client.
 *
 * Laws: one request at a time on a socket; an answer has a length and ends there, whatever else is heard ends the
 * socket; nothing is sent twice.
 *
 * Source: RFC 9112, sections 6.2 (content-length) and 9.3 (persistence). Chunked answers are not understood.
 */
import { createConnection, type Socket } from 'node:net'
import type { JsonRpcOptions, Post, PostAnswer } from './json-rpc.ts'

interface Place {
  readonly host: string
  readonly port: number
}

/** Sockets open at once; what is asked beyond them waits. */
const MOST_SOCKETS = 8
const HEAD_BYTES = 1 << 14
const HEAD_END = '\r\n\r\n'

interface Waiting {
  readonly body: string
  resolve(answer: PostAnswer): void
  reject(cause: Error): void
}

/** Posts to the server's root. */
export function keptSockets(place: Place, limits: JsonRpcOptions): Post {
  const free: Line[] = []
  const open = new Set<Line>()
  const queue: Waiting[] = []
  let closed = false

  const next = (): void => {
    while (queue.length > 0) {
      const line = free.pop() ?? (open.size < MOST_SOCKETS ? begin() : undefined)
      const waiting = line === undefined ? undefined : queue.shift()
      if (line === undefined || waiting === undefined) return
      line.send(waiting)
    }
  }
  const begin = (): Line => {
    const line = new Line(place, limits, {
      free: () => {
        free.push(line)
        next()
      },
      ended: () => {
        open.delete(line)
        const at = free.indexOf(line)
        if (at >= 0) free.splice(at, 1)
        next()
      },
    })
    open.add(line)
    return line
  }
  return {
    send: (body) =>
      new Promise((resolve, reject) => {
        if (closed) reject(new Error('closed'))
        else queue.push({ body, resolve, reject })
        next()
      }),
    close: () => {
      closed = true
      for (const { reject } of queue.splice(0)) reject(new Error('closed'))
      for (const line of [...open]) line.end(new Error('closed'))
    },
  }
}

/** What an answer's head says, with the bytes where its body begins and ends. */
interface Head {
  readonly status: number
  readonly start: number
  readonly end: number
  /** The server ends the connection after it. */
  readonly last: boolean
}

/** One socket and the request on it. */
class Line {
  readonly #socket: Socket
  readonly #host: string
  readonly #limit: number
  readonly #turn: { free(): void; ended(): void }
  #waiting: Waiting | undefined
  #heard: Buffer[] = []
  #length = 0
  #head: Head | undefined

  constructor(
    { host, port }: Place,
    { timeoutMs, answerByteLimit }: JsonRpcOptions,
    turn: { free(): void; ended(): void },
  ) {
    this.#host = `${host}:${port}`
    this.#limit = answerByteLimit
    this.#turn = turn
    this.#socket = createConnection({ host, port, noDelay: true })
    this.#socket.setTimeout(timeoutMs)
    this.#socket.on('timeout', () => {
      if (this.#waiting !== undefined) this.end(new Error('timed out'))
    })
    this.#socket.on('data', (chunk: Buffer) => this.#hear(chunk))
    this.#socket.on('error', (cause) => this.end(cause))
    this.#socket.on('close', () => this.end(new Error('the connection ended')))
  }

  send(waiting: Waiting): void {
    this.#waiting = waiting
    this.#socket.ref()
    const length = Buffer.byteLength(waiting.body)
    this.#socket.write(
      `POST / HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/json\r\ncontent-length: ${length}${HEAD_END}${waiting.body}`,
    )
  }

  /** Ends the socket; the request on it fails. */
  end(cause: Error): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    this.#socket.destroy()
    this.#turn.ended()
    waiting?.reject(cause)
  }

  #hear(chunk: Buffer): void {
    try {
      this.#heard.push(chunk)
      this.#length += chunk.length
      this.#head ??= headOf(this.#all(), this.#limit)
      if (this.#head !== undefined && this.#length >= this.#head.end) this.#answer(this.#head)
    } catch (cause) {
      this.end(cause instanceof Error ? cause : new Error('no answer'))
    }
  }

  #answer({ status, start, end, last }: Head): void {
    const waiting = this.#waiting
    if (waiting === undefined) throw new Error('an answer to nothing')
    if (this.#length > end) throw new Error('an answer longer than it says')
    const body = this.#all().subarray(start)
    this.#heard = []
    this.#length = 0
    this.#head = undefined
    this.#waiting = undefined
    // An idle socket keeps no process alive.
    this.#socket.unref()
    waiting.resolve({ status, body })
    if (last) this.end(new Error('the server ends it'))
    else this.#turn.free()
  }

  #all(): Buffer {
    const [only] = this.#heard
    return this.#heard.length === 1 && only !== undefined ? only : Buffer.concat(this.#heard)
  }
}

/** Undefined while it is not all here; throws where it is none that is understood. */
function headOf(heard: Buffer, limit: number): Head | undefined {
  const end = heard.indexOf(HEAD_END)
  if (end < 0 && heard.length <= HEAD_BYTES) return undefined
  const head = `${heard.toString('latin1', 0, Math.max(0, end))}\r\n`
  const status = /^HTTP\/1\.1 (\d{3})\b/.exec(head)?.[1]
  const length = /\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n/i.exec(head)?.[1]
  if (status === undefined || length === undefined) throw new Error('an answer without a length')
  if (Number(length) > limit) throw new Error('answer too long')
  const start = end + HEAD_END.length
  return {
    status: Number(status),
    start,
    end: start + Number(length),
    last: /\r\nconnection:[ \t]*close/i.test(head),
  }
}
