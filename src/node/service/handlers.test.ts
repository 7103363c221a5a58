/** The routes over the real rooms, asked over HTTP by the institution that reads under a grant. */
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Client, createClient, messageSigner } from '../../api/index.ts'
import { type Signer, signer } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { MemoryStore, projector } from '../../ledger/index.ts'
import { readCheckpoint, TILE_WIDTH, tilesOf } from '../../vault/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type ConsentId, fromHex, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
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
