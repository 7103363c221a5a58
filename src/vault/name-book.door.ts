/**
 * The book of names in one file of lines: `+ name stored` and `- name`.
 *
 * Laws: what was acknowledged survives a power cut; a line that a crash cut short was never acknowledged and is left out;
 * a book of mostly struck lines is written anew when it is opened.
 */
import { open, readFile } from 'node:fs/promises'
import { type Cid, cid, IsletError } from '../vocabulary/index.ts'
import type { NameBook } from './content-names.ts'
import { coded, errnoOf } from './disk-errors.ts'
import { writeWhole } from './whole-file.door.ts'

const LINE = /^(?:\+ (baf[a-z2-7]+) (baf[a-z2-7]+)|- (baf[a-z2-7]+))$/

/** What stands in it, beside whoever keeps it: nothing is written. Throws `NAME_BOOK_DAMAGED` and the disk's codes. */
export async function readNameBook(path: string): Promise<NameBook> {
  const { known } = await entriesOf(path)
  const refused = async (): Promise<never> => {
    throw new IsletError('NAME_BOOK_READ_ONLY', 'the book of object names was opened to be read', {})
  }
  return {
    get: (name) => known.get(name),
    names: () => known.keys(),
    enter: refused,
    strike: refused,
    close: async () => undefined,
  }
}

/** Opens it, made where it is absent. Throws `NAME_BOOK_DAMAGED` and the disk's codes. */
export async function openNameBook(path: string): Promise<NameBook> {
  const { known, isUntidy } = await entriesOf(path)
  if (isUntidy) await coded(() => writeWhole(path, entered(known)))
  const file = await coded(() => open(path, 'a', 0o600))
  let turn: Promise<unknown> = Promise.resolve()
  const append = (words: string): Promise<void> => {
    const done = turn.then(() =>
      coded(async () => {
        await file.appendFile(words)
        await file.datasync()
      }),
    )
    turn = done.catch(() => undefined)
    return done
  }
  return {
    get: (name) => known.get(name),
    names: () => known.keys(),
    enter: async (entries) => {
      if (entries.length === 0) return
      await append(entered(entries))
      for (const [name, stored] of entries) known.set(name, stored)
    },
    strike: async (name) => {
      await append(`- ${name}\n`)
      known.delete(name)
    },
    close: async () => {
      await turn
      await file.close()
    },
  }
}

/** Names in force, and whether the file had better be written anew. */
async function entriesOf(
  path: string,
): Promise<{ readonly known: Map<Cid, Cid>; readonly isUntidy: boolean }> {
  const known = new Map<Cid, Cid>()
  const text = await coded(() => readFile(path, 'utf8')).catch((error: unknown) => {
    if (error instanceof Error && errnoOf(error.cause) === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n')
  const cut = lines.pop() ?? ''
  for (const line of lines) {
    const [, name, stored, struck] = LINE.exec(line) ?? []
    if (name !== undefined && stored !== undefined) known.set(cid(name), cid(stored))
    else if (struck !== undefined) known.delete(cid(struck))
    else throw damaged(path)
  }
  return { known, isUntidy: cut !== '' || lines.length > 2 * known.size + 1_000 }
}

function entered(entries: Iterable<readonly [Cid, Cid]>): string {
  return [...entries].map(([name, stored]) => `+ ${name} ${stored}\n`).join('')
}

function damaged(path: string): IsletError {
  return new IsletError(
    'NAME_BOOK_DAMAGED',
    'the book of object names is damaged',
    {},
    { at: { file: path }, remedy: 'restore it from a backup' },
  )
}
