/**
 * Verifies an access log from its files alone: no node, no network, no key of a person needed.
 *
 * Laws: every entry is hashed anew, so nothing rests on the log's own tiles; heads that others hold (other members,
 * witnesses, the ledger) must be prefixes of it, or the log has shown two histories; an entry that opens under no
 * given key is sealed or erased, and that is no fault (PROTOCOL 16). A log alone proves consistency with itself only:
 * without a head from elsewhere the verdict says `anchored: false` (PROTOCOL 18).
 */
import { type Bytes, concat, equalBytes, isIsletError } from '../vocabulary/index.ts'
import {
  type CheckpointReading,
  type NoteKey,
  type NoteVerifier,
  noteFromBytes,
  readCheckpoint,
  type TreeHead,
} from './checkpoint-note.ts'
import { cosignatures } from './checkpoint-witness.ts'
import { type AccessClear, openEntry, readEntry } from './log-entry.ts'
import {
  CHECKPOINT_PATH,
  decodeBundle,
  TILE_WIDTH,
  type TileName,
  tilePath,
  tileRoot,
  tilesOf,
} from './log-tiles.ts'
import { type Frontier, frontier } from './merkle-frontier.ts'
import { HASH_BYTES, leafHash } from './merkle-hash.ts'
import type { Crypto } from './suite.ts'

export type LogFindingCode =
  /** There is no checkpoint, or it is no note of this log. */
  | 'LOG_CHECKPOINT_MISSING'
  | 'LOG_CHECKPOINT_MALFORMED'
  | 'LOG_ORIGIN_WRONG'
  | 'LOG_SIGNATURE_WRONG'
  | 'LOG_COSIGNATURE_WRONG'
  /** Entries are missing that a signed or known head counts. */
  | 'LOG_TRUNCATED'
  /** An entry is not the one its tile was built from: edited, swapped or removed before it. */
  | 'LOG_LEAF_WRONG'
  | 'LOG_TILE_WRONG'
  /** The entries do not have the root that was signed. */
  | 'LOG_ROOT_WRONG'
  /** A head that somebody else holds is not a prefix of this log. */
  | 'LOG_FORKED'
  | 'LOG_ENTRY_MALFORMED'
  | 'LOG_COMMITMENT_BROKEN'

export interface LogFinding {
  readonly code: LogFindingCode
  readonly what: string
  /** Which file, entry or head. */
  readonly where: string
}

/** A head held by somebody else; `from` says by whom, for people. */
export interface KnownHead {
  readonly size: number
  readonly root: Uint8Array
  readonly from: string
}

export interface LogVerifyOptions {
  readonly origin: string
  /** Keys of the log, newest first. */
  readonly keys: readonly Uint8Array[]
  readonly verifier: NoteVerifier
  readonly crypto: Crypto
  /** Heads from elsewhere: ledger anchors, or heads read out of checkpoints that others kept. */
  readonly heads?: readonly KnownHead[]
  /** Checkpoint notes that others kept, whole. */
  readonly checkpoints?: readonly { readonly note: string; readonly from: string }[]
  readonly witnesses?: readonly NoteKey[]
  /** Log keys at hand; entries that open are checked against their commitment. */
  readonly logKeys?: readonly Uint8Array[]
  /** Told of every well-formed entry in order, for checks against the ledger. */
  readonly onEntry?: (clear: AccessClear, index: number, entry: Bytes) => void
}

export interface LogVerdict {
  readonly findings: readonly LogFinding[]
  /** Whether a head from elsewhere was compared. */
  readonly anchored: boolean
  readonly size: number
  readonly root: Bytes
  /** Entries that opened under the given keys, and those that did not: sealed to others, or erased. */
  readonly opened: number
  readonly sealed: number
  /** Names of the witnesses whose cosignature under the checkpoint holds. */
  readonly witnessed: readonly string[]
}

/** Gives a file of the log, or undefined. */
type Read = (path: string) => Promise<Bytes | undefined>

/** Findings of one kind are listed up to this many. */
const LISTED = 20

/** Verifies a log, file by file; memory grows by a 256th of a hash per entry. */
export async function verifyLog(read: Read, options: LogVerifyOptions): Promise<LogVerdict> {
  const findings = new Findings()
  const { head, witnessed } = await readOwnCheckpoint(read, options, findings)
  const heads = [...(options.heads ?? []), ...keptHeads(options, findings)].toSorted(
    (a, b) => a.size - b.size,
  )
  const walk = new Walk(options, heads, findings)
  if (head !== undefined) await walk.entries(read, head.size)
  const root = walk.tree.root()
  if (head !== undefined && walk.tree.size === head.size && !equalBytes(root, head.root)) {
    findings.add('LOG_ROOT_WRONG', 'the entries do not have the root that was signed', `size ${head.size}`)
  }
  await walk.upperTiles(read)
  walk.unreached()
  const { opened, sealed } = walk
  return {
    findings: findings.list,
    anchored: heads.length > 0,
    size: walk.tree.size,
    root,
    opened,
    sealed,
    witnessed,
  }
}

