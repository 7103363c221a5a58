/** One bit of one byte turned, anywhere in a dump: each time something must be found. */
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect } from 'vitest'
import { verifyDump } from '../../verify-dump.ts'
import { Forger } from '../forger.ts'
import { rememberingReplayer } from '../replayer.ts'

/** Every file of a dump. */
export async function filesOf(dump: string): Promise<readonly string[]> {
  const entries = await readdir(dump, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
}

/** Tries `trials` bytes, going round all files; throws the file and the byte that went unnoticed. */
export async function flipBytes(dump: string, trials: number): Promise<void> {
  const { dump: copy } = await Forger.of(dump)
  const files = await filesOf(copy)
  const replayer = rememberingReplayer()
  let next = 0
  await fc.assert(
    fc.asyncProperty(fc.nat(), fc.integer({ min: 0, max: 7 }), async (place, bit) => {
      const path = files[next++ % files.length] ?? ''
      const { size } = await stat(path)
      fc.pre(size > 0)
      const whole = await readFile(path)
      const spoiled = Buffer.from(whole)
      const offset = place % size
      spoiled[offset] = (spoiled[offset] ?? 0) ^ (1 << bit)
      await writeFile(path, spoiled)
      try {
        const { findings } = await verifyDump(copy, { replayer })
        expect(findings.length, `${path.slice(copy.length)}, byte ${offset}`).toBeGreaterThan(0)
      } finally {
        await writeFile(path, whole)
      }
    }),
    { numRuns: trials, endOnFailure: true },
  )
}
