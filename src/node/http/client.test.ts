import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { afterEvent, type Client, createClient, EMPTY_STORY, type StoryEvent } from '../../api/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { sha256, somebody } from '../../transport/testing/world.ts'
import { consentId } from '../../vocabulary/index.ts'
import { loadPage } from '../page/assets.ts'
import { HASH, type SouthHere, southHere } from './testing/node.ts'
import { sampleStory } from './testing/sample-story.ts'

let here: SouthHere
let world: SouthHere['world']
let node: SouthHere['node']

beforeAll(async () => {
  const limits = { budget: { burst: 10_000, perSecond: 1_000 } }
  here = await southHere({ page: await loadPage(), limits })
  ;({ world, node } = here)
})
afterAll(() => here.close())

const client = (answersBy?: string): Client =>
  createClient({
    origin: node.origin(),
    fetch: (url, init) => fetch(url, init),
    ...(answersBy === undefined
      ? {}
      : {
          identity: {
            signer: world.north.signer,
            verifier: nodeEd25519,
            sha256,
            now: () => world.clock.now,
            random: (length: number) => randomBytes(length),
            answersBy,
          },
        }),
  })

describe('typed client', () => {
  test('asks without a key what is open to everybody', async () => {
    expect(await client().health()).toEqual({ status: 'alive' })
    expect((await client().head()).height).toBe(2)
    expect(await client().metrics()).toContain('islet_http_requests_total')
    expect(await client().story()).toEqual(EMPTY_STORY)
  })

  test('signs what needs a signature and checks the answer’s', async () => {
    const mine = client(world.south.signer.keyId)
    const state = await mine.consent({ params: { consent: consentId(HASH) } })
    expect(state).toMatchObject({ consent: HASH, state: 'none' })
    const params = { institution: world.south.id, level: 2, index: 3 }
    expect(await mine.tile({ params, query: { width: 9 } })).toEqual(new Uint8Array([2, 3, 9]))
    expect(await mine.tile({ params, query: {} })).toEqual(new Uint8Array([2, 3, 0]))
    expect(await mine.checkpoint({ params: { institution: world.south.id } })).toContain('islet/log')
  })

  test('a refusal is thrown with the server’s own code and remedy', async () => {
    await expect(client().consent({ params: { consent: consentId(HASH) } })).rejects.toMatchObject({
      code: 'SIGNATURE_MISSING',
      facts: { status: 401 },
      remedy: expect.stringContaining('RFC 9421'),
    })
  })

  test('an answer by another key than the expected one is not believed', async () => {
    const deceived = client(somebody('another').signer.keyId)
    await expect(deceived.consent({ params: { consent: consentId(HASH) } })).rejects.toMatchObject({
      code: 'PEER_ANSWER_UNVERIFIED',
    })
  })

  test('an answer that does not fit the contract is refused on this side too', async () => {
    const liar = createClient({
      origin: 'http://x',
      fetch: async () => new Response('{"status":"dead"}', { status: 200 }),
    })
    await expect(liar.health()).rejects.toMatchObject({ code: 'ANSWER_OUTSIDE_CONTRACT' })
  })

  test('the story is followed from a snapshot through every event to the same story', async () => {
    const target = sampleStory(17, 'open')
    const before = sampleStory(3)
    node.story.publish({ type: 'snapshot', value: before })
    let seen = EMPTY_STORY
    const events: StoryEvent[] = [
      { type: 'institutions', value: target.institutions },
      ...target.steps.map((value) => ({ type: 'step', value }) as const),
      { type: 'counts', value: target.counts },
      ...(target.ledger === null ? [] : [{ type: 'ledger', value: target.ledger } as const]),
      { type: 'opened', value: target.opened },
      { type: 'state', value: { state: target.state, started: target.started, seconds: target.seconds } },
    ]
    for await (const event of client().storyEvents()) {
      if (event.type === 'snapshot') for (const next of events) node.story.publish(next)
      seen = afterEvent(seen, event)
      if (event.type === 'state') break
    }
    expect(seen).toEqual(target)
    expect(seen).toEqual(await client().story())
  })

  test('who cannot keep up gets a fresh snapshot, not a gap', async () => {
    const stop = new AbortController()
    const events = node.story.watch(stop.signal)[Symbol.asyncIterator]()
    await events.next()
    const counts = (grants: number) => ({ ...EMPTY_STORY.counts, grants })
    for (let i = 0; i < 450; i++) node.story.publish({ type: 'counts', value: counts(i) })
    let last = await events.next()
    let steps = 1
    expect(last.value).toMatchObject({ type: 'snapshot' })
    for (; last.value?.type !== 'counts' || last.value.value.grants !== 449; steps++)
      last = await events.next()
    expect(steps).toBeLessThan(250)
    stop.abort()
    expect((await events.next()).done).toBe(true)
  })

  test('the contract served is the contract shown, and both name every message', async () => {
    const contract = JSON.stringify(await client().openapi())
    const docs = await client().docs()
    for (const name of ['patient-enrolment', 'grant', 'revoke', 'append']) {
      expect(contract).toContain(`Message-${name}`)
      expect(docs).toContain(`<code>${name}</code>`)
    }
  })
})
