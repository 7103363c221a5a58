/** A plain anvil as strangers run it: automine or interval, default history, no journal of ours. */
import { spawn } from 'node:child_process'
import { anvilBinary } from '../anvil-binary.ts'
import { type JsonRpc, jsonRpc } from '../json-rpc.ts'

export interface BareAnvil {
  readonly url: string
  readonly rpc: JsonRpc
  stop(): Promise<void>
}

/** Starts one on a free loopback port. `blockSeconds` absent: a block for every transaction. */
export async function startBareAnvil(blockSeconds?: number): Promise<BareAnvil> {
  const mining = blockSeconds === undefined ? [] : ['--block-time', String(blockSeconds)]
  const fees = ['--base-fee', '0', '--gas-price', '0', '--disable-min-priority-fee']
  const chain = ['--hardfork', 'cancun', '--chain-id', '7215335', '--gas-limit', '200000000']
  const args = ['--port', '0', '--accounts', '1', ...chain, ...fees, ...mining]
  const child = spawn(anvilBinary(), args, { stdio: ['ignore', 'pipe', 'ignore'] })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const port = await new Promise<number>((resolve, reject) => {
    let said = ''
    child.once('exit', () => reject(new Error('anvil ended')))
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString('utf8')
      const match = /Listening on [\d.]+:(\d+)/.exec(said)
      if (match !== null) resolve(Number(match[1]))
    })
  })
  const url = `http://127.0.0.1:${port}/`
  return {
    url,
    rpc: jsonRpc(url),
    stop: async () => {
      child.kill('SIGKILL')
      await gone
    },
  }
}
