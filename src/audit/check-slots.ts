/**
 * One institution's anchor slots and sealed objects: leaves to roots, objects to leaves.
 *
 * Laws: every anchored slot has its leaves, and they have the anchored root; with the objects, every leaf stands for a
 * chunk that is there, for padding that can be shown to be padding, or for somebody on the erasure list; a correction is
 * a further revision and the earlier ones stay.
 */
import {
  type ChunkContext,
  chunkLeafData,
  chunksOf,
  cidOf,
  merkleTreeOver,
  type StoredChunk,
  saltedLeafHash,
} from '../vault/index.ts'
import { nodeHasher } from '../vault/node-cipher.door.ts'
import {
  type Bytes,
  type Cid,
  equalBytes,
  fromBase64Url,
  fromHex,
  type InstitutionId,
  isIsletError,
  KINDS,
  toHex,
} from '../vocabulary/index.ts'
import type { PlacedResult } from './check-results.ts'
import { type DumpSlot, institutionPaths, ObjectSchema, parse, SlotSchema } from './dump-format.ts'
import type { DumpReader } from './dump-reader.ts'
import type { Findings } from './finding.ts'
import type { AnchoredSlot, LedgerHistory } from './history.ts'

type Who = { readonly id: InstitutionId; readonly key: string }

export interface SlotsChecked {
  readonly slots: number
  readonly leaves: number
  readonly objects: number
  readonly erased: number
}

const HASH_BYTES = 32
const NOTHING = new Uint8Array(0)

export async function checkSlots(
  dump: DumpReader,
  who: Who,
  against: {
    readonly history: LedgerHistory
    readonly objects: 'included' | 'names'
    /** Recorded results of this institution, each with the place of its leaf. */
    readonly results: readonly PlacedResult[]
  },
  findings: Findings,
  progress: (bytes: number) => void,
): Promise<SlotsChecked> {
  const { history, objects, results } = against
  const check = new SlotCheck(dump, who, history, results, findings)
  await check.readObjectList()
  await check.slots(objects === 'included', progress)
  if (objects === 'included') await check.otherObjects()
  return check.counts
}

class SlotCheck {
  readonly #dump: DumpReader
  readonly #paths: ReturnType<typeof institutionPaths>
  readonly #anchors: ReadonlyMap<number, AnchoredSlot>
  readonly #findings: Findings
  readonly #listed = new Map<Cid, number>()
  readonly #met = new Set<Cid>()
  /** Newest revision met of each stream, kind and hour. */
  readonly #revisions = new Map<string, number>()
  /** Kinds and hours of which a chunk could not be read: what came before it there cannot be told. */
  readonly #doubtful = new Set<string>()
  readonly #results = new Map<number, readonly PlacedResult[]>()
  #erasedEntries: ReadonlySet<string> = new Set()
  #open: { readonly cid: Cid; readonly chunks: readonly StoredChunk[] | undefined } | undefined
  #slots = 0
  #leaves = 0
  #erased = 0

  constructor(
    dump: DumpReader,
    who: Who,
    history: LedgerHistory,
    results: readonly PlacedResult[],
    findings: Findings,
  ) {
    for (const result of results) {
      this.#results.set(result.slot, [...(this.#results.get(result.slot) ?? []), result])
    }
    this.#dump = dump
    this.#paths = institutionPaths(who.key)
    this.#anchors = new Map(history.anchors(who.id, 'objects').map((anchor) => [anchor.slot, anchor]))
    this.#findings = findings
  }

