import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { RpcEndpoints } from './rpc-endpoints.ts'
import { hashOf } from './testing/fixtures.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const GENESIS = {
  number: '0x0',
  hash: hashOf('genesis'),
  parentHash: hashOf('nothing'),
  timestamp: '0x1',
  transactions: [],
}

/** An endpoint of one chain, whose blocks from `missing` on are not there; what it says to everything else is given. */
async function endpoint(
  answer: (method: string) => object,
  asked: string[] = [],
  missing?: number,
): Promise<string> {
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += chunk
    })
    request.on('end', () => {
      const { id, method, params } = JSON.parse(body) as { id: number; method: string; params: string[] }
      asked.push(method)
      const block = missing === undefined || Number(params[0]) < missing ? GENESIS : null
      const known: Readonly<Record<string, unknown>> = { eth_chainId: '0x7', eth_getBlockByNumber: block }
      const said = method in known ? { result: known[method] } : answer(method)
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...said }))
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const at = server.address()
  if (at === null || typeof at === 'string') throw new Error('no port')
  return `http://127.0.0.1:${at.port}/`
}

const refusing = (message: string) => () => ({ error: { code: -32_000, message } })

test('while an endpoint catches up another one serves, and it is asked again later', async () => {
  let behind = true
  const asked: string[] = []
  const first = await endpoint(
    () => (behind ? refusing('endpoint is closed while node is catching up')() : { result: '0x1' }),
    asked,
  )
  const second = await endpoint(() => (behind ? { result: '0x2' } : refusing('gone')()))
  const endpoints = new RpcEndpoints({ urls: [first, second] })
  try {
    expect(await endpoints.ask('eth_gasPrice', [])).toBe('0x2')
    const before = asked.length
    expect(await endpoints.ask('eth_gasPrice', [])).toBe('0x2')
    expect(asked.length).toBe(before)
    behind = false
    const alone = new RpcEndpoints({ urls: [first] })
    expect(await alone.ask('eth_gasPrice', [])).toBe('0x1')
    alone.close()
  } finally {
    endpoints.close()
  }
})

test('any other refusal is the answer, whoever else could be asked', async () => {
  const first = await endpoint(refusing('execution reverted'))
  const second = await endpoint(() => ({ result: '0x2' }))
  const endpoints = new RpcEndpoints({ urls: [first, second] })
  try {
    await expect(endpoints.ask('eth_call', [])).rejects.toMatchObject({ code: 'RPC_REFUSED' })
  } finally {
    endpoints.close()
  }
})

test('an endpoint that shows another block than the pinned one is never used, one that is not there yet is passed over', async () => {
  const pinned = { height: 0, hash: hashOf('genesis') }
  const url = await endpoint(() => ({ result: '0x2' }))
  const ask = (block: typeof pinned, urls = [url]): Promise<unknown> => {
    const endpoints = new RpcEndpoints({ urls, expect: { block } })
    return endpoints.ask('eth_gasPrice', []).finally(() => endpoints.close())
  }
  expect(await ask(pinned)).toBe('0x2')
  await expect(ask({ ...pinned, hash: hashOf('another') })).rejects.toMatchObject({
    code: 'OTHER_CHAIN',
    facts: { pinned: 0 },
    message: `an endpoint’s block 0 is ${pinned.hash}, and ${hashOf('another')} is pinned`,
  })
  const behind = await endpoint(() => ({ result: '0x3' }), [], 9)
  await expect(ask({ ...pinned, height: 9 }, [behind])).rejects.toMatchObject({ code: 'UNREACHABLE' })
})
