import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { SignedAddress } from '../../api/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { addressBook, createEndpoint, inProcessNetwork, signAddress } from '../../transport/index.ts'
import { createWorld, type Somebody, somebody, type World } from '../../transport/testing/world.ts'
import {
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  isIsletError,
  toHex,
} from '../../vocabulary/index.ts'
import { wallClock } from '../institution/wire.ts'
import { openWhereabouts, type Whereabouts } from './whereabouts.ts'

const lost = somebody('lost')
let world: World
let inbox: Awaited<ReturnType<World['openSouth']>>
beforeAll(async () => {
  world = await createWorld()
  world.clock.now = wallClock()
  inbox = await world.openSouth(() => 'https://south.invalid')
})
afterAll(async () => {
  await inbox.close()
  await world.close()
})

/** Where a member is from its n-th start on. */
function address(who: Somebody, sequence: number): SignedAddress {
  const certificate = hash32(`0x${sequence.toString(16).padStart(2, '0').repeat(32)}`)
  const origin = `https://${who.name}.invalid`
  const body = { institution: who.id, origin, certificate, sequence, from: '2026-03-01T08:00:00Z' }
  return signAddress(body, who.key)
}

const book = () => {
  const keys = new Map<InstitutionId, Hash32>(
    [world.north, world.south, lost].map((who) => [who.id, hash32(toHex(who.key.publicKey))]),
  )
  return addressBook(async (id) => keys.get(id), nodeEd25519)
}

test('a member that missed where another moved to asks the rest, and finds it there, also after a restart', async () => {
  const network = inProcessNetwork()
  const carry: typeof network.carry = async (peer, request) => {
    if (peer.institution === lost.id) throw new IsletError('PEER_CERTIFICATE_WRONG', 'another answers there')
    return network.carry(peer, request)
  }
  const open = (who: Somebody, at: ReturnType<typeof book>): Promise<Whereabouts> =>
    openWhereabouts({ own: who.id, key: who.key, path: join(world.folder, who.name), book: at, carry })
  const [mine, souths] = [book(), book()]
  const south = await open(world.south, souths)
  network.join(
    createEndpoint({
      institution: world.south.id,
      gate: inbox.gate,
      signer: world.south.signer,
      journal: inbox.journal,
      handlers: { address: south.hear },
      report: () => undefined,
    }),
  )
  const north = await open(world.north, mine)
  await north.learn([address(lost, 1), address(world.south, 1)])
  await south.learn([address(lost, 1), address(world.south, 1)])
  await north.announce(address(world.north, 1))
  expect(souths.records().map(({ body }) => body.institution)).toContain(world.north.id)

  // Only South hears that it moved; North finds nobody where it was.
  await south.learn([address(lost, 2)])
  const before = await mine.peer(lost.id)
  if (before === undefined) throw new Error('no address from before')
  const request = { method: 'POST', url: before.origin, headers: {}, body: new Uint8Array(0) }
  const failure: unknown = await north.road.carry(before, request).catch((error: unknown) => error)
  expect(isIsletError(failure, 'PEER_UNREACHABLE')).toBe(true)
  const moved = address(lost, 2).body.certificate
  expect((await mine.peer(lost.id))?.certificate).toBe(moved)

  const again = book()
  await open(world.north, again)
  expect((await again.peer(lost.id))?.certificate).toBe(moved)
})
