import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isMessageName, statusOf } from '../../api/index.ts'
import { MESSAGE_TYPES } from '../../consent/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import { ACCESS_CODES } from '../../ledger/abi/codes.ts'
import { createCourier, createEndpoint, inProcessNetwork } from '../../transport/index.ts'
import { handlersOf, jsonSender } from '../../transport/json-door.ts'
import { createWorld, sha256, type World } from '../../transport/testing/world.ts'
import { IsletError } from '../../vocabulary/index.ts'

let world: World
let south: Awaited<ReturnType<World['openSouth']>>
beforeAll(async () => {
  world = await createWorld()
  south = await world.openSouth(() => 'https://south.invalid')
})
afterAll(async () => {
  await south.close()
  await world.close()
})

test('every message that consent answers has its row in the table', () => {
  expect(MESSAGE_TYPES.length).toBeGreaterThan(10)
  for (const type of MESSAGE_TYPES) expect(isMessageName(type), type).toBe(true)
})

test('every refusal of the contract’s checkAccess is a 403', () => {
  const refusals = ACCESS_CODES.filter((code) => code !== 'ALLOWED')
  expect(refusals.length).toBeGreaterThan(8)
  for (const code of refusals) expect(statusOf(code).http, code).toBe(403)
})

test('a room that speaks plain JSON is served and heard through the signed wire', async () => {
  const heard: unknown[] = []
  const network = inProcessNetwork()
  network.join(
    createEndpoint({
      institution: world.south.id,
      gate: south.gate,
      signer: world.south.signer,
      journal: south.journal,
      handlers: handlersOf(['revoke', 'read'], async (type, body) => {
        heard.push([type, body])
        return { echo: body }
      }),
      report: () => undefined,
    }),
  )
  const means = {
    from: { kind: 'institution', id: world.north.id },
    now: () => world.clock.now,
    random: (length: number) => randomBytes(length),
  } as const
  const transport = createCourier({
    ...means,
    signer: world.north.signer,
    verifier: nodeEd25519,
    sha256,
    peer: async (institution) => ({
      institution,
      origin: 'https://south.invalid',
      keyId: world.south.signer.keyId,
      certificate: '0x00',
    }),
    carry: network.carry,
  })
  const send = jsonSender(transport, means)
  expect(await send(world.south.id, 'read', { order: [1, 'ä'] })).toEqual({ echo: { order: [1, 'ä'] } })
  expect(heard).toEqual([['read', { order: [1, 'ä'] }]])
  await expect(send(world.south.id, 'shout', {})).rejects.toMatchObject({ code: 'MESSAGE_TYPE_UNKNOWN' })
  await expect(send(world.south.id, 'search', {})).rejects.toMatchObject({ code: 'MESSAGE_NOT_SERVED' })
})

test('an unreachable peer is tried again with the same envelope, a refusal is not', async () => {
  let tries = 0
  const ids = new Set<string>()
  const flaky = {
    send: async (message: { readonly id: string }) => {
      tries += 1
      ids.add(message.id)
      if (tries < 3) throw new IsletError('PEER_UNREACHABLE', 'away')
      return { ok: false, code: 'CONSENT_REVOKED', message: 'stopped' } as const
    },
    close: async () => undefined,
  }
  const send = jsonSender(flaky, {
    from: { kind: 'institution', id: world.north.id },
    now: () => 1,
    random: (length) => randomBytes(length),
  })
  await expect(send(world.south.id, 'read', {})).rejects.toMatchObject({ code: 'CONSENT_REVOKED' })
  expect([tries, ids.size]).toEqual([3, 1])
})
