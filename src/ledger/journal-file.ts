/**
 * The journal on disk: appended and synced before a block is executed, cut back where an append failed.
 *
 * Law: `append` returns only when the block survives a power cut; when it throws, the file is as it was, or the journal
 * takes nothing more until the failed write could be cut off (`JOURNAL_BROKEN`).
 */
import {
  decodeBlock,
  encodeRecord,
  type JournalBlock,
  type JournalEntry,
  type JournalGenesis,
  RECORD_HEADER_BYTES,
  RECORDS_START,
  readJournal,
} from '../journal/index.ts'
import { type Bytes, type Hash32, IsletError } from '../vocabulary/index.ts'
import type { AppendFile, Disk } from './disk.ts'
import { nodeSha256 } from './head-mark.ts'
import { encodeBlock, encodeGenesis } from './journal-encoding.ts'

/** Where a transaction stands in the journal. */
export interface JournalPlace {
  readonly height: number
  /** Index among the record's transactions. */
  readonly index: number
}

export class JournalFile {
  readonly path: string
  readonly genesis: JournalGenesis
  readonly #disk: Disk
  readonly #file: AppendFile
  /** Offset of each block's record, by height − 1. */
  readonly #offsets: number[]
  #lastHash: Bytes
  /** Where the last whole record ends; an append under way lies behind it. */
  #end: number
  /** Where the good part ends, while a failed write could not be cut off. */
  #cutTo: number | undefined

  private constructor(
    path: string,
    genesis: JournalGenesis,
    disk: Disk,
    file: AppendFile,
    lastHash: Bytes,
    offsets: number[],
  ) {
    this.path = path
    this.genesis = genesis
    this.#disk = disk
    this.#file = file
    this.#lastHash = lastHash
    this.#offsets = offsets
    this.#end = file.size
  }

  /**
   * Opens a journal, cutting off an append that a crash cut short, or begins one. `visit` sees every block.
   * Throws `RECORDS_CORRUPT`, `JOURNAL_MALFORMED`, `JOURNAL_OUT_OF_ORDER` and the codes of the disk.
   */
  static async open(
    disk: Disk,
    path: string,
    begin: () => Promise<JournalGenesis>,
    visit: (entry: JournalEntry) => void,
  ): Promise<JournalFile> {
    const content = await disk.read(path)
    const opened = content === undefined ? undefined : readJournal(content, nodeSha256)
    if (opened === undefined) {
      const genesis = await begin()
      const { bytes, hash } = encodeRecord(RECORDS_START, encodeGenesis(genesis), nodeSha256)
      const file = await disk.openAppend(path)
      if (file.size > 0) await file.truncate(0)
      await file.append(bytes)
      await file.sync()
      return new JournalFile(path, genesis, disk, file, hash, [])
    }
    const offsets: number[] = []
    for (;;) {
      const next = opened.entries.next()
      if (next.done) {
        const file = await disk.openAppend(path)
        if (next.value.torn > 0) {
          await file.truncate(next.value.bytes)
          await file.sync()
        }
        return new JournalFile(path, opened.genesis, disk, file, next.value.hash, offsets)
      }
      offsets.push(next.value.offset)
      visit(next.value)
    }
  }

  get height(): number {
    return this.#offsets.length
  }

  get bytes(): number {
    return this.#file.size
  }

  /** Hash of the last record: names the whole journal. */
  get lastHash(): Bytes {
    return this.#lastHash
  }

  /** Appends one block and syncs. */
  async append(block: JournalBlock): Promise<void> {
    if (this.#cutTo !== undefined) {
      await this.#cutBack(this.#cutTo)
      if (this.#cutTo !== undefined) {
        throw new IsletError(
          'JOURNAL_BROKEN',
          'an earlier write to the journal failed and cannot be taken back yet',
          {},
          { remedy: 'Mend the disk; nothing acknowledged is lost.' },
        )
      }
    }
    const before = this.#file.size
    const { bytes, hash } = encodeRecord(this.#lastHash, encodeBlock(block), nodeSha256)
    try {
      await this.#file.append(bytes)
      await this.#file.sync()
    } catch (error) {
      await this.#cutBack(before)
      throw error
    }
    this.#lastHash = hash
    this.#offsets.push(before)
    this.#end = before + bytes.length
  }

  async #cutBack(size: number): Promise<void> {
    try {
      await this.#file.truncate(size)
      await this.#file.sync()
      this.#cutTo = undefined
    } catch {
      this.#cutTo = size
    }
  }

  /** A block by height, read from the disk; undefined beyond the end. */
  async block(height: number): Promise<JournalBlock | undefined> {
    const from = this.#offsets[height - 1]
    if (from === undefined) return undefined
    const until = this.#offsets[height] ?? this.#end
    const record = await this.#disk.readPart(this.path, from, until - from)
    return decodeBlock(record.subarray(RECORD_HEADER_BYTES), from)
  }

  close(): Promise<void> {
    return this.#file.close()
  }
}

/** Idempotency keys and where they led, as a map that stays small: one number a key. */
export class KeyIndex {
  readonly #places = new Map<Hash32, number>()

  add(block: JournalBlock): void {
    block.transactions.forEach(({ keys }, index) => {
      for (const key of keys) this.#places.set(key, block.height * 65_536 + index)
    })
  }

  find(key: Hash32): JournalPlace | undefined {
    const place = this.#places.get(key)
    return place === undefined ? undefined : { height: Math.floor(place / 65_536), index: place % 65_536 }
  }
}
