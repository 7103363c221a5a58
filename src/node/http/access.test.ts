import { randomBytes } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  fillPath,
  inboxPath,
  ROLES,
  ROUTE_NAMES,
  type Role,
  type RouteName,
  routeOf,
  signRequest,
  verifyResponse,
} from '../../api/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { newEnvelope } from '../../transport/index.ts'
import { createWorld, type Somebody, sha256, somebody, type World } from '../../transport/testing/world.ts'
import { quantity, type UnixSeconds, utf8 } from '../../vocabulary/index.ts'
import { createServer } from './server.ts'
import { createStoryBoard } from './story-board.ts'
import { ADDRESS, EMPTY_PAGE, HASH, plainHandlers, startNode, type TestNode } from './testing/node.ts'

/** Everybody who may knock; `stranger` signs with a key that nobody enrolled. */
const KNOCKERS = [...ROLES, 'stranger', 'suspended'] as const
type Knocker = (typeof KNOCKERS)[number]

const EVERYBODY = Object.fromEntries(KNOCKERS.map((who) => [who, 200])) as Record<Knocker, number>
const NOBODY: Record<Knocker, number> = {
  ...(Object.fromEntries(KNOCKERS.map((who) => [who, 403])) as Record<Knocker, number>),
  anonymous: 401,
}
const only = (...roles: readonly Role[]): Record<Knocker, number> => ({
  ...NOBODY,
  ...Object.fromEntries(roles.map((role) => [role, 200])),
})

const STUDY_READERS = only('member', 'researcher', 'committee', 'auditor', 'operator')

/** What each route must answer to each of them. A route that is missing here fails the test. */
const EXPECTED: Readonly<Record<RouteName, Readonly<Record<Knocker, number>>>> = {
  home: EVERYBODY,
  pageStyle: EVERYBODY,
  pageScript: EVERYBODY,
  icon: EVERYBODY,
  app: EVERYBODY,
  appStyle: EVERYBODY,
  appFile: EVERYBODY,
  appIcon: EVERYBODY,
  appManifest: EVERYBODY,
  appWorker: EVERYBODY,
  docs: EVERYBODY,
  docsStyle: EVERYBODY,
  openapi: EVERYBODY,
  health: EVERYBODY,
  ready: EVERYBODY,
  metrics: EVERYBODY,
  story: EVERYBODY,
  storyEvents: EVERYBODY,
  personas: EVERYBODY,
  persona: EVERYBODY,
  demoStaff: EVERYBODY,
  head: EVERYBODY,
  institutions: EVERYBODY,
  thisNode: EVERYBODY,
  recovery: EVERYBODY,
  keepRecovery: only('patient'),
  ledgerContracts: EVERYBODY,
  ledgerMembers: EVERYBODY,
  ledgerConsent: EVERYBODY,
  ledgerRequest: EVERYBODY,
  ledgerSlot: EVERYBODY,
  ledgerAnchor: EVERYBODY,
  consent: only('patient', 'delegate', 'member', 'staff', 'auditor'),
  checkpoint: only('patient', 'delegate', 'member', 'auditor', 'operator'),
  tile: only('patient', 'delegate', 'member', 'auditor', 'operator'),
  studySheet: EVERYBODY,
  studyVouchers: EVERYBODY,
  openStudies: EVERYBODY,
  studyInvitations: EVERYBODY,
  studyHistory: EVERYBODY,
  forecaster: EVERYBODY,
  voucher: EVERYBODY,
  cohortProof: EVERYBODY,
  studies: STUDY_READERS,
  study: STUDY_READERS,
  studyEvents: STUDY_READERS,
  studyPapers: STUDY_READERS,
  studyPassport: STUDY_READERS,
  studyRegistry: STUDY_READERS,
  studyDraft: only('researcher'),
  ledgerBlocks: only('auditor', 'operator'),
  operations: only('auditor', 'operator'),
  // The knock below is a `read`: the type of the message decides.
  messages: only('patient', 'delegate', 'member', 'staff'),
}

/** Routes that are shown on the machine itself only. */
const LOOPBACK: readonly RouteName[] = ['metrics', 'story', 'storyEvents', 'personas', 'persona', 'demoStaff']

