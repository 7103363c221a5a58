import { randomBytes } from 'node:crypto'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { WireRequest } from '../../api/index.ts'
import { nodeEd25519 } from '../../identity/node-signer.door.ts'
import {
  createCourier,
  type Endpoint,
  httpsCarrier,
  inProcessNetwork,
  makeCertificate,
  newEnvelope,
  type Peer,
} from '../../transport/index.ts'
import { createWorld, sha256, type World } from '../../transport/testing/world.ts'
import { transportSuite } from '../../transport/transport.suite.ts'
import { startNode, type TestNode } from './testing/node.ts'

async function startSouth(world: World, record: (request: WireRequest) => void = () => undefined) {
  const own = await makeCertificate(['127.0.0.1'], Date.now() / 1000)
  let node: TestNode
  let south: Awaited<ReturnType<World['openSouth']>>
  const start = async (port: number): Promise<void> => {
    // The port is known only once the server listens; the inbox asks for its origin when it needs it.
    south = await world.openSouth(() => node.origin())
    const endpoint: Endpoint = {
      ...south.endpoint,
      receive: (request, admitted) => {
        record(request)
        return south.endpoint.receive(request, admitted)
      },
    }
    node = await startNode({
      gate: () => south.gate,
      signer: world.south.signer,
      endpoints: () => [endpoint],
      tls: own,
      port,
      limits: { budget: { burst: 10_000, perSecond: 1_000 } },
    })
  }
  await start(0)
  const port = (): number => Number(new URL(node.origin()).port)
  return {
    peer: (): Peer => ({
      institution: world.south.id,
      origin: node.origin(),
      keyId: world.south.signer.keyId,
      certificate: own.fingerprint,
    }),
    restart: async () => {
      const at = port()
      await node.close()
      await south.close()
      await start(at)
    },
    close: async () => {
      await node.close()
      await south.close()
    },
  }
}

transportSuite('over TLS', async (world) => {
  const south = await startSouth(world)
  const carriers = [httpsCarrier()]
  return {
    peer: south.peer,
    carry: (peer, request) => (carriers[0] ?? httpsCarrier()).carry(peer, request),
    carryWithin: (timeoutMs) => {
      const hasty = httpsCarrier({ timeoutMs })
      carriers.push(hasty)
      return hasty.carry
    },
    restart: async () => {
      await carriers[0]?.close()
      await south.restart()
    },
    close: async () => {
      for (const carrier of carriers) await carrier.close()
      await south.close()
    },
  }
})

describe('TLS between institutions', () => {
  let world: World
  let south: Awaited<ReturnType<typeof startSouth>>
  const arrived: WireRequest[] = []
  const carrier = httpsCarrier()

  beforeAll(async () => {
    world = await createWorld()
    south = await startSouth(world, (request) => void arrived.push(request))
  })
  afterAll(async () => {
    await carrier.close()
    await south.close()
    await world.close()
  })

  test('another certificate than the pinned one is refused before a byte of the request is written', async () => {
    const other = await makeCertificate(['127.0.0.1'], Date.now() / 1000)
    const before = arrived.length
    const request: WireRequest = {
      method: 'POST',
      url: `${south.peer().origin}/v1/x`,
      headers: {},
      body: new Uint8Array(9),
    }
    await expect(
      carrier.carry({ ...south.peer(), certificate: other.fingerprint }, request),
    ).rejects.toMatchObject({
      code: 'PEER_CERTIFICATE_WRONG',
    })
    expect(arrived.length).toBe(before)
  })

  test('nothing older than TLS 1.3 is spoken', async () => {
    const { hostname, port } = new URL(south.peer().origin)
    const outcome = await new Promise((resolve) => {
      const socket = connectTls(
        { host: hostname, port: Number(port), maxVersion: 'TLSv1.2', rejectUnauthorized: false },
        () => resolve('connected'),
      )
      socket.on('error', () => resolve('refused'))
    })
    expect(outcome).toBe('refused')
  })

  test('a peer that is not there is unreachable, not an answer', async () => {
    const nobody = { ...south.peer(), origin: 'https://127.0.0.1:1' }
    const request: WireRequest = {
      method: 'POST',
      url: `${nobody.origin}/v1/x`,
      headers: {},
      body: new Uint8Array(0),
    }
    await expect(carrier.carry(nobody, request)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' })
  })

  test('both transports carry the same bytes', async () => {
    const seen: WireRequest[] = []
    const network = inProcessNetwork()
    const inside = await world.openSouth(() => south.peer().origin)
    network.join({
      ...inside.endpoint,
      receive: (request) => {
        seen.push(request)
        return inside.endpoint.receive(request)
      },
    })
    arrived.length = 0
    const fixed = randomBytes(16)
    for (const carry of [network.carry, carrier.carry]) {
      const means = { now: () => world.clock.now, random: () => fixed }
      const courier = createCourier({
        ...means,
        signer: world.north.signer,
        verifier: nodeEd25519,
        sha256,
        peer: async () => south.peer(),
        carry,
      })
      const from = { kind: 'institution', id: world.north.id } as const
      const envelope = newEnvelope(world.south.id, 'revoke', { why: 'the same bytes' }, { ...means, from })
      await courier.send(envelope).catch(() => undefined)
    }
    await inside.close()
    const signed = ['content-digest', 'content-type', 'signature', 'signature-input'] as const
    const essence = (request: WireRequest | undefined) => ({
      method: request?.method,
      url: request?.url,
      headers: signed.map((name) => request?.headers[name]),
      body: Buffer.from(request?.body ?? []).toString('hex'),
    })
    expect(seen).toHaveLength(1)
    expect(arrived).toHaveLength(1)
    expect(essence(arrived[0])).toEqual(essence(seen[0]))
    expect(essence(seen[0]).headers.every((value) => value !== undefined)).toBe(true)
  })
})
