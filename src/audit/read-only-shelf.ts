/**
 * An institution's documents on disk, for reading only: nothing is made, mended or removed, so that a node may run on.
 */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { checkShelfName, type Shelf } from '../consent/index.ts'
import { IsletError } from '../vocabulary/index.ts'

/** Opens a directory of documents. Its `put` and `delete` throw `READ_ONLY_SHELF`. */
export function readOnlyShelf(folder: string): Shelf {
  return {
    get: (name) =>
      absent(async () => new Uint8Array(await readFile(join(folder, checkShelfName(name)))), undefined),
    list: async (prefix) => {
      const slash = prefix.lastIndexOf('/')
      const names = await filesUnder(folder, slash < 0 ? '' : prefix.slice(0, slash))
      return names.filter((name) => name.startsWith(prefix) && isName(name)).toSorted()
    },
    put: () => Promise.reject(readOnly()),
    delete: () => Promise.reject(readOnly()),
  }
}

/** Files below a part of a folder, as names with slashes; none where there is no folder. */
export async function filesUnder(folder: string, part: string): Promise<readonly string[]> {
  const entries = await absent(() => readdir(join(folder, part), { withFileTypes: true }), [])
  const names: string[] = []
  for (const entry of entries) {
    const name = part === '' ? entry.name : `${part}/${entry.name}`
    if (entry.isDirectory()) names.push(...(await filesUnder(folder, name)))
    else names.push(name)
  }
  return names
}

/** What a crash left half-written is no document. */
function isName(name: string): boolean {
  return !name.endsWith('.unfinished')
}

export async function absent<T, U>(work: () => Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return otherwise
    throw error
  }
}

function readOnly(): IsletError {
  return new IsletError('READ_ONLY_SHELF', 'an export writes nothing into a data directory')
}
