/** A log disk in memory, with a tap that sees every durable write and can fail it. */
import type { LogDisk } from '../../vault/index.ts'
import { type Bytes, concat } from '../../vocabulary/index.ts'

export function memoryLogDisk(onDurable: (path: string) => void = () => {}): LogDisk {
  const files = new Map<string, Bytes>()
  const get = (path: string): Bytes => files.get(path) ?? new Uint8Array(0)
  return {
    read: async (path) => files.get(path),
    list: async (folder) => {
      const prefix = folder === '' ? '' : `${folder}/`
      const names = [...files.keys()].filter((path) => path.startsWith(prefix))
      return [...new Set(names.map((path) => path.slice(prefix.length).split('/')[0] ?? ''))]
    },
    replace: async (path, bytes) => {
      files.set(path, new Uint8Array(bytes))
      onDurable(path)
    },
    openTail: async (path) => {
      if (!files.has(path)) files.set(path, new Uint8Array(0))
      return {
        write: async (bytes) => {
          files.set(path, concat(get(path), bytes))
        },
        sync: async () => onDurable(path),
        truncate: async (length) => {
          files.set(path, get(path).slice(0, length))
        },
        close: async () => {},
      }
    },
    remove: async (path) => {
      for (const name of [...files.keys()])
        if (name === path || name.startsWith(`${path}/`)) files.delete(name)
    },
  }
}
