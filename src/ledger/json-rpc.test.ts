import { createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { type JsonRpc, jsonRpc } from './json-rpc.ts'

const open: { close(): void }[] = []
afterEach(() => {
  for (const one of open.splice(0)) one.close()
})

/** A server that answers the first request of each connection and drops the connection at the next. */
async function forgetful(mostConnections: number): Promise<{ readonly rpc: JsonRpc; connections(): number }> {
  let connections = 0
  const server = createServer((socket: Socket) => {
    connections += 1
    let requests = 0
    socket.on('error', () => undefined)
    socket.on('data', (data) => {
      requests += 1
      if (requests > 1 || connections > mostConnections) {
        socket.destroy()
        return
      }
      const { id } = JSON.parse(data.toString().split('\r\n\r\n')[1] ?? '')
      const body = JSON.stringify({ jsonrpc: '2.0', id, result: `connection ${connections}` })
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const rpc = jsonRpc(`http://127.0.0.1:${address.port}/`)
  open.push(server, rpc)
  return { rpc, connections: () => connections }
}

test('a kept connection that the server let go costs no call', async () => {
  const { rpc } = await forgetful(3)
  for (const expected of [1, 2, 3]) expect(await rpc.call('name', [])).toBe(`connection ${expected}`)
})

test('a server that drops a new connection is unreachable, and is not asked a third time', async () => {
  const { rpc, connections } = await forgetful(1)
  await rpc.call('name', [])
  await expect(rpc.call('name', [])).rejects.toMatchObject({ code: 'UNREACHABLE' })
  expect(connections()).toBe(2)
})
