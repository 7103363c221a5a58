import { createServer, type Socket } from 'node:net'
import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { type Post, RPC_LIMITS } from './json-rpc.ts'
import { keptSockets } from './kept-sockets.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

type Answer = (body: string, socket: Socket) => void

interface Seen {
  sockets: number
  /** Requests in the order they came. */
  readonly bodies: string[]
}

/** A server that lets a test say what goes back for each whole request. */
async function serverOf(answer: Answer, limits: { timeoutMs?: number; answerByteLimit?: number } = {}) {
  const seen: Seen = { sockets: 0, bodies: [] }
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    seen.sockets += 1
    sockets.add(socket)
    let heard = ''
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1')
      const end = heard.indexOf('\r\n\r\n')
      const length = Number(/content-length: (\d+)/.exec(heard)?.[1])
      if (end < 0 || heard.length < end + 4 + length) return
      const body = heard.slice(end + 4)
      heard = ''
      seen.bodies.push(body)
      answer(body, socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const place = { host: '127.0.0.1', port: address.port }
  const post = keptSockets(place, { timeoutMs: 20_000, answerByteLimit: 1 << 20, ...limits })
  open.push(post, server, { close: () => sockets.forEach((socket) => void socket.destroy()) })
  return { post, seen }
}

const answerOf = (body: string, more = ''): string =>
  `HTTP/1.1 200 OK\r\nContent-Length: ${Buffer.byteLength(body)}\r\n${more}\r\n${body}`
const textOf = async (post: Post, body: string): Promise<string> =>
  (await post.send(body)).body.toString('utf8')

test('an answer that comes in pieces, cut anywhere, is the answer, and the socket is used again', async () => {
  let cuts: readonly number[] = []
  const { post, seen } = await serverOf((body, socket) => {
    const bytes = Buffer.from(answerOf(body))
    const at = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length]
    socket.setNoDelay(true)
    const piece = (i: number): void => {
      const from = at[i]
      const to = at[i + 1]
      if (from === undefined || to === undefined) return
      socket.write(bytes.subarray(from, to), () => setImmediate(() => piece(i + 1)))
    }
    piece(0)
  })
  const pieces = fc.array(fc.nat(200), { maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(fc.base64String({ minLength: 1, maxLength: 80 }), pieces, async (text, places) => {
      cuts = places
      expect(await textOf(post, text)).toBe(text)
    }),
    { numRuns: 60 },
  )
  expect(seen.sockets).toBe(1)
})

test('what is asked at once gets its own answer over at most eight sockets, one request at a time on each', async () => {
  const busy = new Set<Socket>()
  const { post, seen } = await serverOf((body, socket) => {
    expect(busy.has(socket)).toBe(false)
    busy.add(socket)
    setImmediate(() => {
      busy.delete(socket)
      socket.write(answerOf(`to ${body}`))
    })
  })
  const asked = Array.from({ length: 50 }, (_, i) => `${i}`)
  expect(await Promise.all(asked.map((body) => textOf(post, body)))).toEqual(
    asked.map((body) => `to ${body}`),
  )
  expect(seen.sockets).toBe(8)
})

test('an answer is what it is whatever its status', async () => {
  const { post } = await serverOf((_, socket) =>
    socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno'),
  )
  const { status, body } = await post.send('x')
  expect([status, body.toString()]).toEqual([413, 'no'])
})

test('a server that goes at a request fails it; it is not sent again, and the next goes on a new socket', async () => {
  const { post, seen } = await serverOf((body, socket) => {
    if (body === 'go') socket.destroy()
    else socket.write(answerOf(body))
  })
  expect(await textOf(post, 'one')).toBe('one')
  await expect(post.send('go')).rejects.toThrow()
  expect(await textOf(post, 'two')).toBe('two')
  expect(seen).toEqual({ sockets: 2, bodies: ['one', 'go', 'two'] })
})

test.each([
  ['has no length', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['is longer than it says', `${answerOf('short')}more`],
  ['is longer than the limit', answerOf('x'.repeat(101))],
  ['is no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ['has a head without end', `HTTP/1.1 200 OK\r\nx: ${'y'.repeat(1 << 15)}`],
])('an answer that %s fails its request and ends the socket', async (_, bad) => {
  const { post, seen } = await serverOf(
    (body, socket) => socket.write(body === 'bad' ? bad : answerOf(body)),
    { answerByteLimit: 100 },
  )
  await expect(post.send('bad')).rejects.toThrow()
  expect(await textOf(post, 'good')).toBe('good')
  expect(seen.sockets).toBe(2)
})

test('words to which nothing was asked end the socket and answer no later request', async () => {
  let first: Socket | undefined
  const { post, seen } = await serverOf((body, socket) => {
    first ??= socket
    socket.write(answerOf(body))
  })
  expect(await textOf(post, 'first')).toBe('first')
  const ended = new Promise<void>((resolve) => {
    first?.once('close', () => resolve())
  })
  first?.write(answerOf('stray'))
  await ended
  expect(await textOf(post, 'second')).toBe('second')
  expect(seen.sockets).toBe(2)
})

test('a socket that the server says it ends is not used again', async () => {
  const { post, seen } = await serverOf((body, socket) => socket.end(answerOf(body, 'Connection: close\r\n')))
  for (const body of ['one', 'two']) expect(await textOf(post, body)).toBe(body)
  expect(seen.sockets).toBe(2)
})

test('a server that stays mute fails the request at its limit', async () => {
  const { post } = await serverOf(() => undefined, { timeoutMs: 20 })
  await expect(post.send('x')).rejects.toThrow('timed out')
})

test('closing fails what is under way, what waits and what is asked afterwards', async () => {
  const { post } = await serverOf(() => undefined)
  const asked = Array.from({ length: 10 }, () => post.send('x'))
  post.close()
  for (const one of [...asked, post.send('x')]) await expect(one).rejects.toThrow('closed')
})

test('where no server listens the request fails', async () => {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  await new Promise((resolve) => server.close(resolve))
  const post = keptSockets({ host: '127.0.0.1', port: address.port }, RPC_LIMITS)
  await expect(post.send('x')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
