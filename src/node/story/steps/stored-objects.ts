/**
 * The objects on an institution's disk, read as somebody with the disk would, without asking the institution.
 */
import { promises as fs } from 'node:fs'
import { join } from 'node:path'
import type { Place } from '../../../consent/probe.door.ts'
import { chunksOf, hourObject } from '../../../vault/index.ts'
import type { Party } from '../../institution/party.ts'

export interface StoredFile {
  readonly path: string
  readonly bytes: Uint8Array
  /** Where its chunks belong; readable without a key. Empty for what holds no chunk. */
  readonly places: readonly Place[]
}

/** Every object of an institution's store, and where it lies. */
export async function* storedObjects(party: Party): AsyncGenerator<StoredFile> {
  for await (const path of filesUnder(join(party.directory, 'objects', 'objects'))) {
    const bytes = new Uint8Array(await fs.readFile(path))
    yield { path, bytes, places: chunksIn(bytes).map(({ context }) => context) }
  }
}

/** The wanted chunks of an institution's store, each as an object of its own: an object may hold a whole day. */
export async function ciphertextOf(
  party: Party,
  wanted: (place: Place) => boolean,
): Promise<readonly Uint8Array[]> {
  const found: Uint8Array[] = []
  for await (const { bytes } of storedObjects(party)) {
    for (const chunk of chunksIn(bytes)) if (wanted(chunk.context)) found.push(hourObject(chunk))
  }
  return found
}

function chunksIn(bytes: Uint8Array): ReturnType<typeof chunksOf> {
  try {
    return chunksOf(bytes)
  } catch {
    return []
  }
}

async function* filesUnder(folder: string): AsyncGenerator<string> {
  for (const entry of await fs.readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesUnder(path)
    else if (entry.isFile()) yield path
  }
}
