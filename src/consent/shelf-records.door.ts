/**
 * A shelf as one file that grows: for documents that many put at once and nobody replaces. Node only.
 *
 * Laws: documents put in one turn are one append and share one flush, and are acknowledged after it; an append that a
 * power cut cut short was acknowledged to nobody and is cut off, damage before the end is refused; a document is read
 * with the bytes that were put, or refused. What lay in the folder before there was the file is found there. Several
 * shelves of one process may stand over one file. Limit: what is replaced or deleted keeps its place in the file.
 */
import {
  closeSync,
  constants,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import { toHex } from '../vocabulary/index.ts'
import {
  type DocumentPlace,
  type DocumentTable,
  damagedDocument,
  encodeDocuments,
  FRAME_BYTES,
  type NamedDocument,
  readDocumentTable,
  readEntryFrame,
} from './document-records.ts'
import { checkShelfName, type Shelf } from './shelf.ts'
import { coded, diskShelf, flushDirectory } from './shelf-disk.door.ts'

const flushData = promisify(fdatasync)
/** Documents of one entry. */
const MOST_TOGETHER = 256

interface Waiting extends NamedDocument {
  resolve(): void
  reject(error: unknown): void
}

/** Opens `FOLDER.records`, and FOLDER beneath it. Throws as `diskShelf` does, `RECORDS_CORRUPT`. */
export async function recordShelf(folder: string): Promise<Shelf> {
  const earlier = await diskShelf(folder)
  const hasEarlier = (await earlier.list('')).length > 0
  const file = new RecordFile(`${folder}.records`)
  await coded(async () => file.open())
  const isEarlier = async (name: string): Promise<boolean> =>
    hasEarlier && !file.knows(name) && (await earlier.get(name)) !== undefined
  return {
    get: (name) =>
      coded(async () => {
        checkShelfName(name)
        const here = file.read(name)
        return here === undefined && hasEarlier && !file.knows(name) ? earlier.get(name) : here
      }),
    put: (name, bytes) => coded(() => file.append(checkShelfName(name), bytes)),
    delete: (name) =>
      coded(async () => {
        const isThere = file.has(checkShelfName(name)) || (await isEarlier(name))
        if (isThere) await file.append(name, undefined)
        return isThere
      }),
    list: async (prefix) => {
      const older = hasEarlier ? (await earlier.list(prefix)).filter((name) => !file.knows(name)) : []
      const names = file.names().filter((name) => name.startsWith(prefix))
      return [...older, ...names].sort()
    },
  }
}

/** The file and where its documents lie. Whatever touches it before a flush is done in one go, so that nobody sees half. */
class RecordFile {
  readonly #path: string
  /** By name, from the file's beginning; undefined where it was deleted. */
  readonly #places = new Map<string, DocumentPlace['at']>()
  /** Where what is known ends. */
  #end = 0
  #waiting: Waiting[] = []
  #running: Promise<void> | undefined

  constructor(path: string) {
    this.#path = path
  }

  /** Cuts off what a crash cut short. */
  open(): void {
    if (this.#size() > 0) this.#opened((file) => this.#readOn(file, true))
  }

  knows(name: string): boolean {
    return this.#places.has(name)
  }

  has(name: string): boolean {
    return this.#placeOf(name) !== undefined
  }

  names(): readonly string[] {
    this.#lookOn()
    return [...this.#places].flatMap(([name, at]) => (at === undefined ? [] : [name]))
  }

  read(name: string): Uint8Array<ArrayBuffer> | undefined {
    const at = this.#placeOf(name)
    if (at === undefined) return undefined
    const bytes = this.#opened((file) => part(file, at.offset, at.length))
    if (toHex(nodeHasher.sha256(bytes)) !== at.hash) throw damagedDocument()
    return bytes
  }

  append(name: string, bytes: Uint8Array | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, bytes, resolve, reject })
      this.#running ??= this.#drain()
    })
  }

  async #drain(): Promise<void> {
    // Whoever puts in the same turn is in the same append.
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MOST_TOGETHER)
      try {
        await this.#write(batch)
        for (const { resolve } of batch) resolve()
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
    }
    this.#running = undefined
  }

  async #write(documents: readonly NamedDocument[]): Promise<void> {
    const { bytes, ...table } = encodeDocuments(documents, nodeHasher)
    const file = openSync(this.#path, constants.O_RDWR | constants.O_CREAT | constants.O_APPEND, 0o600)
    try {
      this.#readOn(file, true)
      const start = this.#end
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
        await flushData(file)
      } catch (error) {
        takeBack(file, start, bytes.length)
        throw error
      }
      if (start === 0) await flushDirectory(dirname(this.#path))
      if (this.#end === start) this.#note(table, start)
    } finally {
      closeSync(file)
    }
  }

  #placeOf(name: string): DocumentPlace['at'] {
    if (!this.#places.has(name)) this.#lookOn()
    return this.#places.get(name)
  }

  /** Takes in what another shelf of this process wrote. */
  #lookOn(): void {
    if (this.#size() > this.#end) this.#opened((file) => this.#readOn(file, false))
  }

  #size(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0
  }

  #opened<T>(work: (file: number) => T): T {
    const file = openSync(this.#path, constants.O_RDWR)
    try {
      return work(file)
    } finally {
      closeSync(file)
    }
  }

  #readOn(file: number, cuts: boolean): void {
    const { size } = fstatSync(file)
    while (this.#end < size) {
      const table = this.#tableAt(file, this.#end, size)
      if (table === undefined) {
        if (cuts) ftruncateSync(file, this.#end)
        return
      }
      this.#note(table, this.#end)
    }
  }

  /** The table of an entry; undefined where its append was cut short: only the last can have been. */
  #tableAt(file: number, from: number, size: number): DocumentTable | undefined {
    const frame = readEntryFrame(part(file, from, Math.min(FRAME_BYTES, size - from)), nodeHasher)
    if (frame === undefined) {
      // A frame further on says that this one is damaged.
      readEntryFrame(part(file, from + 1, size - from - 1), nodeHasher)
      return undefined
    }
    const isLast = from + frame.length >= size
    if (from + frame.length > size) return undefined
    const bytes = part(file, from + FRAME_BYTES, frame.head - FRAME_BYTES)
    const table = readDocumentTable(frame, bytes, nodeHasher)
    if (table !== undefined && (!isLast || isWhole(file, table, from))) return table
    if (isLast) return undefined
    throw damagedDocument()
  }

  #note({ places, length }: DocumentTable, from: number): void {
    for (const { name, at } of places)
      this.#places.set(name, at === undefined ? undefined : { ...at, offset: from + at.offset })
    this.#end = from + length
  }
}

/** Cuts off an append that failed, unless another shelf has written behind it; what stays is cut off by the next one. */
function takeBack(file: number, start: number, length: number): void {
  try {
    if (fstatSync(file).size <= start + length) ftruncateSync(file, start)
  } catch {
    // The disk that failed the append may fail this too.
  }
}

function isWhole(file: number, { places }: DocumentTable, from: number): boolean {
  return places.every(
    ({ at }) =>
      at === undefined || toHex(nodeHasher.sha256(part(file, from + at.offset, at.length))) === at.hash,
  )
}

function part(file: number, from: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const read = readSync(file, bytes, at, length - at, from + at)
    if (read === 0) throw damagedDocument()
    at += read
  }
  return bytes
}
