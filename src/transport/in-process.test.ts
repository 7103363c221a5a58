import type { Peer } from './courier.ts'
import { inProcessNetwork } from './in-process.ts'
import { transportSuite } from './transport.suite.ts'

const ORIGIN = 'https://south.invalid'

transportSuite('in one process', async (world) => {
  const network = inProcessNetwork()
  let south = await world.openSouth(() => ORIGIN)
  network.join(south.endpoint)
  const peer: Peer = {
    institution: world.south.id,
    origin: ORIGIN,
    keyId: world.south.signer.keyId,
    certificate: '0x00',
  }
  return {
    peer: () => peer,
    carry: network.carry,
    carryWithin: (timeoutMs) => {
      const hasty = inProcessNetwork({ timeoutMs })
      hasty.join(south.endpoint)
      return hasty.carry
    },
    restart: async () => {
      network.leave(world.south.id)
      await south.close()
      south = await world.openSouth(() => ORIGIN)
      network.join(south.endpoint)
    },
    close: () => south.close(),
  }
})
