/** A data directory as an export reads it: with the objects of institutions that keep them with a server. */
import { stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type DumpSource, sourceOf } from '../../audit/index.ts'
import type { Unlock } from '../../identity/index.ts'
import { nodeKey } from '../../identity/key-file.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { objectsToRead } from './object-place.ts'

/** Throws as `sourceOf` and `objectsToRead`: what cannot be reached is not left out silently. */
export async function dumpSource(data: string): Promise<DumpSource> {
  const source = await sourceOf(data)
  const institutions = await Promise.all(
    source.institutions.map(async (one) => {
      const directory = dirname(one.shelf)
      const unlock = async (): Promise<Unlock> => {
        const own = join(directory, 'node.key')
        // Apart, each institution has a key of its own.
        const path = (await stat(own).catch(() => undefined)) === undefined ? join(data, 'node.key') : own
        return { nodeKey: await nodeKey(path, (length) => nodeCrypto.cipher.random(length)) }
      }
      const stored = await objectsToRead({ directory, key: one.key, unlock, environment: process.env })
      return stored === undefined ? one : { ...one, stored }
    }),
  )
  return { ...source, institutions }
}
