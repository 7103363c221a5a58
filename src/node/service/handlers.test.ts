/** The routes over the real rooms, asked over HTTP by the institution that reads under a grant. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, createClient, messageSigner } from '../../api/index.ts'
import { memoryShelf, restorePatientAgent } from '../../consent/index.ts'
import {
  nobleEd25519,
  recoveryLookup,
  type Signer,
  signer,
  unwrapRoot,
  wrapRoot,
} from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { MemoryStore, projector } from '../../ledger/index.ts'
import { readCheckpoint, TILE_WIDTH, tilesOf } from '../../vault/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { webCrypto } from '../../vault/web-cipher.door.ts'
import {
  type ConsentId,
  fromHex,
  hourOf,
  type LocalSeconds,
  quantity,
  type UnixSeconds,
  type UtcHour,
} from '../../vocabulary/index.ts'
import { ledgerOverApi } from '../../web/shared/ledger-over-api.ts'
import { signedSend } from '../../web/shared/signed-send.ts'
import { startNode, type TestNode } from '../http/testing/node.ts'
import { sha256, wallClock } from '../institution/wire.ts'
import { openPerson } from '../story/person.ts'
import { type Consortium, openConsortium } from '../world/consortium.ts'
import { handlersOver } from './handlers.ts'

let directory: string
let town: Consortium
let node: TestNode
let consent: ConsentId

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'islet-handlers-'))
  // Its inboxes stand at the address of the server that is opened over it.
  town = await openConsortium({ directory, origin: () => node.origin() })
  const south = town.house('south')
  const store = new MemoryStore()
  const following = projector(town.ledger, town.deployment, store)
  const reads = async () => {
    await following.catchUp()
    return store
  }
  node = await startNode({
    gate: (origin) => ({ ...south.gate, origin }),
    signer: messageSigner(south.keys.message),
    endpoints: () => [south.endpoint],
    handlers: handlersOver(town, reads),
  })
  consent = await granted()
})
afterAll(async () => {
  await node.close()
  await town.close()
  await rm(directory, { recursive: true, force: true })
})

/** North reads once under a grant of Anna's, who is with South. */
async function granted(): Promise<ConsentId> {
  const [south, north] = [town.house('south'), town.house('north')]
  const { agent } = await openPerson(town, 'anna', town.unlock)
  await agent.enrol(south.id)
  const now = Math.floor(wallClock())
  const at = (seconds: number): UnixSeconds => quantity<UnixSeconds>(now + seconds)
  const mailbox = await agent.openMailbox(north.name)
  const ask = {
    readerName: north.name,
    subject: { type: 'institution' },
    hpkePublicKey: north.keys.hpke.publicKey,
    kinds: ['glucose'],
    actions: ['read'],
    purposes: ['TREAT'],
    from: at(-86_400),
    until: at(0),
    expiresAt: at(86_400),
  } as const
  await north.institution.reader.ask({ custodian: south.id, mailbox }, ask, north.chain)
  const [pending] = (await agent.collect()).requests
  if (pending === undefined) throw new Error('the request did not arrive')
  const { handOver } = await agent.grant(pending.request)
  await north.institution.reader.read(handOver.consentId)
  return handOver.consentId
}

/** Asks as whoever holds a key. */
function asking(signer: Signer): Client {
  return createClient({
    origin: node.origin(),
    fetch: (url, init) => fetch(url, init),
    identity: {
      signer: messageSigner(signer),
      verifier: nodeEd25519,
      sha256,
      now: wallClock,
      random: (length: number) => randomBytes(length),
      answersBy: messageSigner(town.house('south').keys.message).keyId,
    },
  })
}

test('a reader sees the state of its consent, and the signed log in which its read stands', async () => {
  const south = town.house('south')
  const reader = asking(town.house('north').keys.message)
  expect(await reader.consent({ params: { consent } })).toMatchObject({ consent, state: 'active' })

  const note = await reader.checkpoint({ params: { institution: south.id } })
  const who = { origin: `islet.log/${south.id}`, keys: [fromHex(south.keys.public.messageKey)] }
  const signed = readCheckpoint(note, who, nodeEd25519, nodeCrypto.hasher)
  if (!signed.ok) throw new Error(signed.code)
  expect(signed.head.size).toBe(south.log.size)
  expect(signed.head.size).toBeGreaterThan(0)

  const [tile] = [...tilesOf(signed.head.size)].filter(({ level }) => level === 0)
  if (tile === undefined) throw new Error('no tile')
  const { level, index, width = TILE_WIDTH } = tile
  const hashes = await reader.tile({ params: { institution: south.id, level, index }, query: { width } })
  expect(hashes.length).toBe(32 * signed.head.size)
})