  get counts(): SlotsChecked {
    return { slots: this.#slots, leaves: this.#leaves, objects: this.#listed.size, erased: this.#erased }
  }

  async readObjectList(): Promise<void> {
    let place = 0
    for await (const text of this.#dump.lines(this.#paths.objectList)) {
      place += 1
      const object = parse(ObjectSchema, text)
      if (object === undefined)
        this.#findings.add('DOCUMENT_MALFORMED', `${this.#paths.objectList}, line ${place}`)
      else this.#listed.set(object.cid, object.bytes)
    }
    const erased = (await this.#dump.text(this.#paths.erased)) ?? ''
    this.#erasedEntries = new Set(erased.split('\n').filter((entry) => entry !== ''))
  }

  async slots(stands: boolean, progress: (bytes: number) => void): Promise<void> {
    const met = new Set<number>()
    let latest = 0
    let place = 0
    for await (const text of this.#dump.lines(this.#paths.slots)) {
      place += 1
      const slot = parse(SlotSchema, text)
      if (slot === undefined) {
        this.#findings.add('DOCUMENT_MALFORMED', `${this.#paths.slots}, line ${place}`)
        continue
      }
      const where = `${this.#paths.slots}, slot ${slot.slot}`
      if (slot.slot <= latest) this.#findings.add('SLOT_OUT_OF_ORDER', where)
      latest = Math.max(latest, slot.slot)
      met.add(slot.slot)
      try {
        await this.#slot(slot, where, stands)
      } catch (error) {
        if (!isIsletError(error, 'NOT_BASE64URL')) throw error
        this.#findings.add('DOCUMENT_MALFORMED', where)
      }
      progress(text.length)
    }
    for (const [slot, results] of this.#results) {
      for (const { where } of met.has(slot) ? [] : results) this.#findings.add('ANALYSIS_NOT_OF_LEAF', where)
    }
    for (const { slot, height } of this.#anchors.values()) {
      if (!met.has(slot))
        this.#findings.add('SLOT_MISSING', `${this.#paths.slots}, slot ${slot}`, `block ${height}`)
    }
  }

  async #slot(slot: DumpSlot, where: string, stands: boolean): Promise<void> {
    this.#slots += 1
    const anchor = this.#anchors.get(slot.slot)
    if (anchor === undefined) {
      this.#findings.add('SLOT_NOT_ANCHORED', where)
      return
    }
    const named = slot.root === anchor.root && slot.count === anchor.count && slot.block === anchor.height
    if (!named) this.#findings.add('SLOT_ROOT_ALTERED', where)
    const leaves = fromBase64Url(slot.leaves)
    const count = leaves.length / HASH_BYTES
    const whole = count === anchor.count
    if (!whole || !equalBytes(merkleTreeOver(leaves, nodeHasher).root, fromHex(anchor.root))) {
      this.#findings.add('LEAF_LIST_ALTERED', where)
      if (!Number.isInteger(count)) return
    }
    this.#leaves += count
    this.#resultsOf(slot.slot, leaves)
    if (stands) await this.#standing(slot, leaves, where)
  }

  #resultsOf(slot: number, leaves: Bytes): void {
    for (const { index, salt, digest, where } of this.#results.get(slot) ?? []) {
      const leaf = leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
      const own = salt.length === HASH_BYTES && equalBytes(saltedLeafHash(salt, digest, nodeHasher), leaf)
      if (!own) this.#findings.add('ANALYSIS_NOT_OF_LEAF', where)
    }
  }

