import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ask, memoryShelf, openDelegateAgent, type SignedRequest } from '../../consent/index.ts'
import { patientKeys } from '../../identity/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { secp256k1Signer } from '../../ledger/index.ts'
import type { Glucose } from '../../series/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { type ConsentId, type LocalSeconds, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import type { Hosted } from '../institution/hosted.ts'
import { patientSend } from '../institution/wire.ts'
import { openPerson, type PersonHere } from '../story/person.ts'
import { CHARTER, THRESHOLD } from '../world/charter.ts'
import { type Consortium, openConsortium } from '../world/consortium.ts'
import { voteOnStanding } from '../world/member-standing.ts'
import { type HostedPeople, hostedPeople } from './hosted-people.ts'

const DAY = 86_400
const clock = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(Date.now() / 1000))
const from = (seconds: number): UnixSeconds => quantity<UnixSeconds>(clock() + seconds)

let directory: string
let town: Consortium
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'islet-people-'))
  town = await openConsortium({ directory })
})
afterAll(async () => {
  await town.close()
  await rm(directory, { recursive: true, force: true })
})

/** Anna as her folder has her now. */
const anna = (): Promise<PersonHere> => openPerson(town, 'anna', town.unlock)
const glucoseGeneration = async (): Promise<number | undefined> =>
  (await anna()).agent.memory.now.generations[0]

const hourOfGlucose: readonly Glucose[] = [
  {
    type: 'glucose',
    at: from(-3 * 3600),
    local: quantity<LocalSeconds>(from(-3 * 3600)),
    value: 110,
    unit: 'mg/dL',
    method: 'cgm',
  },
]

/** A request of a house for the last two days and the next, as it waits in Anna's mailbox. */
async function asked(house: Hosted, more: Partial<Ask> = {}): Promise<SignedRequest> {
  const { agent } = await anna()
  const mailbox = await agent.openMailbox(house.name)
  const custodian = town.house('south').id
  const ask: Ask = {
    readerName: house.name,
    subject: { type: 'institution' },
    hpkePublicKey: house.keys.hpke.publicKey,
    kinds: ['glucose'],
    actions: ['read'],
    purposes: ['TREAT', 'FAMRQT'],
    from: from(-2 * DAY),
    until: from(DAY),
    expiresAt: from(10 * DAY),
    ...more,
  }
  const made = await house.institution.reader.ask({ custodian, mailbox }, ask, house.chain)
  const { requests } = await agent.collect()
  const found = requests.find(({ request }) => request.body.salt === made.salt)
  if (found === undefined) throw new Error('the request did not arrive')
  return found.request
}

/** Mia, who may grant in Anna's place, and what she granted North. */
async function grantedByGuardian(): Promise<{ readonly id: ConsentId; stop(): Promise<unknown> }> {
  const south = town.house('south')
  const keys = patientKeys(nodeCrypto.cipher.random(32), nodeCrypto.hasher, nodeEd25519)
  const mia = await openDelegateAgent({
    keys,
    ed: nodeEd25519,
    crypto: nodeCrypto,
    chain: town.chain,
    shelf: memoryShelf(),
    clock,
    send: patientSend(keys.identity, town.road),
    house: south.id,
  })
  const { agent } = await anna()
  const delegation = await agent.delegate(keys.identityKey, ['read', 'grant'], from(100 * DAY))
  const request = await asked(south, {
    subject: { type: 'delegate', key: keys.identityKey, name: 'Mia' },
    hpkePublicKey: mia.inboxKey,
    card: mia.card('Mia'),
  })
  const own = await (await anna()).agent.grant(request)
  await mia.reader.collectGrants(south.id)
  const guardian = await mia.guardian(own.handOver.consentId, delegation)
  const granted = await guardian.grant(await asked(town.house('north'), { expiresAt: from(5 * DAY) }))
  const id = granted.handOver.consentId
  return { id, stop: () => guardian.revoke(id) }
}

async function suspend({ id: institution }: Hosted): Promise<void> {
  const vote = { kind: 'SUSPEND', institution, deadline: from(3600) } as const
  for (const { key } of CHARTER.slice(0, THRESHOLD)) {
    await voteOnStanding({ ...town, by: secp256k1Signer(town.house(key).keys.ledgerKey) }, vote)
  }
}

test('what a guardian and the members stop gets new keys, though the person presses nothing', async () => {
  const failures: unknown[] = []
  const report = (error: unknown): void => void failures.push(error)
  const { agent } = await anna()
  await agent.enrol(town.house('south').id)
  await agent.add(hourOfGlucose)
  const lantern = town.house('lantern')
  const another = await agent.grant(await asked(lantern))
  const byMia = await grantedByGuardian()

  // A node that starts now finds Anna's folder; nobody opens it but the regular work.
  const people: HostedPeople = await hostedPeople(town, report)
  await people.round()
  expect(await glucoseGeneration()).toBe(0)
  expect((await anna()).agent.memory.now.byGuardian.map((made) => made.handOver.consentId)).toEqual([
    byMia.id,
  ])
  await byMia.stop()
  await people.round()
  expect(await glucoseGeneration()).toBe(1)
  const remaining = await lantern.institution.reader.covers(another.handOver.consentId)
  expect(remaining.map(({ generation }) => generation)).toContain(1)

  await suspend(lantern)
  await people.round()
  await people.round()
  expect(await glucoseGeneration()).toBe(2)
  expect((await anna()).agent.memory.now.leftOut).toEqual([another.handOver.consentId])
  expect(failures).toEqual([])

  // Readers who know nobody of hers by name hear of the end as well.
  const north = town.house('north')
  const mine = await (await anna()).agent.grant(await asked(north, { expiresAt: from(5 * DAY) }))
  const held = () => north.institution.reader.grants().map(({ consentId }) => consentId)
  expect(held()).toContain(mine.handOver.consentId)
  await (await anna()).agent.erase()
  expect(held()).not.toContain(mine.handOver.consentId)
})

test('one person whom nobody answers keeps nobody else waiting', async () => {
  const failures: unknown[] = []
  const ben = await openPerson(town, 'ben', town.unlock)
  await ben.agent.enrol(town.house('south').id)
  const people = await hostedPeople(town, (error) => failures.push(error))
  const broken = {
    handle: 'broken',
    agent: {
      ...ben.agent,
      collect: () => Promise.reject(new Error('no answer')),
      settle: () => Promise.reject(new Error('no answer')),
    },
  }
  people.add(broken)
  let settled = 0
  people.add({ handle: 'ben', agent: { ...ben.agent, settle: async () => void settled++ } })
  await people.round()
  expect(settled).toBe(1)
  expect(failures).toEqual([new Error('no answer'), new Error('no answer')])
})