describe('route × role', () => {
  let world: World
  let node: TestNode
  let south: Awaited<ReturnType<World['openSouth']>>
  const people = Object.fromEntries(KNOCKERS.map((who) => [who, somebody(`role ${who}`)])) as Record<
    Knocker,
    Somebody
  >

  beforeAll(async () => {
    world = await createWorld()
    for (const role of ROLES) {
      if (role === 'anonymous') continue
      const { signer, id } = people[role]
      world.parties.set(signer.keyId, { roles: [role], state: 'active', institution: id })
    }
    const { suspended } = people
    world.parties.set(suspended.signer.keyId, {
      roles: ['member'],
      state: 'suspended',
      institution: suspended.id,
    })
    south = await world.openSouth(() => node.origin())
    node = await startNode({
      gate: () => south.gate,
      signer: world.south.signer,
      endpoints: () => [south.endpoint],
      limits: { budget: { burst: 100_000, perSecond: 1_000 } },
    })
  })
  afterAll(async () => {
    await node.close()
    await south.close()
    await world.close()
  })

  const params = () => ({
    consent: HASH,
    study: HASH,
    lookup: HASH,
    institution: world.south.id,
    level: 0,
    index: 3,
    file: 'main.js',
    icon: 'icon-180.png',
    persona: 'robin',
    member: HASH,
    signer: ADDRESS,
    commitment: HASH,
    stream: 'objects',
    slot: 3,
    round: 1,
    site: HASH,
    mark: HASH,
    nullifier: HASH,
  })

  async function knock(name: RouteName, who: Knocker) {
    const route = routeOf(name)
    const person = people[who]
    const from =
      who === 'member' || who === 'suspended'
        ? ({ kind: 'institution', id: person.id } as const)
        : ({ kind: 'patient', key: person.signer.keyId } as const)
    const means = { from, now: () => world.clock.now, random: (length: number) => randomBytes(length) }
    const body =
      name === 'messages'
        ? utf8(JSON.stringify(newEnvelope(world.south.id, 'read', {}, means)))
        : name === 'keepRecovery'
          ? utf8('{"wrap":null}')
          : new Uint8Array(0)
    const bare = {
      method: route.method,
      url: `${node.origin()}${fillPath(route.path, params())}`,
      headers: body.length === 0 ? {} : { 'content-type': 'application/json' },
      body,
    }
    const request =
      who === 'anonymous'
        ? bare
        : await signRequest(bare, {
            signer: person.signer,
            sha256,
            now: () => quantity<UnixSeconds>(world.clock.now),
            random: (length) => randomBytes(length),
          })
    const stop = new AbortController()
    const response = await fetch(bare.url, {
      method: route.method,
      headers: request.headers,
      signal: stop.signal,
      ...(body.length === 0 ? {} : { body }),
    })
    const stream = response.headers.get('content-type')?.startsWith('text/event-stream') === true
    const bytes = stream ? new Uint8Array(0) : new Uint8Array(await response.arrayBuffer())
    if (stream) stop.abort()
    return { response, bytes, request: { ...bare, ...request } }
  }

  test('the table of expectations and the table of routes name the same routes', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...ROUTE_NAMES].sort())
    expect(ROUTE_NAMES.filter((name) => routeOf(name).loopback)).toEqual(LOOPBACK)
  })

  test.each(
    ROUTE_NAMES.flatMap((name) => KNOCKERS.map((who) => ({ name, who, status: EXPECTED[name][who] }))),
  )('$who at $name: $status', async ({ name, who, status }) => {
    const { response, bytes, request } = await knock(name, who)
    expect(response.status, Buffer.from(bytes).toString().slice(0, 200)).toBe(status)
    if (who === 'anonymous' || (status === 200 && routeOf(name).produces === 'text/event-stream')) return
    const proven = await verifyResponse(
      { status: response.status, headers: Object.fromEntries(response.headers), body: bytes },
      request,
      world.south.signer.keyId,
      { verifier: nodeEd25519, sha256, now: quantity<UnixSeconds>(world.clock.now) },
    )
    expect(proven, 'every answer to a signed request is signed').toEqual({ ok: true })
  })

  test('a path that is not in the table does not exist, and a known one takes its own method only', async () => {
    expect((await fetch(`${node.origin()}/admin`)).status).toBe(404)
    const wrong = await fetch(`${node.origin()}/healthz`, { method: 'DELETE' })
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET'])
    const inbox = await fetch(`${node.origin()}${inboxPath(world.south.id)}`)
    expect([inbox.status, inbox.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await fetch(`${node.origin()}/HEALTHZ`)).status).toBe(404)
    expect((await fetch(`${node.origin()}/healthz/`)).status).toBe(404)
  })

  test('a signed GET counts once, and with another path, query or key not at all', async () => {
    const { request } = await knock('consent', 'patient')
    const again = await fetch(request.url, { headers: request.headers })
    expect([again.status, (await again.json()).error.code]).toEqual([401, 'REQUEST_REPLAYED'])
    const other = await fetch(`${request.url.slice(0, -1)}0`, { headers: request.headers })
    expect((await other.json()).error.code).toBe('SIGNATURE_WRONG')
  })

  test('parameters outside their schema are refused with their place, not their value', async () => {
    const answer = await fetch(`${node.origin()}/v1/ledger/head?glucose=5.4`)
    const document = await answer.json()
    expect([answer.status, document.error.code, document.error.at]).toEqual([
      422,
      'REQUEST_INVALID',
      { field: 'query/' },
    ])
    const bad = await signRequest(
      { method: 'GET', url: `${node.origin()}/v1/consents/0xnothing` },
      {
        signer: people.patient.signer,
        sha256,
        now: () => quantity<UnixSeconds>(world.clock.now),
        random: (length) => randomBytes(length),
      },
    )
    const refused = await fetch(bad.url, { headers: bad.headers })
    expect([refused.status, (await refused.json()).error.at]).toEqual([422, { field: 'path/consent' }])
  })

  test('a body outside its schema is refused with its place, not its value', async () => {
    const url = `${node.origin()}${fillPath(routeOf('keepRecovery').path, params())}`
    const sent = async (text: string) => {
      const { signer } = people.patient
      const bare = { method: 'POST', url, headers: { 'content-type': 'application/json' }, body: utf8(text) }
      const signing = {
        signer,
        sha256,
        now: () => quantity<UnixSeconds>(world.clock.now),
        random: (length: number) => randomBytes(length),
      }
      const { headers } = await signRequest(bare, signing)
      const answer = await fetch(url, { method: 'POST', headers, body: text })
      return [answer.status, (await answer.json()).error?.at?.field]
    }
    expect(await sent('{"wrap":{"schema":"glucose 5.4"}}')).toEqual([422, 'body/wrap'])
    expect(await sent('{"wrap":')).toEqual([422, 'body/'])
    expect(await sent('{"wrap":null}')).toEqual([200, undefined])
  })

  test('a foreign Host is refused everywhere, and a tunnel name does not open what is for this machine', async () => {
    for (const path of ['/', '/story', '/healthz', '/nowhere']) {
      expect(await statusUnder('evil.example', node, path)).toBe(421)
    }
    const named = await startNode({
      gate: () => south.gate,
      signer: world.south.signer,
      hosts: ['islet.example'],
    })
    expect(await statusUnder('islet.example', named, '/healthz')).toBe(200)
    expect(await statusUnder('islet.example:8443', named, '/healthz')).toBe(200)
    for (const name of LOOPBACK)
      expect(await statusUnder('islet.example', named, routeOf(name).path)).toBe(403)
    await named.close()
  })

  test('FHIR clients are refused in their own words', async () => {
    const answer = await fetch(`${node.origin()}/v1/consents/${HASH}`, {
      headers: { accept: 'application/fhir+json' },
    })
    expect(answer.headers.get('content-type')).toContain('application/fhir+json')
    expect(await answer.json()).toMatchObject({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'security', details: { coding: [{ code: 'SIGNATURE_MISSING' }] } }],
    })
  })

  test('an answer outside its schema never leaves', async () => {
    const loose = {
      ...plainHandlers(),
      institutions: async () => JSON.parse('{"institutions":[{"secret":1}]}'),
    }
    const odd = await startNode({ gate: () => south.gate, signer: world.south.signer, handlers: loose })
    const answer = await fetch(`${odd.origin()}/v1/institutions`)
    expect([answer.status, (await answer.json()).error.code]).toEqual([500, 'ANSWER_OUTSIDE_CONTRACT'])
    await odd.close()
  })

  test('every answer carries the content policy, and nothing may be framed or fetched from elsewhere', async () => {
    for (const path of ['/', '/story', '/nowhere']) {
      const { headers } = await fetch(`${node.origin()}${path}`)
      const policy = headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toMatch(/unsafe|https?:|\*/)
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('an inbox that is not here is not here', async () => {
    const url = `${node.origin()}${inboxPath(HASH)}`
    const answer = await fetch(url, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    })
    expect([answer.status, (await answer.json()).error.code]).toEqual([404, 'INSTITUTION_NOT_HERE'])
  })
})

