import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inboxPath } from '../../api/index.ts'
import { newEnvelope } from '../../transport/index.ts'
import { signAs } from '../../transport/testing/world.ts'
import { IsletError } from '../../vocabulary/index.ts'
import { errorLine } from './log.ts'
import { plainHandlers, type SouthHere, southHere } from './testing/node.ts'

/** Planted wherever a caller can write; none may come up in the logs or the figures. */
const PLANTED = ['4.2718281', 'planted-secret', 'Ada-Planted-Lovelace', 'ab'.repeat(32)]

let here: SouthHere
let world: SouthHere['world']
let node: SouthHere['node']

beforeAll(async () => {
  const handlers = {
    ...plainHandlers(),
    institutions: async () => {
      throw new Error(`glucose 4.2718281 of Ada-Planted-Lovelace`)
    },
    head: async () => {
      throw new IsletError('LEDGER_BUSY', 'planted-secret in our own message', { value: 'planted-secret' })
    },
  }
  here = await southHere({ handlers })
  ;({ world, node } = here)
})
afterAll(() => here.close())

test('no value that a caller or an error carries reaches the log or the figures', async () => {
  const origin = node.origin()
  const url = `${origin}${inboxPath(world.south.id)}`
  const means = {
    from: { kind: 'institution', id: world.north.id },
    now: () => world.clock.now,
    random: (length: number) => randomBytes(length),
  } as const
  const body = { glucose: 4.2718281, name: 'Ada-Planted-Lovelace' }
  const message = (fault: object) =>
    JSON.parse(JSON.stringify(newEnvelope(world.south.id, 'signed-head', { ...body, ...fault }, means)))
  const requests = [
    await signAs(world.north, url, message({}), world),
    await signAs(world.north, url, message({ fault: 'crash' }), world),
    await signAs(world.north, url, { planted: 'planted-secret' }, world),
    await signAs(world.north, url, '4.2718281 is no envelope', world),
  ]
  for (const { headers, body: bytes } of requests) {
    await fetch(url, { method: 'POST', headers, body: Buffer.from(bytes) })
  }
  await fetch(url, {
    method: 'POST',
    body: '{"glucose": 4.2718281 planted-secret',
    headers: { 'content-type': 'application/json' },
  })
  await fetch(`${origin}/v1/ledger/head?glucose=4.2718281`, {
    headers: { 'user-agent': 'planted-secret', cookie: 'a=planted-secret' },
  })
  await fetch(`${origin}/v1/ledger/head`)
  await fetch(`${origin}/v1/institutions`)
  await fetch(`${origin}/planted-secret/Ada-Planted-Lovelace`)
  await fetch(`${origin}/v1/consents/0x${'ab'.repeat(32)}`, {
    headers: { authorization: 'Bearer planted-secret' },
  })
  await fetch(`${origin}/%E0%A4planted-secret`)
  const metrics = await (await fetch(`${origin}/metrics`)).text()

  const logged = node.logged()
  const lines = logged
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines.length).toBeGreaterThan(12)
  for (const planted of PLANTED) {
    expect(logged).not.toContain(planted)
    expect(metrics).not.toContain(planted)
  }
  const answered = lines.filter((line) => 'status' in line)
  for (const line of answered) {
    expect(Object.keys(line).sort()).toEqual([
      'level',
      'milliseconds',
      'request',
      'roles',
      'route',
      'status',
      'time',
    ])
  }
  expect(new Set(answered.map((line) => line.route))).toEqual(
    new Set(['messages', 'head', 'institutions', 'consent', 'metrics', 'none']),
  )
})

test('an unexpected error is logged with its class and where it came from, and answered with neither', async () => {
  const answer = await fetch(`${node.origin()}/v1/institutions`)
  expect(answer.status).toBe(500)
  expect((await answer.json()).error.message).toBe('something happened that should not have')
  const line = node
    .logged()
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text))
    .findLast((entry) => entry.level === 'error')
  expect(line.error.name).toBe('Error')
  expect(line.error.frames[0]).toContain('log.test.ts')
  expect(line.error.frames[0]).not.toContain(process.cwd())
  expect(line.request).toBe(answer.headers.get('request-id'))
})

test('an error line keeps no message', () => {
  const error = new Error('3.9 mmol\n    at glucose 3.9 (/secret/place.ts:1:1)')
  expect(JSON.stringify(errorLine(error))).not.toContain('3.9')
  expect(errorLine('3.9')).toEqual({ name: 'string' })
  expect(errorLine(new IsletError('X_Y', '3.9'))).toEqual({ name: 'IsletError', code: 'X_Y' })
})

test('figures are named with their unit and counted by route', async () => {
  await fetch(`${node.origin()}/healthz`)
  const metrics = await (await fetch(`${node.origin()}/metrics`)).text()
  expect(metrics).toMatch(/islet_http_requests_total\{route="health",method="GET",status="200"\} [1-9]/)
  expect(metrics).toContain('islet_http_request_duration_seconds_bucket')
  expect(metrics).toMatch(/islet_http_refusals_total\{code="SIGNATURE_MISSING"\} [1-9]/)
  const own = [...metrics.matchAll(/^# TYPE (islet_\S+)/gm)].map((match) => match[1])
  for (const name of own) expect(name).toMatch(/_(total|seconds|bytes|streams)$/)
})
