/** Whether a port can be had, asked before anything else is done. */
import { createServer } from 'node:net'
import { IsletError } from '../../vocabulary/index.ts'

/** Resolves when the port is free. Throws `PORT_TAKEN`, `NO_PERMISSION`, `ADDRESS_NOT_HERE`. */
export async function requirePort(host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => reject(inWords(error, host, port)))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve()))
  })
}

function inWords(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  switch (error.code) {
    case 'EADDRINUSE':
      return new IsletError(
        'PORT_TAKEN',
        `another program listens on port ${port}`,
        { port },
        { remedy: 'choose another with --port N, or --port 0 for any free one' },
      )
    case 'EACCES':
      return new IsletError(
        'NO_PERMISSION',
        `this account may not listen on port ${port}`,
        { port },
        { remedy: 'choose a port above 1023 with --port N' },
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EINVAL':
      return new IsletError(
        'ADDRESS_NOT_HERE',
        `${host} is no address of this machine`,
        {},
        { remedy: 'leave --host out, or name an address of this machine' },
      )
    default:
      return error
  }
}
