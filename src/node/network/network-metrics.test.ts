import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { figureOf, networkMetrics } from './network-metrics.ts'

const SAID = `# HELP cometbft_consensus_latest_block_height The latest block height.
# TYPE cometbft_consensus_latest_block_height gauge
cometbft_consensus_latest_block_height{chain_id="islet-7"} 1204
cometbft_consensus_rounds{chain_id="islet-7"} 0
cometbft_consensus_validator_power{chain_id="islet-7",validator_address="AB"} 100
cometbft_consensus_validators_power{chain_id="islet-7"} 4e+02
cometbft_p2p_peers 3
`

test.each([
  { name: 'cometbft_consensus_latest_block_height', value: 1_204 },
  { name: 'cometbft_consensus_validator_power', value: 100 },
  { name: 'cometbft_consensus_validators_power', value: 400 },
  { name: 'cometbft_p2p_peers', value: 3 },
  { name: 'cometbft_consensus_validator_missed_blocks', value: undefined },
])('$name is $value', ({ name, value }) => {
  expect(figureOf(SAID, name)).toBe(value)
})

test('validators stand among the node’s figures by institution, and one that does not answer with none', async () => {
  const engine = createServer((_, response) => response.end(SAID))
  await new Promise<void>((resolve) => engine.listen(0, '127.0.0.1', resolve))
  const { port } = engine.address() as AddressInfo
  const registry = new Registry()
  const node = (institution: string, metrics: string) => ({
    ...{ institution, home: '', seatKey: '', nodeId: '', pid: null },
    ports: { peer: '', comet: '', rpc: '', ws: '', metrics },
  })
  networkMetrics(registry, { nodes: [node('north', `127.0.0.1:${port}`), node('south', '127.0.0.1:1')] })
  const text = await registry.metrics()
  expect(text).toContain('islet_consortium_height_blocks{institution="north"} 1204')
  expect(text).toContain('islet_consortium_power{institution="north"} 100')
  expect(text).not.toContain('south')
  await new Promise((resolve) => engine.close(resolve))
})
