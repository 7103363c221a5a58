/** A disk that a test makes so small that it can fill it: a file system in memory; needs root and Linux. */
import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface SmallDisk {
  /** Takes all the room that is left. */
  fill(): void
  /** Gives back what `fill` took. */
  free(): void
  remove(): void
}

/** Mounts one over a folder, which must be empty. */
export function mountSmallDisk(folder: string, mebibytes: number): SmallDisk {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'islet-small', folder], { stdio: 'pipe' })
  const filler = join(folder, 'filler')
  return {
    fill: () => {
      const file = openSync(filler, 'a')
      try {
        for (const size of [1 << 20, 1 << 12, 1]) writeUntilFull(file, new Uint8Array(size))
      } finally {
        closeSync(file)
      }
    },
    free: () => rmSync(filler, { force: true }),
    // Lazily: a process that was just ended may still be letting go of its files.
    remove: () => execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' }),
  }
}

/** Whether this account may mount one here. */
export function mayMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'islet-mount-'))
  try {
    mountSmallDisk(folder, 1).remove()
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function writeUntilFull(file: number, block: Uint8Array): void {
  try {
    while (writeSync(file, block) === block.length);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}
