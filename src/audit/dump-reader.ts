/**
 * Reads a dump that somebody else made: plain files only, lines of bounded length, nothing followed out of its folder.
 *
 * Law: what is not there is `undefined`, not an error; what cannot be a dump at all is refused by a code.
 */
import { createReadStream } from 'node:fs'
import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Bytes, IsletError } from '../vocabulary/index.ts'
import { MANIFEST } from './dump-format.ts'
import { absent } from './read-only-shelf.ts'

/** A line beyond this many characters is no line of ours. */
const LONGEST_LINE = 1 << 27

export interface DumpReader {
  readonly folder: string
  /** Every file of the dump or of a part of it, with forward slashes, and its length in bytes; `plain: false` for links and devices. */
  files(
    part?: string,
  ): AsyncGenerator<{ readonly path: string; readonly bytes: number; readonly plain: boolean }>
  at(path: string): string
  read(path: string): Promise<Bytes | undefined>
  text(path: string): Promise<string | undefined>
  /** Lines of a text file without their ends; none where there is no file. */
  lines(path: string): AsyncGenerator<string>
}

/** Opens a folder as a dump. Throws `DUMP_NOT_FOUND`, `NOT_A_DIRECTORY`, `NOT_A_DUMP`. */
export async function openDump(folder: string): Promise<DumpReader> {
  const refuse = (code: string, message: string, remedy: string): IsletError =>
    new IsletError(code, message, {}, { at: { file: folder }, remedy })
  const there = await absent(() => lstat(folder), undefined)
  if (there === undefined) throw refuse('DUMP_NOT_FOUND', 'there is no such folder', 'Check the path.')
  if (!(there.isDirectory() || there.isSymbolicLink())) {
    throw refuse(
      'NOT_A_DIRECTORY',
      'a dump is a folder, and this is a file',
      'Name the folder that holds manifest.json.',
    )
  }
  const manifest = await absent(() => lstat(join(folder, MANIFEST)), undefined)
  if (manifest?.isFile() !== true) {
    const empty = (await readdir(folder)).length === 0
    throw refuse(
      'NOT_A_DUMP',
      empty ? 'this folder is empty' : 'this folder holds no manifest.json, so it is no dump',
      'Name the folder that `islet export` wrote.',
    )
  }
  const at = (path: string): string => join(folder, path)
  return {
    folder,
    files: (part = '') => walk(folder, part),
    at,
    read: (path) => absent(async () => new Uint8Array(await readFile(at(path))), undefined),
    text: (path) => absent(() => readFile(at(path), 'utf8'), undefined),
    lines: (path) => linesOf(at(path)),
  }
}

async function* walk(
  folder: string,
  part: string,
): AsyncGenerator<{ readonly path: string; readonly bytes: number; readonly plain: boolean }> {
  const names = (await absent(() => readdir(join(folder, part)), [])).toSorted()
  for (const name of names) {
    const path = part === '' ? name : `${part}/${name}`
    const entry = await lstat(join(folder, path))
    if (entry.isDirectory()) yield* walk(folder, path)
    else yield { path, bytes: entry.size, plain: entry.isFile() }
  }
}

async function* linesOf(path: string): AsyncGenerator<string> {
  if ((await absent(() => lstat(path), undefined)) === undefined) return
  let rest = ''
  for await (const chunk of createReadStream(path, { encoding: 'utf8' })) {
    const parts = (rest + String(chunk)).split('\n')
    rest = parts.pop() ?? ''
    yield* parts
    // Whoever gets it finds it malformed, and memory stays bounded.
    if (rest.length > LONGEST_LINE) break
  }
  if (rest !== '') yield rest.slice(0, LONGEST_LINE)
}
