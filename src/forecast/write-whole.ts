/**
 * Writes a file whole or not at all.
 *
 * Law: under its name stands the old content or the new one, never a part; what was begun beside it is cleared away when
 * writing fails.
 */
import { promises as fs } from 'node:fs'
import { basename, dirname } from 'node:path'
import { IsletError } from '../vocabulary/index.ts'

/** Refuses a place where nothing can be written, before work is spent. Throws `NOT_A_FILE` and the system's errors. */
export async function requirePlace(path: string): Promise<void> {
  const folder = dirname(path)
  await fs.access(folder, fs.constants.W_OK)
  const there = await fs.stat(path).catch(() => undefined)
  if (there?.isDirectory() === true) {
    throw new IsletError(
      'NOT_A_FILE',
      'this is a folder, not a file',
      {},
      { at: { file: path }, remedy: `name a file in it, such as ${basename(path)}/forecaster.json` },
    )
  }
}

export async function writeWhole(path: string, text: string): Promise<void> {
  const aside = `${path}.part-${process.pid}`
  try {
    await fs.writeFile(aside, text)
    await fs.rename(aside, path)
  } catch (error) {
    await fs.rm(aside, { force: true })
    throw error
  }
}