async function readOwnCheckpoint(
  read: Read,
  options: LogVerifyOptions,
  findings: Findings,
): Promise<{ readonly head: TreeHead | undefined; readonly witnessed: readonly string[] }> {
  const bytes = await read(CHECKPOINT_PATH)
  if (bytes === undefined) {
    findings.add('LOG_CHECKPOINT_MISSING', 'the log has no signed checkpoint', CHECKPOINT_PATH)
    return { head: undefined, witnessed: [] }
  }
  const reading = readCheckpoint(noteFromBytes(bytes) ?? '', options, options.verifier, options.crypto.hasher)
  if (!reading.ok) {
    findings.add(CODES[reading.code], WORDS[reading.code], CHECKPOINT_PATH)
    return { head: undefined, witnessed: [] }
  }
  const seen = cosignatures(reading.note, options.witnesses ?? [], options.verifier, options.crypto.hasher)
  for (const name of seen.false) {
    findings.add('LOG_COSIGNATURE_WRONG', 'a witness did not sign this checkpoint', name)
  }
  return { head: reading.head, witnessed: seen.valid.map(({ name }) => name) }
}

/** Heads out of checkpoints that others kept: only those this log truly signed count against it. */
function keptHeads(options: LogVerifyOptions, findings: Findings): readonly KnownHead[] {
  return (options.checkpoints ?? []).flatMap(({ note, from }) => {
    const reading = readCheckpoint(note, options, options.verifier, options.crypto.hasher)
    if (reading.ok) return [{ size: reading.head.size, root: reading.head.root, from }]
    findings.add(CODES[reading.code], WORDS[reading.code], `checkpoint kept by ${from}`)
    return []
  })
}

/** Walks the entries once: hashes, opens, and compares with known heads as their sizes come by. */
class Walk {
  readonly tree: Frontier
  /** Roots of the full tiles of the level below, one behind the other: what the tiles of level 1 must hold. */
  readonly #roots: Bytes[] = []
  opened = 0
  sealed = 0
  readonly #options: LogVerifyOptions
  readonly #heads: KnownHead[]
  readonly #findings: Findings

  constructor(options: LogVerifyOptions, heads: readonly KnownHead[], findings: Findings) {
    this.#options = options
    this.#heads = [...heads]
    this.#findings = findings
    this.tree = frontier(options.crypto.hasher)
    this.#compareHeads()
  }

