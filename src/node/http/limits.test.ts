import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inboxPath } from '../../api/index.ts'
import { type Somebody, signAs, somebody } from '../../transport/testing/world.ts'
import type { ServerLimits } from './server.ts'
import { plainHandlers, type SouthHere, southHere, type TestNode } from './testing/node.ts'

/** A node for a few tests, with the limits that they are about and no others. */
function nodeWith(limits: ServerLimits): () => SouthHere {
  let here: SouthHere
  beforeAll(async () => {
    here = await southHere({ limits })
  })
  afterAll(() => here.close())
  return () => here
}

/** Writes raw bytes, one part after the other; all that came back until the end, and how many parts were written. */
function dialogue(
  node: TestNode,
  parts: readonly (string | Buffer)[],
  pause = 0,
): Promise<{ readonly answer: string; readonly written: number }> {
  const { hostname, port } = new URL(node.origin())
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname)
    let answer = ''
    let written = 0
    let timer: NodeJS.Timeout | undefined
    socket.on('data', (chunk) => {
      answer += chunk.toString()
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      clearTimeout(timer)
      resolve({ answer, written })
    })
    const write = (): void => {
      const part = parts[written]
      if (part === undefined || socket.destroyed) return
      socket.write(part)
      written++
      timer = setTimeout(write, pause)
    }
    socket.on('connect', write)
  })
}

/** The head of a message for South that a sender signed, as text up to its length. */
async function signedHead(who: Somebody, { world, node }: SouthHere): Promise<string> {
  const target = `${node.origin()}${inboxPath(world.south.id)}`
  const { headers } = await signAs(who, target, {}, world)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const { host, pathname } = new URL(target)
  return `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('\r\n')}\r\n`
}

describe('somebody slow', () => {
  const here = nodeWith({ headMs: 300, requestMs: 1_500 })

  test('a head that drips in is cut off with 408 before it ends, and the socket closed', async () => {
    const drops = Array.from({ length: 100 }, (_, i) => `x-${i}: 1\r\n`)
    const parts = ['GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n', ...drops]
    const { answer, written } = await dialogue(here().node, parts, 100)
    expect(answer).toContain('HTTP/1.1 408')
    expect(answer).toContain('REQUEST_TOO_SLOW')
    expect(written).toBeLessThan(drops.length)
  })

  test('a body that drips in is cut off as well, though its head was signed well', async () => {
    const head = `${await signedHead(here().world.north, here())}content-length: 5000\r\n\r\n`
    const { answer } = await dialogue(here().node, [head, ...Array.from({ length: 60 }, () => 'x')], 100)
    expect(answer).toContain('HTTP/1.1 408')
  })
})

describe('bodies', () => {
  const here = nodeWith({ budget: { burst: 10_000, perSecond: 1_000 } })
  const answer = async (part: string): Promise<string> => (await dialogue(here().node, [part])).answer
  const head = (extra: readonly string[], target = inboxPath(here().world.south.id)): string =>
    `POST ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${extra.map((line) => `${line}\r\n`).join('')}connection: close\r\n\r\n`

  test('what is no HTTP at all is answered with words and a closed socket', async () => {
    expect(await answer('\x16\x03\x01 hello\r\n\r\n')).toContain('REQUEST_MALFORMED')
    expect(await answer(`GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toContain(
      'HTTP/1.1 431',
    )
  })

  test('a gzip bomb is refused unread', async () => {
    const bomb = gzipSync(Buffer.alloc(30_000_000))
    const refused = await answer(head(['content-encoding: gzip', `content-length: ${bomb.length}`]))
    expect(refused).toContain('HTTP/1.1 415')
    expect(refused).toContain('CONTENT_ENCODED')
  })

  test('a body whose length is not said, or is more than allowed, is refused unread', async () => {
    expect(await answer(head(['transfer-encoding: chunked']))).toContain('LENGTH_REQUIRED')
    expect(await answer(head(['content-length: 99999999']))).toContain('HTTP/1.1 413')
    expect(await answer(head(['content-length: 5'], '/healthz'))).toContain('HTTP/1.1 405')
  })

  test('a stranger’s long body is refused by its head alone', async () => {
    const text = await signedHead(somebody('stranger'), here())
    const refused = await answer(`${text}content-length: 1000000\r\nconnection: close\r\n\r\n`)
    expect(refused).toContain('HTTP/1.1 413')
    expect(refused).toContain('signature: islet=')
  })
})

describe('event streams', () => {
  const here = nodeWith({ budget: { burst: 10_000, perSecond: 1_000 }, streams: 2 })

  test('only so many event streams are open at once, and closed ones make room', async () => {
    const open = async () => {
      const stop = new AbortController()
      const response = await fetch(`${here().node.origin()}/story/events`, { signal: stop.signal })
      return { status: response.status, close: () => stop.abort() }
    }
    const [first, second, third] = [await open(), await open(), await open()]
    expect([first.status, second.status, third.status]).toEqual([200, 200, 503])
    first.close()
    await expect
      .poll(
        async () => {
          const again = await open()
          again.close()
          return again.status
        },
        { timeout: 120_000 },
      )
      .toBe(200)
    second.close()
  })
})

describe('a budget', () => {
  // What flows in again while this runs is less than one request costs, on any machine.
  const here = nodeWith({ budget: { burst: 60, perSecond: 0.001 } })

  test('who asks too much is told to wait; heavy routes cost more; health costs nothing', async () => {
    const statuses: number[] = []
    let wait: string | null = null
    for (let i = 0; i < 13; i++) {
      const answer = await fetch(`${here().node.origin()}/openapi.json`)
      await answer.arrayBuffer()
      statuses.push(answer.status)
      wait = answer.headers.get('retry-after')
    }
    // A heavy one costs five of the sixty.
    expect(statuses).toEqual([...Array(12).fill(200), 429])
    expect(Number(wait)).toBeGreaterThan(0)
    expect((await fetch(`${here().node.origin()}/healthz`)).status).toBe(200)
  })
})

test('a node that stops lets requests under way end, ends its streams and closes', async () => {
  let answer = (): void => undefined
  const released = new Promise<void>((resolve) => {
    answer = resolve
  })
  const handlers = {
    ...plainHandlers(),
    institutions: async () => {
      await released
      return { institutions: [] }
    },
  }
  // Patience longer than this test may take: whoever is cut off by it never ends here.
  const limits = { closingMs: 600_000 }
  const { node, ...here } = await southHere({ handlers, limits })
  const underWay = fetch(`${node.origin()}/v1/institutions`)
  const stream = await fetch(`${node.origin()}/story/events`)
  const ended = stream.text().catch(() => 'cut off')
  const closing = here.close()
  expect(await ended).toContain('event: snapshot')
  answer()
  expect((await underWay).status).toBe(200)
  await closing
  await expect(fetch(`${node.origin()}/healthz`)).rejects.toThrow()
})

test('readiness tells what is missing, with 503', async () => {
  const { node, close } = await southHere()
  expect((await fetch(`${node.origin()}/readyz`)).status).toBe(200)
  node.ready.checks = [{ name: 'ledger', ok: false, code: 'ENGINE_FAILED' }]
  const answer = await fetch(`${node.origin()}/readyz`)
  expect(answer.status).toBe(503)
  expect(await answer.json()).toEqual({
    status: 'not-ready',
    checks: [
      { name: 'running', ok: true },
      { name: 'ledger', ok: false, code: 'ENGINE_FAILED' },
    ],
  })
  await close()
})
