/**
 * Where the node's log lines go: a file in the data directory, begun anew when it has grown; never stdout, which belongs
 * to scripts.
 */
import { createWriteStream } from 'node:fs'
import { mkdir, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createLog } from '../http/log.ts'

const LARGEST_BYTES = 10 * 2 ** 20

export interface NodeLog {
  readonly path: string
  readonly log: ReturnType<typeof createLog>
  close(): Promise<void>
}

/** Opens the log file; the one before is kept beside it. */
export async function openNodeLog(directory: string): Promise<NodeLog> {
  const folder = join(directory, 'logs')
  const path = join(folder, 'node.log')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  )
  if (size > LARGEST_BYTES) await rename(path, join(folder, 'node.1.log'))
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 })
  // A log that cannot be written stops nobody's work.
  stream.on('error', () => undefined)
  return {
    path,
    log: createLog('info', stream),
    close: () => new Promise((resolve) => stream.end(() => resolve())),
  }
}
