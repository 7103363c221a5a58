import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inboxPath } from '../../api/index.ts'
import { createWorld, signAs, somebody, type World } from '../transport/testing/world.ts'
import { plainHandlers, startNode, type TestNode } from './testing/node.ts'

describe('limits', () => {
  let world: World
  let node: TestNode
  let south: Awaited<ReturnType<World['openSouth']>>

  beforeAll(async () => {
    world = await createWorld()
    south = await world.openSouth(() => node.origin())
    node = await startNode({
      gate: () => south.gate,
      signer: world.south.signer,
      endpoints: () => [south.endpoint],
      limits: { budget: { burst: 60, perSecond: 1 }, headMs: 300, requestMs: 1_500, streams: 2 },
    })
  })
  afterAll(async () => {
    await node.close()
    await south.close()
    await world.close()
  })

  /** Writes raw bytes, one part after the other, and returns all that came back until the end. */
  const dialogue = (parts: readonly (string | Buffer)[], pause = 0): Promise<string> => {
    const { hostname, port } = new URL(node.origin())
    return new Promise((resolve) => {
      const socket = connect(Number(port), hostname)
      let text = ''
      let timer: NodeJS.Timeout | undefined
      socket.on('data', (chunk) => {
        text += chunk.toString()
      })
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clearTimeout(timer)
        resolve(text)
      })
      const write = (index: number): void => {
        const part = parts[index]
        if (part === undefined || socket.destroyed) return
        socket.write(part)
        timer = setTimeout(() => write(index + 1), pause)
      }
      socket.on('connect', () => write(0))
    })
  }
  const head = (extra: readonly string[], target = inboxPath(world.south.id)): string =>
    `POST ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n${extra.map((line) => `${line}\r\n`).join('')}connection: close\r\n\r\n`

  test('a head that drips in is cut off with 408, and the socket closed', async () => {
    const started = performance.now()
    const drops = Array.from({ length: 100 }, (_, i) => `x-${i}: 1\r\n`)
    const answer = await dialogue(['GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n', ...drops], 100)
    expect(answer).toContain('HTTP/1.1 408')
    expect(answer).toContain('REQUEST_TOO_SLOW')
    expect(performance.now() - started).toBeLessThan(1_200)
  })

  test('a body that drips in is cut off as well, though its head was signed well', async () => {
    const { headers } = await signAs(world.north, `${node.origin()}${inboxPath(world.south.id)}`, {}, world)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const { host } = new URL(node.origin())
    const text = `POST ${inboxPath(world.south.id)} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('\r\n')}\r\ncontent-length: 5000\r\n\r\n`
    const answer = await dialogue([text, ...Array.from({ length: 60 }, () => 'x')], 100)
    expect(answer).toContain('HTTP/1.1 408')
  })

  test('what is no HTTP at all is answered with words and a closed socket', async () => {
    expect(await dialogue(['\x16\x03\x01 hello\r\n\r\n'])).toContain('REQUEST_MALFORMED')
    expect(await dialogue([`GET / HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`])).toContain(
      'HTTP/1.1 431',
    )
  })

  test('a gzip bomb is refused unread', async () => {
    const bomb = gzipSync(Buffer.alloc(30_000_000))
    const answer = await dialogue([head(['content-encoding: gzip', `content-length: ${bomb.length}`])])
    expect(answer).toContain('HTTP/1.1 415')
    expect(answer).toContain('CONTENT_ENCODED')
  })

  test('a body whose length is not said, or is more than allowed, is refused unread', async () => {
    expect(await dialogue([head(['transfer-encoding: chunked'])])).toContain('LENGTH_REQUIRED')
    expect(await dialogue([head(['content-length: 99999999'])])).toContain('HTTP/1.1 413')
    expect(await dialogue([head(['content-length: 5'], '/healthz')])).toContain('HTTP/1.1 405')
  })

  test('a stranger’s long body is refused by its head alone', async () => {
    const target = `${node.origin()}${inboxPath(world.south.id)}`
    const { headers } = await signAs(somebody('stranger'), target, {}, world)
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
    const { host } = new URL(node.origin())
    const text = `POST ${inboxPath(world.south.id)} HTTP/1.1\r\nhost: ${host}\r\n${lines.join('\r\n')}\r\ncontent-length: 1000000\r\nconnection: close\r\n\r\n`
    const answer = await dialogue([text])
    expect(answer).toContain('HTTP/1.1 413')
    expect(answer).toContain('signature: islet=')
  })

  test('only so many event streams are open at once, and closed ones make room', async () => {
    const open = async () => {
      const stop = new AbortController()
      const response = await fetch(`${node.origin()}/story/events`, { signal: stop.signal })
      return { status: response.status, close: () => stop.abort() }
    }
    const [first, second, third] = [await open(), await open(), await open()]
    expect([first.status, second.status, third.status]).toEqual([200, 200, 503])
    first.close()
    await expect
      .poll(async () => {
        const again = await open()
        again.close()
        return again.status
      })
      .toBe(200)
    second.close()
  })

  test('who asks too much is told to wait; heavy routes cost more; health costs nothing', async () => {
    const statuses: number[] = []
    let wait: string | null = null
    for (let i = 0; i < 40; i++) {
      const answer = await fetch(`${node.origin()}/openapi.json`)
      await answer.arrayBuffer()
      statuses.push(answer.status)
      wait = answer.headers.get('retry-after')
    }
    const passed = statuses.filter((status) => status === 200).length
    expect(passed).toBeLessThanOrEqual(60 / 5 + 1)
    expect(statuses.at(-1)).toBe(429)
    expect(Number(wait)).toBeGreaterThan(0)
    expect((await fetch(`${node.origin()}/healthz`)).status).toBe(200)
  })
})

test('a node that stops lets requests under way end, ends its streams and closes', async () => {
  const world = await createWorld()
  const south = await world.openSouth(() => 'http://127.0.0.1:1')
  const handlers = {
    ...plainHandlers(),
    institutions: async () => {
      await new Promise((resolve) => setTimeout(resolve, 300))
      return { institutions: [] }
    },
  }
  const node = await startNode({ gate: () => south.gate, signer: world.south.signer, handlers })
  const underWay = fetch(`${node.origin()}/v1/institutions`)
  const stream = await fetch(`${node.origin()}/story/events`)
  const ended = stream.text().catch(() => 'cut off')
  const started = performance.now()
  await node.close()
  expect(await ended).toContain('event: snapshot')
  expect((await underWay).status).toBe(200)
  expect(performance.now() - started).toBeLessThan(3_000)
  await expect(fetch(`${node.origin()}/healthz`)).rejects.toThrow()
  await south.close()
  await world.close()
})

test('readiness tells what is missing, with 503', async () => {
  const world = await createWorld()
  const south = await world.openSouth(() => 'http://127.0.0.1:1')
  const node = await startNode({ gate: () => south.gate, signer: world.south.signer })
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
  await node.close()
  await south.close()
  await world.close()
})
