/**
 * What an access log has on disk and what of it is in memory: the entries of the bundle not yet full, and the right edge of
 * the tree.
 *
 * Laws: an entry counts only after it was flushed; an append that failed may still stand in the log, never the reverse;
 * after a crash the log is what was acknowledged, and a log shorter than its own signed checkpoint does not open. After a
 * failed flush nothing is trusted: the log halts.
 * Source: C2SP tlog-tiles for everything on disk but `tail/<N>`, the records of the bundle not yet full.
 */
import { type Bytes, concat, equalBytes, IsletError, utf8 } from '../vocabulary/index.ts'
import {
  type NoteSigner,
  type NoteVerifier,
  noteFromBytes,
  readCheckpoint,
  signCheckpoint,
  type TreeHead,
} from './checkpoint-note.ts'
import type { LogDisk, TailFile } from './log-disk.ts'
import { damaged, diskFailed } from './log-errors.ts'
import { encodeTailRecord, readTail } from './log-tail.ts'
import {
  CHECKPOINT_PATH,
  decodeBundle,
  encodeBundle,
  partialTilesOf,
  proveOverTiles,
  TILE_WIDTH,
  tilePath,
  tileRoot,
} from './log-tiles.ts'
import { HASH_BYTES, leafHash } from './merkle-hash.ts'
import { treeRoot } from './merkle-proof.ts'
import type { Crypto } from './suite.ts'

/** What a log is opened with. */
export interface AccessLogParts {
  readonly disk: LogDisk
  readonly crypto: Crypto
  /** Name of the log, without spaces and plus signs: `islet.log/<institution id>`. */
  readonly origin: string
  readonly signer: NoteSigner
  readonly verifier: NoteVerifier
  /** Earlier keys of the institution, under which an older checkpoint may stand. */
  readonly formerKeys?: readonly Uint8Array[]
}

/** Where an entry stands. */
export interface Appended {
  readonly index: number
  readonly leaf: Bytes
}

/** A signed checkpoint and what it says. */
export interface SignedHead extends TreeHead {
  readonly note: string
}

/** Everything that changes; used by one caller at a time. */
export class LogState {
  readonly #parts: AccessLogParts
  /** Hashes of the tile that is not yet full, per level. */
  readonly #edges: Bytes[][] = [[]]
  #tailEntries: Bytes[] = []
  #tail: TailFile | undefined
  #tailBytes = 0
  #fullBundles = 0
  #halted: string | undefined
  signed: SignedHead | undefined

  private constructor(parts: AccessLogParts) {
    this.#parts = parts
  }

  get size(): number {
    return this.#fullBundles * TILE_WIDTH + this.#tailEntries.length
  }