  /** What each leaf stands for: chunks and erasures first, padding behind them. */
  async #standing(slot: DumpSlot, leaves: Bytes, where: string): Promise<void> {
    const at = (index: number): Bytes => leaves.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES)
    let index = 0
    for (const batch of slot.stands?.batches ?? []) {
      if ('analysis' in batch) {
        const known = (this.#results.get(slot.slot) ?? []).some((result) => result.index === index)
        if (!known) this.#findings.add('LEAF_UNACCOUNTED', `${where}, leaf ${index}`)
        index += 1
        continue
      }
      if ('erased' in batch) {
        this.#erasure(batch.entry, `${where}, leaf ${index}`)
        this.#erased += batch.erased
        index += batch.erased
        continue
      }
      for (const leaf of batch.leaves) {
        await this.#leaf(leaf, at(index), `${where}, leaf ${index}`)
        index += 1
      }
    }
    const padding = fromBase64Url(slot.stands?.padding ?? '')
    const real = index
    for (; index < leaves.length / HASH_BYTES; index++) {
      const salt = padding.subarray((index - real) * HASH_BYTES, (index - real + 1) * HASH_BYTES)
      const padded =
        salt.length === HASH_BYTES && equalBytes(saltedLeafHash(salt, NOTHING, nodeHasher), at(index))
      if (!padded) this.#findings.add('LEAF_UNACCOUNTED', `${where}, leaf ${index}`)
    }
    if (real + padding.length / HASH_BYTES !== leaves.length / HASH_BYTES)
      this.#findings.add('LEAF_UNACCOUNTED', where)
  }

  #erasure(entry: string, where: string): void {
    if (!this.#erasedEntries.has(entry)) this.#findings.add('ERASURE_NOT_LISTED', where)
  }

  async #leaf(
    leaf: { readonly cid: Cid; readonly part: number; readonly salt: string } & Indexed,
    hash: Bytes,
    where: string,
  ): Promise<void> {
    const chunks = await this.#chunks(leaf.cid)
    if (chunks === undefined) {
      this.#doubtful.add(`${leaf.kind} ${leaf.hour}`)
      return
    }
    const chunk = chunks[leaf.part]
    const data = chunk === undefined ? undefined : chunkLeafData(nodeHasher, chunk.bytes)
    const salt = fromBase64Url(leaf.salt)
    const own =
      chunk !== undefined &&
      data !== undefined &&
      salt.length === HASH_BYTES &&
      equalBytes(saltedLeafHash(salt, data, nodeHasher), hash) &&
      isIndexed(chunk.context, leaf)
    if (own) this.#revision(chunk.context, where)
    else {
      this.#findings.add('OBJECT_NOT_OF_LEAF', `${where}, object ${leaf.cid}`)
      this.#doubtful.add(`${leaf.kind} ${leaf.hour}`)
    }
  }

  /** Revisions of an hour count up by one, chunk by chunk. */
  #revision({ stream, kind, hour, revision }: ChunkContext, where: string): void {
    const name = `${toHex(stream)} ${kind} ${hour}`
    const newest = this.#revisions.get(name) ?? -1
    const doubtful = this.#doubtful.has(`${KINDS.indexOf(kind)} ${hour}`)
    if (revision > newest + 1 && !doubtful) this.#findings.add('REVISION_MISSING', where)
    this.#revisions.set(name, Math.max(newest, revision))
  }

  /** The chunks of an object, after its bytes were compared with its name. */
  async #chunks(cid: Cid): Promise<readonly StoredChunk[] | undefined> {
    if (this.#open?.cid === cid) return this.#open.chunks
    const bytes = await this.#object(cid)
    const chunks = bytes === undefined ? undefined : this.#split(bytes, cid)
    this.#open = { cid, chunks }
    return chunks
  }

  #split(bytes: Bytes, cid: Cid): readonly StoredChunk[] | undefined {
    try {
      return chunksOf(bytes)
    } catch (error) {
      if (!isIsletError(error, 'OBJECT_MALFORMED')) throw error
      this.#findings.add(
        'OBJECT_NOT_OF_LEAF',
        `${this.#paths.objects}/${cid}`,
        'it is no object of the vault',
      )
      return undefined
    }
  }

  /** An object's bytes when they are what the name says; each object is compared once. */
  async #object(cid: Cid): Promise<Bytes | undefined> {
    const where = `${this.#paths.objects}/${cid}`
    const first = !this.#met.has(cid)
    this.#met.add(cid)
    const bytes = await this.#dump.read(where)
    if (bytes === undefined) {
      if (first) this.#findings.add('OBJECT_MISSING', where)
      return undefined
    }
    const found = cidOf(nodeHasher, bytes)
    if (found === cid) {
      if (first && this.#listed.get(cid) !== bytes.length) {
        this.#findings.add(
          'OBJECT_ALTERED',
          where,
          'the list of objects names another size, or does not name it',
        )
      }
      return bytes
    }
    if (first) this.#findings.add(this.#listed.has(found) ? 'OBJECT_SWAPPED' : 'OBJECT_ALTERED', where)
    return undefined
  }

  /** Objects that no leaf named: listed ones and files beside them. */
  async otherObjects(): Promise<void> {
    for (const cid of this.#listed.keys()) {
      if (this.#met.has(cid)) continue
      await this.#object(cid)
      this.#findings.add('OBJECT_WITHOUT_LEAF', `${this.#paths.objects}/${cid}`)
    }
    const listed = new Set<string>(this.#listed.keys())
    for await (const { path } of this.#dump.files(this.#paths.objects)) {
      if (!listed.has(path.slice(this.#paths.objects.length + 1))) this.#findings.add('FILE_UNLISTED', path)
    }
  }
}

/** Where the custodian indexed a chunk. */
interface Indexed {
  readonly kind: number
  readonly hour: number
  readonly revision: number
  readonly overflow: number
}

function isIndexed(context: ChunkContext, index: Indexed): boolean {
  return (
    KINDS.indexOf(context.kind) === index.kind &&
    context.hour === index.hour &&
    context.revision === index.revision &&
    context.overflow === index.overflow
  )
}