describe('starting', () => {
  const parts = async () => {
    const world = await createWorld()
    const south = await world.openSouth(() => 'http://127.0.0.1:1')
    return {
      world,
      south,
      parts: {
        handlers: plainHandlers(),
        story: createStoryBoard(),
        page: EMPTY_PAGE,
        version: '0',
        endpoints: () => [],
        gate: south.gate,
        signer: world.south.signer,
        ready: async () => [],
      },
    }
  }

  test('the server does not start while a row of the table has no handler', async () => {
    const { world, south, parts: sound } = await parts()
    const { tile: _, ...handlers } = sound.handlers
    await expect(
      createServer({ ...sound, handlers: handlers as typeof sound.handlers }),
    ).rejects.toMatchObject({ code: 'ROUTE_WITHOUT_HANDLER', facts: { route: 'tile' } })
    await south.close()
    await world.close()
  })

  test('a route beside the table cannot be added', async () => {
    const { world, south, parts: sound } = await parts()
    const { app } = await createServer(sound)
    expect(() => app.get('/debug', async () => 'all of it')).toThrow(/beside the table/)
    await app.close()
    await south.close()
    await world.close()
  })
})

function statusUnder(host: string, node: TestNode, path: string): Promise<number> {
  const { hostname, port } = new URL(node.origin())
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({ hostname, port, path, headers: { host } }, (response) => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}