  static async open(parts: AccessLogParts): Promise<LogState> {
    const state = new LogState(parts)
    await state.#guarded(async () => {
      await state.#recover()
      await state.#checkAgainstCheckpoint()
    })
    return state
  }

  async append(entries: readonly Uint8Array[]): Promise<readonly Appended[]> {
    if (this.#halted !== undefined) {
      throw new IsletError(
        'LOG_HALTED',
        'the access log has halted after a failed write',
        { because: this.#halted },
        { remedy: 'mend the disk and start again; nothing acknowledged is lost' },
      )
    }
    const appended: Appended[] = []
    for (let from = 0; from < entries.length; ) {
      const part = entries.slice(from, from + TILE_WIDTH - this.#tailEntries.length)
      appended.push(...(await this.#appendToTail(part)))
      if (this.#tailEntries.length === TILE_WIDTH) await this.#guarded(() => this.#roll())
      from += part.length
    }
    return appended
  }

  async checkpoint(): Promise<SignedHead> {
    const size = this.size
    if (this.signed?.size === size) return this.signed
    const root = await this.root(size)
    const head = { origin: this.#parts.origin, size, root }
    for (const tile of partialTilesOf(size)) {
      const bytes =
        tile.level < 0 ? encodeBundle(this.#tailEntries) : concat(...(this.#edges[tile.level] ?? []))
      await this.#guarded(() => this.#parts.disk.replace(tilePath(tile), bytes))
    }
    const note = signCheckpoint(head, this.#parts.signer, this.#parts.crypto.hasher)
    await this.#guarded(() => this.#parts.disk.replace(CHECKPOINT_PATH, utf8(note)))
    this.signed = { ...head, note }
    return this.signed
  }

  async entries(from: number, until: number): Promise<readonly Bytes[]> {
    this.#requireInside(from, until)
    const found: Bytes[] = []
    for (let at = from; at < until; ) {
      const index = Math.floor(at / TILE_WIDTH)
      const bundle = index < this.#fullBundles ? await this.#bundle(index) : this.#tailEntries
      const end = Math.min(until, (index + 1) * TILE_WIDTH)
      found.push(...bundle.slice(at - index * TILE_WIDTH, end - index * TILE_WIDTH))
      at = end
    }
    return found
  }

  async prove<T>(size: number, prove: Parameters<typeof proveOverTiles<T>>[0]): Promise<T> {
    this.#requireInside(0, size)
    return proveOverTiles(prove, (level, index) => this.#tile(level, index), this.#parts.crypto.hasher)
  }

  root(size: number): Promise<Bytes> {
    return this.prove(size, (nodes) => treeRoot(size, nodes, this.#parts.crypto.hasher))
  }

  async close(): Promise<void> {
    await this.#tail?.close()
    this.#tail = undefined
    this.#halted = 'closed'
  }

  async #appendToTail(entries: readonly Uint8Array[]): Promise<readonly Appended[]> {
    const { disk, crypto } = this.#parts
    const records = concat(...entries.map((entry) => encodeTailRecord(entry, this.#tailBytes, crypto.hasher)))
    this.#tail ??= await this.#guarded(() => disk.openTail(tailPath(this.#fullBundles)))
    const tail = this.#tail
    try {
      await tail.write(records)
    } catch (cause) {
      // Nothing was synced: what was written in part is cut off, and if that fails too, nothing goes on.
      await this.#guarded(() => tail.truncate(this.#tailBytes))
      throw diskFailed(cause)
    }
    await this.#guarded(() => tail.sync())
    this.#tailBytes += records.length
    return entries.map((entry) => {
      const index = this.size
      const leaf = leafHash(entry, crypto.hasher)
      this.#tailEntries.push(new Uint8Array(entry))
      this.#edges[0]?.push(leaf)
      return { index, leaf }
    })
  }

  /** The tail is full: its hashes and those above become tiles, then its entries a bundle, then it goes. */
  async #roll(): Promise<void> {
    const { disk, crypto } = this.#parts
    const index = this.#fullBundles
    for (let level = 0, at = index; ; level++, at = Math.floor(at / TILE_WIDTH)) {
      const edge = this.#edges[level] ?? []
      if (edge.length < TILE_WIDTH) break
      const tile = concat(...edge)
      await disk.replace(tilePath({ level, index: at, width: TILE_WIDTH }), tile)
      this.#edges[level] = []
      this.#edges[level + 1] = [...(this.#edges[level + 1] ?? []), tileRoot(tile, crypto.hasher)]
      await disk.remove(`${tilePath({ level, index: at, width: TILE_WIDTH })}.p`)
    }
    const bundle = { level: -1, index, width: TILE_WIDTH }
    await disk.replace(tilePath(bundle), encodeBundle(this.#tailEntries))
    this.#fullBundles += 1
    this.#tailEntries = []
    this.#tailBytes = 0
    await this.#tail?.close()
    this.#tail = undefined
    await disk.remove(tailPath(index))
    await disk.remove(`${tilePath(bundle)}.p`)
  }

  async #recover(): Promise<void> {
    const { disk, crypto } = this.#parts
    this.#fullBundles = await this.#countFullBundles()
    await this.#rebuildEdges()
    for (const name of await disk.list('tail')) {
      // A bundle stands already: the crash came between writing it and removing its tail.
      if (Number(name) < this.#fullBundles) await disk.remove(`tail/${name}`)
    }
    const bytes = (await disk.read(tailPath(this.#fullBundles))) ?? new Uint8Array(0)
    const { entries, soundBytes } = readTail(bytes, crypto.hasher)
    if (bytes.length > 0) {
      this.#tail = await disk.openTail(tailPath(this.#fullBundles))
      if (soundBytes < bytes.length) await this.#tail.truncate(soundBytes)
      // What a killed process wrote may stand in the page cache only; later records will call it durable.
      await this.#tail.sync()
    }
    this.#tailBytes = soundBytes
    this.#tailEntries = [...entries]
    this.#edges[0] = entries.map((entry) => leafHash(entry, crypto.hasher))
    if (entries.length > TILE_WIDTH) throw damaged('a tail holds more than a bundle')
    if (entries.length === TILE_WIDTH) await this.#roll()
  }

  /** Bundles are full from the first on: doubling, then halving, finds how many there are. */
  async #countFullBundles(): Promise<number> {
    const stands = async (index: number): Promise<boolean> =>
      (await this.#parts.disk.read(tilePath({ level: -1, index, width: TILE_WIDTH }))) !== undefined
    let low = 0
    let high = 1
    while (await stands(high - 1)) {
      low = high
      high *= 2
    }
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (await stands(middle - 1)) low = middle
      else high = middle
    }
    return low
  }

  async #rebuildEdges(): Promise<void> {
    const { hasher } = this.#parts.crypto
    let full = this.#fullBundles
    for (let level = 1; full > 0; level++, full = Math.floor(full / TILE_WIDTH)) {
      const edge: Bytes[] = []
      for (let index = full - (full % TILE_WIDTH); index < full; index++) {
        edge.push(tileRoot(await this.#tile(level - 1, index), hasher))
      }
      this.#edges[level] = edge
    }
  }

  async #checkAgainstCheckpoint(): Promise<void> {
    const { disk, origin, signer, formerKeys, verifier, crypto } = this.#parts
    const bytes = await disk.read(CHECKPOINT_PATH)
    if (bytes === undefined) return
    const note = noteFromBytes(bytes) ?? ''
    const keys = [signer.publicKey, ...(formerKeys ?? [])]
    const reading = readCheckpoint(note, { origin, keys }, verifier, crypto.hasher)
    if (!reading.ok) {
      throw new IsletError('LOG_CHECKPOINT_WRONG', 'the checkpoint of this log does not verify', {
        because: reading.code,
      })
    }
    const { head } = reading
    if (head.size > this.size) {
      throw new IsletError(
        'LOG_TRUNCATED',
        'the access log is shorter than its signed checkpoint',
        { size: this.size, signed: head.size },
        { remedy: 'restore the log from a backup; do not start with this directory' },
      )
    }
    if (!equalBytes(await this.root(head.size), head.root)) {
      throw damaged('the access log differs from its signed checkpoint')
    }
    this.signed = { ...head, note }
  }

  async #bundle(index: number): Promise<readonly Bytes[]> {
    const bytes = await this.#parts.disk.read(tilePath({ level: -1, index, width: TILE_WIDTH }))
    if (bytes === undefined) throw damaged('a bundle of entries is missing')
    return decodeBundle(bytes)
  }

  async #tile(level: number, index: number): Promise<Bytes> {
    const full = Math.floor(this.size / TILE_WIDTH ** (level + 1))
    if (index >= full) return concat(...(this.#edges[level] ?? []))
    const bytes = await this.#parts.disk.read(tilePath({ level, index, width: TILE_WIDTH }))
    if (bytes?.length !== TILE_WIDTH * HASH_BYTES) throw damaged('a tile is missing or short')
    return bytes
  }

  #requireInside(from: number, until: number): void {
    if (
      !(
        Number.isSafeInteger(from) &&
        Number.isSafeInteger(until) &&
        from >= 0 &&
        from <= until &&
        until <= this.size
      )
    ) {
      throw new IsletError('LEAF_OUT_OF_TREE', 'the log has no such entries', {
        from,
        until,
        size: this.size,
      })
    }
  }

  /** A failure here leaves the disk unknown: the log halts. */
  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (cause) {
      const error = diskFailed(cause)
      this.#halted = error.code
      throw error
    }
  }
}

export function tailPath(index: number): string {
  return `tail/${index}`
}
