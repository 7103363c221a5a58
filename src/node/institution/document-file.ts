/**
 * A JSON document as a file of its own: there is the old one or the new one, whatever dies when.
 */
import { readFile } from 'node:fs/promises'
import type { Static, TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { writeWhole } from '../../vault/whole-file.door.ts'
import { IsletError } from '../../vocabulary/index.ts'

/** Puts a document in the place of the one before, as `writeWhole` does. */
export function writeDocumentFile(path: string, document: unknown): Promise<void> {
  return writeWhole(path, `${JSON.stringify(document, null, 2)}\n`)
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
