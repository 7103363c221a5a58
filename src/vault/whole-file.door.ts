/**
 * A small file that is there whole: the old one or the new one, whatever dies when. Node only.
 *
 * Law: once it returns, the new content survives a power cut; its owner alone can read it.
 */
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'

/** Writes beside, flushes, renames over, flushes the folder, which is made where it is absent. Throws the system's errors. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const folder = dirname(path)
  const beside = `${path}.new`
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await rm(beside, { force: true })
  const file = await open(beside, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(beside, path)
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}
