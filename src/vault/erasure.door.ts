/**
 * The list of the erased on a disk of Node's: replaced whole and durably, outside every backup. Node only.
 */
import { IsletError, utf8 } from '../vocabulary/index.ts'
import { noteFromBytes } from './checkpoint-note.ts'
import { decodeErasureList, type ErasureList, encodeErasureList } from './erasure.ts'
import { nodeLogDisk } from './log.door.ts'

const NAME = 'erased'

/** The list kept in a directory; entries are only ever added. */
export function nodeErasureList(directory: string): ErasureList {
  const disk = nodeLogDisk(directory)
  const read = async (): Promise<ReadonlySet<string>> => {
    const bytes = await disk.read(NAME)
    if (bytes === undefined) return new Set()
    const text = noteFromBytes(bytes)
    if (text === undefined)
      throw new IsletError('ERASURE_LIST_DAMAGED', 'the list of erased people is damaged')
    return decodeErasureList(text)
  }
  let turn: Promise<unknown> = Promise.resolve()
  return {
    read,
    add: (entries) => {
      const added = turn.then(async () =>
        disk.replace(NAME, utf8(encodeErasureList([...(await read()), ...entries]))),
      )
      turn = added.catch(() => undefined)
      return added
    },
  }
}
