import { request } from 'node:http'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type EmbeddedLedger, type Gateway, openEmbedded, openGateway } from './embedded.door.ts'
import { signerOf, temporaryFolder } from './testing/fixtures.ts'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let ledger: EmbeddedLedger
let gateway: Gateway

beforeAll(async () => {
  folder = await temporaryFolder()
  ledger = await openEmbedded({ directory: folder.path, operator: signerOf('operator') })
  gateway = await openGateway(ledger, { batchLimit: 3, bodyByteLimit: 10_000 })
})
afterAll(async () => {
  await gateway?.close()
  await ledger?.close()
  await folder?.remove()
})

const JSON_TYPE = { 'content-type': 'application/json' }
const post = (
  body: string,
  headers: Readonly<Record<string, string>> = JSON_TYPE,
  method = 'POST',
): Promise<{ readonly status: number; readonly body: string }> =>
  new Promise((resolve, reject) => {
    const sent = request(gateway.url, { method, headers }, (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8')
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }))
    })
    sent.on('error', reject)
    sent.end(body)
  })
const call = async (method: string, params: readonly unknown[] = []) =>
  JSON.parse((await post(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))).body)

describe('the gateway', () => {
  test.each([
    'anvil_setBalance',
    'anvil_impersonateAccount',
    'anvil_dumpState',
    'evm_mine',
    'evm_setTime',
    'evm_revert',
    'hardhat_reset',
    'debug_traceTransaction',
    'txpool_content',
    'personal_sign',
    'eth_sendTransaction',
    'eth_sendUnsignedTransaction',
    'eth_sign',
    'eth_accounts',
    'eth_newFilter',
    'constructor',
    '__proto__',
  ])('does not know %s', async (method) => {
    expect(await call(method)).toMatchObject({ error: { code: -32601 } })
  })

  test('answers reads, and cuts off a state override', async () => {
    expect(await call('eth_chainId')).toMatchObject({ result: '0x6e18e7' })
    expect(await call('eth_getBlockByNumber', ['pending', false])).toMatchObject({
      result: { number: '0x0' },
    })
    const to = signerOf('x').address
    // Code that returns 32 bytes of zero, were it believed.
    const override = { [to]: { code: '0x60206000f3' } }
    expect(await call('eth_call', [{ to }, 'latest', override])).toMatchObject({ result: '0x' })
  })

  const strange: readonly {
    readonly why: string
    readonly headers: Readonly<Record<string, string>>
    readonly status: number
    readonly method?: string
  }[] = [
    { why: 'from a web page', headers: { ...JSON_TYPE, origin: 'https://evil.example' }, status: 403 },
    { why: 'under a foreign host name', headers: { ...JSON_TYPE, host: 'rebound.example' }, status: 403 },
    { why: 'as a form would send it', headers: { 'content-type': 'text/plain' }, status: 415 },
    { why: 'compressed', headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, status: 415 },
    { why: 'by GET', headers: JSON_TYPE, status: 405, method: 'GET' },
  ]
  test.each(strange)('refuses a request $why', async ({ headers, status, method }) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_chainId' })
    expect((await post(method === 'GET' ? '' : body, headers, method)).status).toBe(status)
  })

  test('bounds bodies, batches and log ranges', async () => {
    expect((await post(`"${'x'.repeat(20_000)}"`).catch(() => ({ status: 413 }))).status).toBe(413)
    const one = { jsonrpc: '2.0', id: 1, method: 'eth_chainId' }
    expect(JSON.parse((await post(JSON.stringify([one, one, one]))).body)).toHaveLength(3)
    expect(JSON.parse((await post(JSON.stringify([one, one, one, one]))).body)).toMatchObject({ error: {} })
    expect(JSON.parse((await post('not json')).body)).toMatchObject({ error: { code: -32700 } })
    expect(await call('eth_getLogs', [{ fromBlock: '0x0', toBlock: '0xffffff' }])).toMatchObject({
      result: [],
    })
  })

  test('says which port is taken', async () => {
    await expect(openGateway(ledger, { port: gateway.port })).rejects.toMatchObject({
      code: 'PORT_TAKEN',
      facts: { port: gateway.port },
    })
  })
})
