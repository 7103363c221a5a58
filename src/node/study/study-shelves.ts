/**
 * Objects and words of the studies of a data directory, shared by the sites that live in it.
 *
 * Law: every study's objects have a file of their own, so that what is asked for in the name of one is never another's; a
 * shelf is opened once in a process, because opening one clears what a crash left half written.
 */
import { join } from 'node:path'
import type { Shelf } from '../../consent/browser.door.ts'
import { diskShelf } from '../../consent/shelf-disk.door.ts'
import { recordShelf } from '../../consent/shelf-records.door.ts'
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
    earlier: await diskShelf(folder('objects')),
    words: onceEach(await recordShelf(folder('words'))),
  })
  const openOne = async (study: Hash32): Promise<KeptStudyShelves> => {
    opening ??= openAll()
    opening.catch(() => {
      opening = undefined
    })
    // The names of words begin with their study.
    const { earlier, words } = await opening
    const objects = await recordShelf(join(folder('objects'), study.slice(2)))
    return { objects: onceEach(objects), words, earlier }
  }
  const known = new Map<Hash32, Promise<KeptStudyShelves>>()
  return (study) => {
    const shelves = known.get(study) ?? openOne(study)
    known.set(study, shelves)
    shelves.catch(() => known.delete(study))
    return shelves
  }
}