test('a key that no member holds sees none of it', async () => {
  const stranger = asking(signer(randomBytes(32), nodeEd25519))
  await expect(stranger.consent({ params: { consent } })).rejects.toMatchObject({ facts: { status: 403 } })
  const institution = town.house('south').id
  await expect(stranger.checkpoint({ params: { institution } })).rejects.toMatchObject({
    facts: { status: 403 },
  })
  const params = { institution, level: 0, index: 0 }
  await expect(stranger.tile({ params, query: { width: 1 } })).rejects.toMatchObject({
    facts: { status: 403 },
  })
})

test('a person’s own program reads, writes and sees who looked, over HTTP alone', async () => {
  const south = town.house('south')
  const { keys } = await openPerson(town, 'anna', town.unlock)
  const over = (url: string, init: RequestInit) => fetch(url, init)
  const chain = await ledgerOverApi(createClient({ origin: node.origin(), fetch: over }))
  const agent = await restorePatientAgent(
    {
      keys,
      ed: nobleEd25519,
      crypto: webCrypto,
      chain,
      shelf: memoryShelf(),
      clock: () => quantity<UnixSeconds>(Math.floor(wallClock())),
      send: signedSend(keys.identity, {
        origin: node.origin(),
        fetch: over,
        keyOf: async (id) => (await chain.member(id))?.messageKey,
      }),
    },
    south.id,
  )
  const at = quantity<UnixSeconds>(Math.floor(wallClock()) - 7_200)
  const reading = {
    type: 'glucose',
    at,
    local: quantity<LocalSeconds>(at),
    value: 111,
    unit: 'mg/dL',
    method: 'cgm',
  } as const
  expect((await agent.add([reading])).added).toBe(1)
  const window = { first: hourOf(at), end: quantity<UtcHour>(hourOf(at) + 1) }
  const open = await agent.read(['glucose'], window)
  expect(open.records).toEqual([reading])
  expect(open.chunks.map(({ anchor }) => anchor.code)).toEqual(['NOT_YET_ANCHORED'])
  await south.institution.tick(true)
  const anchored = await agent.read(['glucose'], window)
  expect(anchored.chunks.map(({ code, anchor }) => [code, anchor.code])).toEqual([['OPENED', 'ANCHORED']])
  expect((await agent.read(['insulin'], window)).records).toEqual([])

  const looks = await agent.accesses()
  expect(looks.some(({ clear }) => clear.consent === consent && clear.action === 'read')).toBe(true)
  const [grant] = agent.memory.now.grants
  if (grant === undefined) throw new Error('the grant was forgotten')
  const { consentId, signer: by } = grant.handOver
  expect((await chain.consent(consentId, by, town.house('north').id)).state).toBe('ACTIVE')
  // An answer that the asked institution did not sign is none.
  const elsewhere = signedSend(keys.identity, {
    origin: node.origin(),
    fetch: over,
    keyOf: async () => town.house('north').keys.public.messageKey,
  })
  await expect(elsewhere(south.id, 'state', {})).rejects.toMatchObject({ code: 'PEER_ANSWER_UNVERIFIED' })
})

test('a node that makes no virtual people gives nobody’s key', async () => {
  const anybody = createClient({ origin: node.origin(), fetch: (url, init) => fetch(url, init) })
  expect(await anybody.personas()).toEqual({ personas: [] })
  await expect(anybody.persona({ params: { persona: 'robin' } })).rejects.toMatchObject({
    code: 'NO_PERSONAS_HERE',
  })
})

test('a wrapped root is kept for its owner alone, and found by whoever has its secret', async () => {
  const south = town.house('south')
  const anna = await openPerson(town, 'anna', town.unlock)
  const secret = nodeCrypto.cipher.random(20)
  const [wrap, lookup] = [
    await wrapRoot(
      anna.agent.memory.now.custodian === null ? secret : new Uint8Array(32),
      secret,
      nodeCrypto,
    ),
    recoveryLookup(secret, nodeCrypto),
  ]
  const params = { institution: south.id, lookup }
  const [owner, anybody] = [asking(anna.keys.identity), createClient({ origin: node.origin(), fetch })]
  const unknown = { code: 'RECOVERY_UNKNOWN' }
  await expect(anybody.recovery({ params: { lookup } })).rejects.toMatchObject(unknown)
  expect(await owner.keepRecovery({ params, body: { wrap } })).toEqual({ kept: true })
  expect(await anybody.recovery({ params: { lookup } })).toEqual({ custodian: south.id, wrap })
  expect((await unwrapRoot(wrap, secret, nodeCrypto)).code).toBe('OPENED')
  await expect(
    asking(signer(randomBytes(32), nobleEd25519)).keepRecovery({ params, body: { wrap: null } }),
  ).rejects.toMatchObject({ code: 'PARTY_UNKNOWN' })
  expect(await owner.keepRecovery({ params, body: { wrap: null } })).toEqual({ kept: false })
  await expect(anybody.recovery({ params: { lookup } })).rejects.toMatchObject(unknown)
})
