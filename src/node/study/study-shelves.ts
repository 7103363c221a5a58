/**
 * Objects and words of the studies of a data directory, shared by the sites that live in it.
 *
 * Law: every study has a folder of its own, so that what is asked for in the name of one is never another's; a shelf is
 * opened once in a process, because opening one clears what a crash left half written.
 */
import { join } from 'node:path'
import { type Shelf, shelfPart } from '../../consent/browser.door.ts'
import { diskShelf } from '../../consent/shelf-disk.door.ts'
import type { Hash32 } from '../../vocabulary/index.ts'
import type { StudyShelves } from './answer-peers.ts'
import { onceEach } from './at-hand.ts'

export interface KeptStudyShelves extends StudyShelves {
  /** Objects from before every study had its folder: for the sites here, never for those who ask. */
  readonly earlier: Pick<Shelf, 'get'>
}

export type ShelvesOf = (study: Hash32) => Promise<KeptStudyShelves>

/** Opens nothing before it is asked; throws `DISK_FULL`, `READ_ONLY_DIRECTORY`, `NO_PERMISSION`. */
export function studyShelves(directory: string): ShelvesOf {
  const folder = (name: string): string => join(directory, 'studies', name)
  let opening: ReturnType<typeof openAll> | undefined
  const openAll = async () => ({
    objects: await diskShelf(folder('objects')),
    words: onceEach(await diskShelf(folder('words'))),
  })
  const known = new Map<Hash32, KeptStudyShelves>()
  return async (study) => {
    opening ??= openAll()
    opening.catch(() => {
      opening = undefined
    })
    const { objects, words } = await opening
    // The names of words begin with their study.
    const shelves = known.get(study) ?? {
      objects: onceEach(shelfPart(objects, study.slice(2))),
      words,
      earlier: objects,
    }
    known.set(study, shelves)
    return shelves
  }
}
