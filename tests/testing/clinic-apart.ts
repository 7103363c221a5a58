/** A clinician of an institution apart, who signs in at its own address and sees whoever granted. */
import { expect } from 'vitest'
import { type Client, createClient, messageSigner } from '../../src/api/index.ts'
import { signer } from '../../src/identity/index.ts'
import { nodeEd25519 } from '../../src/identity/node-signer.door.ts'
import type { Apart } from '../../src/node/apart/apart.ts'
import { sha256, wallClock } from '../../src/node/institution/wire.ts'
import { freshHandle, openPerson } from '../../src/node/story/person.ts'
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

  const peerOf = async (key: string): Promise<Peer> => {
    const peer = await world.road.peer(world.party(key).id)
    if (peer === undefined) throw new Error(`nobody knows where ${key} is`)
    return peer
  }
  const peer = await peerOf('south')
  expect((await clientAt(world, peer).personas()).personas.map(({ persona }) => persona)).toEqual(['okafor'])
  expect((await clientAt(world, await peerOf('mill')).personas()).personas).toEqual([])
  const given = await clientAt(world, peer).demoStaff({ params: { persona: 'okafor' } })
  const own = messageSigner(signer(fromBase64Url(given.seed), nodeEd25519))
  const desk = clientAt(world, peer, {
    ...{ signer: own, verifier: nodeEd25519, sha256, now: wallClock, random },
    answersBy: given.answers_by.institution,
  })
  const tell = async (type: string, body: object): Promise<unknown> => {
    const id = Buffer.from(random(16)).toString('hex')
    const message = { schema: 'islet.message/1', type, id, to: south.id, created: formatInstant(instant()) }
    const from = { kind: 'staff', key: own.keyId } as const
    const reply = await desk.messages({
      params: { institution: south.id },
      // The test says which message it is; the inbox holds it against its contract.
      body: { ...message, from, body } as Parameters<Client['messages']>[0]['body'],
    })
    return reply.body
  }
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
