/**
 * Ports of the loopback for servers that are started later and again.
 *
 * Law: none lies where a system takes ports for outgoing connections from (Linux 32768 to 60999, IANA's dynamic ones from
 * 49152): one that is free now might otherwise be such a connection's when its server comes back. Of one process no two
 * calls give the same.
 */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'
import { IsletError } from '../vocabulary/index.ts'

const LOWEST = 20_000
const HIGHEST = 32_767
const ATTEMPTS = 1_000

const given = new Set<number>()

/** So many ports on which nobody listens. Throws `PORT_TAKEN` where none is found. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found: number[] = []
  for (let attempt = 0; attempt < ATTEMPTS && found.length < count; attempt++) {
    const port = randomInt(LOWEST, HIGHEST + 1)
    if (given.has(port) || !(await isFree(port))) continue
    given.add(port)
    found.push(port)
  }
  if (found.length === count) return found
  throw new IsletError(
    'PORT_TAKEN',
    'no ports are free for the nodes',
    { from: LOWEST, to: HIGHEST },
    { remedy: 'Stop what listens there.' },
  )
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
