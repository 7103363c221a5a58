/**
 * Lines between nodes that deliver late: whoever dials a line's address reaches its target, every byte a set time after it
 * was sent, in both directions and in order.
 */
import { connect, createServer, type Socket } from 'node:net'
import { freePorts } from '../free-ports.ts'

export interface SlowLine {
  /** Host and port to dial. */
  readonly at: string
  /** Breaks what is under way, and takes no more until mended. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

/** Opens a line to host:port. */
export async function slowLine(target: string, delayMs: number): Promise<SlowLine> {
  const [port = 0] = await freePorts(1)
  const { hostname, port: far } = new URL(`tcp://${target}`)
  const open = new Set<Socket>()
  const late = (from: Socket, to: Socket): void => {
    open.add(from)
    from.setNoDelay(true)
    from.on('data', (bytes) => setTimeout(() => to.write(bytes), delayMs))
    from.on('close', () => {
      open.delete(from)
      setTimeout(() => to.destroy(), delayMs)
    })
    from.on('error', () => undefined)
  }
  let isCut = false
  const drop = (): void => {
    for (const socket of open) socket.destroy()
  }
  const server = createServer((near) => {
    if (isCut) {
      near.destroy()
      return
    }
    const away = connect(Number(far), hostname)
    late(near, away)
    late(away, near)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })
  return {
    at: `127.0.0.1:${port}`,
    cut: () => {
      isCut = true
      drop()
    },
    mend: () => {
      isCut = false
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      drop()
      await closed
    },
  }
}