  async entries(read: Read, size: number): Promise<void> {
    for (const tile of tilesOf(size)) {
      if (tile.level >= 0) break
      const path = tilePath(tile)
      const entries = await this.#bundle(read, path, tilePath({ ...tile, width: TILE_WIDTH }))
      const hashes = new Uint8Array(Math.min(entries.length, tile.width) * HASH_BYTES)
      for (const [place, entry] of entries.slice(0, tile.width).entries()) {
        const leaf = leafHash(entry, this.#options.crypto.hasher)
        hashes.set(leaf, place * HASH_BYTES)
        await this.#entry(entry, tile.index * TILE_WIDTH + place)
        this.tree.append(leaf)
        this.#compareHeads()
      }
      await this.#compareTile(read, { level: 0, index: tile.index, width: tile.width }, hashes)
      if (hashes.length === TILE_WIDTH * HASH_BYTES)
        this.#roots.push(tileRoot(hashes, this.#options.crypto.hasher))
      if (entries.length < tile.width) {
        const missing = `${size - this.tree.size} of ${size} entries are missing or out of reach`
        this.#findings.add('LOG_TRUNCATED', missing, path)
        return
      }
    }
  }

  /** The published tiles above the leaves against the entries that were read. */
  async upperTiles(read: Read): Promise<void> {
    let below = this.#roots
    for (let level = 1; below.length > 0; level++) {
      const roots: Bytes[] = []
      for (let index = 0; index * TILE_WIDTH < below.length; index++) {
        const hashes = concat(...below.slice(index * TILE_WIDTH, (index + 1) * TILE_WIDTH))
        const width = hashes.length / HASH_BYTES
        await this.#compareTile(read, { level, index, width }, hashes)
        if (width === TILE_WIDTH) roots.push(tileRoot(hashes, this.#options.crypto.hasher))
      }
      below = roots
    }
  }

  /** Heads larger than the log: entries that somebody saw are gone. */
  unreached(): void {
    for (const head of this.#heads) {
      const what = `a head of ${head.size} entries is known, the log has ${this.tree.size}`
      this.#findings.add('LOG_TRUNCATED', what, head.from)
    }
  }

  async #bundle(read: Read, path: string, full: string): Promise<readonly Bytes[]> {
    // A partial bundle may go once the full one is there (tlog-tiles, "Partial Tiles").
    const bytes = (await read(path)) ?? (await read(full))
    if (bytes === undefined) return []
    try {
      return decodeBundle(bytes)
    } catch (error) {
      if (!isIsletError(error, 'LOG_BUNDLE_WRONG')) throw error
      this.#findings.add('LOG_ENTRY_MALFORMED', 'a bundle of entries is cut short', path)
      return []
    }
  }

  /** A wrong tile of leaves names the first entry that differs. */
  async #compareTile(read: Read, tile: TileName, hashes: Bytes): Promise<void> {
    const path = tilePath(tile)
    const given = (await read(path)) ?? (await read(tilePath({ ...tile, width: TILE_WIDTH })))
    if (given === undefined) {
      this.#findings.add('LOG_TILE_WRONG', 'a tile of hashes is missing', path)
      return
    }
    const differs = firstDifference(hashes, given)
    if (differs === undefined) return
    if (tile.level > 0) {
      this.#findings.add('LOG_TILE_WRONG', 'a tile of hashes is not that of the entries', path)
    } else {
      const what = 'an entry is not the one its tile was built from'
      this.#findings.add('LOG_LEAF_WRONG', what, `entry ${tile.index * TILE_WIDTH + differs}`)
    }
  }

  async #entry(entry: Bytes, index: number): Promise<void> {
    try {
      const { clear } = readEntry(entry)
      this.#options.onEntry?.(clear, index, entry)
    } catch (error) {
      if (!isIsletError(error, 'LOG_ENTRY_WRONG')) throw error
      this.#findings.add('LOG_ENTRY_MALFORMED', 'an entry is not in the format of the log', `entry ${index}`)
      return
    }
    for (const key of this.#options.logKeys ?? []) {
      const reading = await openEntry(entry, key, this.#options.crypto)
      if (reading.code === 'SEALED') continue
      this.opened += 1
      if (reading.code === 'COMMITMENT_BROKEN') {
        const what = 'the sealed part of an entry is not what the entry commits to'
        this.#findings.add('LOG_COMMITMENT_BROKEN', what, `entry ${index}`)
      }
      return
    }
    this.sealed += 1
  }

  #compareHeads(): void {
    for (let head = this.#heads[0]; head?.size === this.tree.size; head = this.#heads[0]) {
      this.#heads.shift()
      if (!equalBytes(this.tree.root(), head.root)) {
        const what = `at ${head.size} entries this log has another root than the one known from elsewhere`
        this.#findings.add('LOG_FORKED', what, head.from)
      }
    }
  }
}

function firstDifference(expected: Bytes, given: Bytes): number | undefined {
  for (let at = 0; at < expected.length; at += HASH_BYTES) {
    if (!equalBytes(expected.subarray(at, at + HASH_BYTES), given.subarray(at, at + HASH_BYTES))) {
      return at / HASH_BYTES
    }
  }
  return undefined
}

class Findings {
  readonly list: LogFinding[] = []
  add(code: LogFindingCode, what: string, where: string): void {
    if (this.list.filter((finding) => finding.code === code).length < LISTED)
      this.list.push({ code, what, where })
  }
}

type Unread = Extract<CheckpointReading, { ok: false }>['code']
const CODES: Readonly<Record<Unread, LogFindingCode>> = {
  NOTE_MALFORMED: 'LOG_CHECKPOINT_MALFORMED',
  NOTE_ORIGIN_WRONG: 'LOG_ORIGIN_WRONG',
  NOTE_KEY_UNKNOWN: 'LOG_SIGNATURE_WRONG',
  NOTE_SIGNATURE_WRONG: 'LOG_SIGNATURE_WRONG',
}
const WORDS: Readonly<Record<Unread, string>> = {
  NOTE_MALFORMED: 'the checkpoint is no signed note',
  NOTE_ORIGIN_WRONG: 'the checkpoint is of another log',
  NOTE_KEY_UNKNOWN: 'no key of this log signed the checkpoint',
  NOTE_SIGNATURE_WRONG: 'the signature under the checkpoint is false',
}
