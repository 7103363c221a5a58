import { afterAll } from 'vitest'
import { startNode, type TestNode } from '../http/testing/node.ts'
import { wallClock } from '../institution/wire.ts'
import { makeCertificate } from '../transport/certificate.ts'
import { httpsCarrier } from '../transport/https-carrier.ts'
import { inProcessNetwork } from '../transport/in-process.ts'
import { carrierSuite, closeTowns } from './carrier.suite.ts'

afterAll(closeTowns)

carrierSuite('in one process', async () => {
  const network = inProcessNetwork()
  return {
    carry: network.carry,
    open: async ({ endpoint, at }) => {
      const origin = 'https://site.invalid'
      at(origin)
      network.join(endpoint)
      return { origin, certificate: '0x00' }
    },
    leave: async (institution) => network.leave(institution),
    close: async () => undefined,
  }
})

carrierSuite('over TLS', async () => {
  const carrier = httpsCarrier()
  const nodes = new Map<string, TestNode>()
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
    close: async () => {
      await carrier.close()
      for (const node of nodes.values()) await node.close()
    },
  }
})
