import { createServer, type Server } from 'node:tls'
import { afterAll } from 'vitest'
import { httpsCarrier, inProcessNetwork, makeCertificate } from '../../transport/index.ts'
import { startNode, type TestNode } from '../http/testing/node.ts'
import { wallClock } from '../institution/wire.ts'
import { carrierSuite, closeTowns } from './carrier.suite.ts'

afterAll(closeTowns)

carrierSuite('in one process', async () => {
  const network = inProcessNetwork()
  const muted = new Set<string>()
  return {
    carry: (peer, request) =>
      muted.has(peer.institution) ? new Promise(() => {}) : network.carry(peer, request),
    open: async ({ endpoint, at }) => {
      const origin = 'https://site.invalid'
      at(origin)
      network.join(endpoint)
      return { origin, certificate: '0x00' }
    },
    leave: async (institution) => network.leave(institution),
    mute: async (institution) => {
      muted.add(institution)
      return { origin: 'https://mute.invalid', certificate: '0x00' }
    },
    close: async () => undefined,
  }
})

carrierSuite('over TLS', async () => {
  const carrier = httpsCarrier()
  const nodes = new Map<string, TestNode>()
  const mute: Server[] = []
  return {
    carry: carrier.carry,
    open: async ({ endpoint, gate, at }) => {
      const tls = await makeCertificate(['127.0.0.1'], wallClock())
      const node = await startNode({
        gate: () => gate,
        signer: endpoint.signer,
        endpoints: () => [endpoint],
        tls,
        limits: { budget: { burst: 10_000, perSecond: 1_000 } },
      })
      nodes.set(endpoint.institution, node)
      at(node.origin())
      return { origin: node.origin(), certificate: tls.fingerprint }
    },
    leave: async (institution) => {
      await nodes.get(institution)?.close()
      nodes.delete(institution)
    },
    mute: async () => {
      const { key, certificate: cert, fingerprint } = await makeCertificate(['127.0.0.1'], wallClock())
      // Takes the connection, shakes hands and reads what comes.
      const server = createServer({ key, cert }, (socket) => void socket.on('error', () => {}).resume())
      mute.push(server)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      const address = server.address()
      const port = typeof address === 'object' ? address?.port : undefined
      return { origin: `https://127.0.0.1:${port}`, certificate: fingerprint }
    },
    close: async () => {
      await carrier.close()
      for (const server of mute) server.close()
      for (const node of nodes.values()) await node.close()
    },
  }
})
