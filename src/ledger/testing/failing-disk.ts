/** A disk that fails when told: the real one, except for the appends and syncs that a test breaks. */
import { type AppendFile, type Disk, realDisk } from '../disk.ts'

export interface FailingDisk extends Disk {
  /** What the next appends or syncs throw; undefined: nothing. `halfWritten` leaves half of the bytes behind. */
  fail:
    | { readonly at: 'append' | 'sync' | 'everything'; readonly error: Error; readonly halfWritten?: boolean }
    | undefined
  syncs: number
}

export function failingDisk(): FailingDisk {
  const disk: FailingDisk = {
    ...realDisk,
    fail: undefined,
    syncs: 0,
    openAppend: async (path) => {
      const file = await realDisk.openAppend(path)
      const broken: AppendFile = {
        get size() {
          return file.size
        },
        append: async (bytes) => {
          if (disk.fail !== undefined && disk.fail.at !== 'sync') {
            if (disk.fail.halfWritten === true) await file.append(bytes.subarray(0, bytes.length >> 1))
            throw disk.fail.error
          }
          await file.append(bytes)
        },
        sync: async () => {
          if (disk.fail !== undefined && disk.fail.at !== 'append') throw disk.fail.error
          disk.syncs += 1
          await file.sync()
        },
        truncate: async (size) => {
          if (disk.fail?.at === 'everything') throw disk.fail.error
          await file.truncate(size)
        },
        close: () => file.close(),
      }
      return broken
    },
  }
  return disk
}
