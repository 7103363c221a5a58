/** People who work at institutions apart and sign in at the address of their own: what they find there, and nowhere else. */
import { expect } from 'vitest'
import { type Client, createClient, messageSigner } from '../../src/api/index.ts'
import { signer } from '../../src/identity/index.ts'
import { nodeEd25519 } from '../../src/identity/node-signer.door.ts'
import type { Apart } from '../../src/node/apart/apart.ts'
import { sha256, wallClock } from '../../src/node/institution/wire.ts'
import { freshHandle, openPerson } from '../../src/node/story/person.ts'
import { OPERATOR } from '../../src/node/world/charter.ts'
import { cohort } from '../../src/physiology/index.ts'
import type { Peer } from '../../src/transport/index.ts'
import { nodeCrypto } from '../../src/vault/node-cipher.door.ts'
import { formatInstant, fromBase64Url, quantity, type UnixSeconds } from '../../src/vocabulary/index.ts'

const { random } = nodeCrypto.cipher
const DAY = 86_400
const DAYS = 3
const instant = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(wallClock()))

/** A client of one institution's address, over the connection that is pinned to its certificate. */
function clientAt(
  world: Apart,
  peer: Peer,
  identity?: Parameters<typeof createClient>[0]['identity'],
): Client {
  return createClient({
    origin: peer.origin,
    ...(identity === undefined ? {} : { identity }),
    fetch: async (url, { method = 'GET', headers, body }) => {
      const named = Object.fromEntries(new Headers(headers).entries())
      const answer = await world.road.carry(peer, {
        ...{ method, url, headers: { host: new URL(url).host, ...named } },
        body: body instanceof Uint8Array ? body : new Uint8Array(0),
      })
      const { status } = answer
      return new Response(new Uint8Array(answer.body), { status, headers: { ...answer.headers } })
    },
  })
}

async function peerOf(world: Apart, key: string): Promise<Peer> {
  const peer = await world.road.peer(world.party(key).id)
  if (peer === undefined) throw new Error(`nobody knows where ${key} is`)
  return peer
}

/** Whom an institution's address offers to try its app as. */
async function offeredAt(world: Apart, key: string): Promise<string[]> {
  const { personas } = await clientAt(world, await peerOf(world, key)).personas()
  return personas.map(({ persona }) => persona)
}

export interface SignedIn {
  /** The address, asked as that person. */
  readonly desk: Client
  /** Tells the institution something as that person. */
  readonly tell: (type: string, body: object) => Promise<unknown>
}

/** Somebody who works at an institution, at its own address. */
export async function signedIn(world: Apart, key: string, persona: string): Promise<SignedIn> {
  const [{ id: to }, peer] = [world.party(key), await peerOf(world, key)]
  const given = await clientAt(world, peer).demoStaff({ params: { persona } })
  const own = messageSigner(signer(fromBase64Url(given.seed), nodeEd25519))
  const desk = clientAt(world, peer, {
    ...{ signer: own, verifier: nodeEd25519, sha256, now: wallClock, random },
    answersBy: given.answers_by.institution,
  })
  return {
    desk,
    tell: async (type, body) => {
      const id = Buffer.from(random(16)).toString('hex')
      const message = { schema: 'islet.message/1', type, id, to, created: formatInstant(instant()) }
      const from = { kind: 'staff', key: own.keyId } as const
      const reply = await desk.messages({
        params: { institution: to },
        // The test says which message it is; the inbox holds it against its contract.
        body: { ...message, from, body } as Parameters<Client['messages']>[0]['body'],
      })
      return reply.body
    },
  }
}

/** An institution’s operator sees how it does on its own, the whole consortium by name, and the blocks. */
export async function operatorsSee(world: Apart): Promise<void> {
  const { number: height } = await world.chain.head()
  for (const { key, name, id } of [OPERATOR, 'south', 'mill'].map((one) => world.party(one))) {
    const persona = key === OPERATOR ? 'jo' : 'operator'
    const { desk } = await signedIn(world, key, persona)
    const { institutions } = await desk.operations()
    expect(institutions.map((one) => [one.id, one.name, one.state])).toEqual([[id, name, 'active']])
    expect(institutions[0]?.entries).toBe(await world.party(key).logSize())
    const { blocks } = await desk.ledgerBlocks({ query: { until: height, count: 3 } })
    expect(blocks.map((block) => block.height)).toEqual([height, height - 1, height - 2])
    const { institutions: members } = await desk.institutions()
    expect(members.map((member) => member.name)).toEqual(world.parties.map((party) => party.name))
  }
}

/** A patient of West grants to a clinician of South, who finds them on the panel and opens their page; no one else does. */
export async function clinicianReads(world: Apart): Promise<void> {
  const until = quantity<UnixSeconds>(Math.floor(instant() / DAY) * DAY)
  const from = quantity<UnixSeconds>(until - DAYS * DAY)
  const lived =
    cohort({ seed: 7, people: 1, days: DAYS, start: from, offsetMinutes: 0 }).people[0]?.records ?? []
  const soon = quantity<UnixSeconds>(instant() + 3_600)
  const person = await openPerson(world, freshHandle(), world.unlock)
  const [west, south] = [world.party('west'), world.party('south')]
  await person.agent.enrol(west.id)
  await person.agent.add(lived, { fill: true })
  await south.ask(
    { custodian: west.id, mailbox: await person.agent.openMailbox(south.name) },
    {
      subject: { type: 'person', handle: 'dr-okafor', name: 'Dr Okafor' },
      ...{ kinds: ['glucose'], actions: ['read'], purposes: ['TREAT'] },
      ...{ from, until, expiresAt: soon },
    },
  )
  const [pending] = (await person.agent.collect()).requests
  if (pending === undefined) throw new Error('the request did not arrive')
  const { handOver } = await person.agent.grant(pending.request, {}, { requestId: pending.id })
  await south.search(handOver.consentId)

  expect(await offeredAt(world, 'south')).toEqual(['okafor', 'tom', 'operator'])
  expect(await offeredAt(world, 'mill')).toEqual(['operator'])
  const { tell } = await signedIn(world, 'south', 'okafor')
  const panel = await tell('care-panel', {})
  expect(panel).toMatchObject({
    rows: [{ consent: handOver.consentId, missing: null, figures: expect.anything() }],
  })
  const page = await tell('care-patient', { consent: handOver.consentId, days: 90 })
  expect(page).toMatchObject({ consent: handOver.consentId, custodian: west.id })

  // Emergencies name the second institution, whose process is another.
  const pass = await person.agent.openPass({ kinds: ['glucose'], days: DAYS, until: soon })
  await tell('care-visit', { pass, kinds: ['glucose'], days_back: DAYS, days_ahead: 1, emergency: true })
  const [asked] = (await person.agent.collect()).requests
  expect(asked?.request.body.second?.institution).toBe(world.party('harbour').id)
}
