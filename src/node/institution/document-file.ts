/**
 * A JSON document as a file of its own: there is the old one or the new one, whatever dies when.
 */
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { IsletError } from '../../vocabulary/index.ts'

/** Writes beside, flushes, renames over, flushes the folder. */
export async function writeDocumentFile(path: string, document: unknown): Promise<void> {
  const folder = dirname(path)
  const beside = `${path}.new`
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await rm(beside, { force: true })
  const file = await open(beside, 'wx', 0o600)
  try {
    await file.writeFile(`${JSON.stringify(document, null, 2)}\n`)
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

/** The document, or undefined where no file is. Throws `code` when it is not of the schema. */
export async function readDocumentFile<S extends TSchema>(
  path: string,
  schema: S,
  code: string,
): Promise<Static<S> | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
  const value = parsed(text)
  if (!Value.Check(schema, value)) {
    throw new IsletError(
      code,
      'a file of this data directory is damaged',
      {},
      { at: { file: path }, remedy: 'restore it from a backup' },
    )
  }
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
