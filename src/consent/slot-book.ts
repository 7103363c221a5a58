/**
 * An institution's anchor slots: leaves go into the open slot; a closed slot becomes one padded root on the ledger.
 *
 * Laws: every slot is anchored, empty ones too, with a padded count (PROTOCOL 13, DESIGN law 3); a leaf is durable
 * before its place is told; the tree of a closed slot never changes, also after somebody in it was erased: the leaf
 * hashes stay, what they stand for is gone.
 * A slot is a fixed number of minutes, written in the institution's plan; its number is minutes since 1970 ÷ length.
 */
import Type from 'typebox'
import { Base64UrlField, Hash32Field } from '../api/index.ts'
import { type Crypto, type SlotTree, slotTree } from '../vault/index.ts'
import {
  concat,
  fromBase64Url,
  hash32,
  type InstitutionId,
  IsletError,
  type Json,
  toBase64Url,
  toHex,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import type { AnchoredRoot, ChainReader, ChainWriter } from './chain.ts'
import { Count, parseText, record } from './document.ts'
import { serially } from './serially.ts'
import { getText, putJson, type Shelf } from './shelf.ts'

const HASH_BYTES = 32
/** After a long silence, at most this many empty slots are anchored afterwards; the gap before them shows. */
const CATCH_UP = 500

const BatchSchema = record({ leaves: Base64UrlField, note: Type.Unsafe<Json>({}) })
const ClosedSchema = record({ leaves: Base64UrlField, root: Hash32Field, count: Count, block: Count })
const PadSchema = record({ key: Base64UrlField })

/** Where a leaf stands. */
export interface Place {
  readonly slot: number
  readonly index: number
}

/** A note kept beside leaves, with their places. */
export interface Batch {
  readonly slot: number
  readonly first: number
  readonly count: number
  readonly note: Json
  readonly name: string
}

export interface SlotBook {
  readonly minutes: number
  /** Places leaves in the open slot, durably, with a note; leaf hashes are made once their places are known. */
  place(
    count: number,
    leafAt: (place: Place) => Uint8Array,
    note: Json,
  ): Promise<{ readonly slot: number; readonly first: number }>
  /** Every batch and its note, in order. */
  batches(): Promise<readonly Batch[]>
  /** Replaces the note of a batch, leaving its leaves. */
  rewrite(batch: Batch, note: Json): Promise<void>
  /** Closes and anchors every slot that has ended; `early` closes the open one too. Gives the slots closed. */
  close(early?: boolean): Promise<readonly number[]>
  /** Path of a leaf in a closed slot, or undefined while its slot is open. */
  proof(place: Place): Promise<(AnchoredRoot & { readonly path: readonly Uint8Array[] }) | undefined>
}

interface OpenSlot {
  readonly slot: number
  readonly leaves: Uint8Array[]
  sequence: number
}

/** Opens an institution's slots. Throws `SLOT_LENGTH_WRONG`, `DOCUMENT_REFUSED`. */
export async function openSlotBook(ports: {
  readonly minutes: number
  readonly shelf: Shelf
  readonly crypto: Crypto
  readonly own: InstitutionId
  readonly chain: Pick<ChainWriter, 'anchor'> & Pick<ChainReader, 'anchorAt'>
  readonly clock: () => UnixSeconds
}): Promise<SlotBook> {
  const { minutes, shelf, crypto, clock } = ports
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 1440) {
    throw new IsletError('SLOT_LENGTH_WRONG', 'a slot is 1 to 1,440 minutes', { minutes })
  }
  const padKey = await padding(shelf, crypto)
  const trees = new Map<number, SlotTree>()
  const closed = new Map<number, AnchoredRoot & { readonly leaves: Uint8Array }>()
  for (const name of await shelf.list('closed/')) {
    const document = parseText(ClosedSchema, (await getText(shelf, name)) ?? '', 'closed slot')
    const { root, count, block } = document
    closed.set(numberOf(name), { root, count, block, leaves: fromBase64Url(document.leaves) })
  }
  let latest = Math.max(0, ...closed.keys())
  const slotNow = (): number => Math.max(Math.floor(clock() / 60 / minutes), latest + 1)
  let open = await reopen(shelf, latest, slotNow())
  const one = serially()

  const treeOf = (leaves: readonly Uint8Array[], slot: number): SlotTree =>
    slotTree(leaves, { key: padKey, slot: slotName(slot) }, crypto.hasher)

  /** Anchors first, then writes the slot down; a slot found anchored after a crash is written down as it is. */
  const closeSlot = async (slot: number, leaves: readonly Uint8Array[]): Promise<void> => {
    const tree = treeOf(leaves, slot)
    const root = hash32(toHex(tree.root))
    const made = await ports.chain.anchorAt(ports.own, 'objects', slot)
    if (made !== undefined && made.root !== root) {
      throw new IsletError('SLOT_ANCHORED_OTHERWISE', 'the ledger holds another root for this slot', { slot })
    }
    const { block } = made ?? (await ports.chain.anchor('objects', { slot, root, count: tree.size }))
    const flat = concat(...leaves)
    await putJson(shelf, `closed/${slotText(slot)}`, {
      leaves: toBase64Url(flat),
      root,
      count: tree.size,
      block,
    })
    closed.set(slot, { root, count: tree.size, block, leaves: flat })
    trees.set(slot, tree)
    latest = slot
  }

  const closeUpTo = async (end: number): Promise<readonly number[]> => {
    const done: number[] = []
    const first = latest === 0 ? open.slot : Math.max(latest + 1, Math.min(open.slot, end - CATCH_UP))
    for (let slot = first; slot < end; slot++) {
      await closeSlot(slot, slot === open.slot ? open.leaves : [])
      done.push(slot)
    }
    if (open.slot < end) open = { slot: Math.max(end, slotNow()), leaves: [], sequence: 0 }
    return done
  }

  // A crash between anchoring and writing down: the slot is closed on the ledger, so no leaf may join it any more.
  if ((await ports.chain.anchorAt(ports.own, 'objects', open.slot)) !== undefined)
    await closeUpTo(open.slot + 1)

  return {
    minutes,
    place: (count, leafAt, note) =>
      one(async () => {
        const now = slotNow()
        if (open.leaves.length === 0 && open.sequence === 0)
          open = { slot: Math.max(now, open.slot), leaves: [], sequence: 0 }
        const { slot } = open
        const first = open.leaves.length
        const leaves = Array.from({ length: count }, (_, i) => leafAt({ slot, index: first + i }))
        const name = `batches/${slotText(slot)}/${String(open.sequence).padStart(8, '0')}`
        await putJson(shelf, name, { leaves: toBase64Url(concat(...leaves)), note })
        open.sequence += 1
        open.leaves.push(...leaves)
        return { slot, first }
      }),
    batches: () => one(() => readBatches(shelf)),
    rewrite: (batch, note) =>
      one(async () => {
        const document = parseText(BatchSchema, (await getText(shelf, batch.name)) ?? '', 'slot batch')
        await putJson(shelf, batch.name, { leaves: document.leaves, note })
      }),
    close: (early = false) => one(() => closeUpTo(early ? Math.max(open.slot + 1, slotNow()) : slotNow())),
    proof: async ({ slot, index }) => {
      const anchored = closed.get(slot)
      if (anchored === undefined) return undefined
      let tree = trees.get(slot)
      if (tree === undefined) {
        tree = treeOf(split(anchored.leaves), slot)
        trees.set(slot, tree)
      }
      const { root, count, block } = anchored
      return { root, count, block, path: tree.inclusion(index) }
    },
  }
}

/** Name of a slot in salts and padding. */
export function slotName(slot: number): Uint8Array {
  return utf8(`slot ${slot}`)
}

function slotText(slot: number): string {
  return String(slot).padStart(12, '0')
}

function numberOf(name: string): number {
  return Number(name.split('/')[1])
}

function split(flat: Uint8Array): readonly Uint8Array[] {
  return Array.from({ length: flat.length / HASH_BYTES }, (_, i) =>
    flat.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES),
  )
}

async function padding(shelf: Shelf, crypto: Crypto): Promise<Uint8Array> {
  const text = await getText(shelf, 'padding')
  if (text !== undefined) return fromBase64Url(parseText(PadSchema, text, 'padding key').key)
  const key = crypto.cipher.random(HASH_BYTES)
  await putJson(shelf, 'padding', { key: toBase64Url(key) })
  return key
}

async function reopen(shelf: Shelf, latest: number, now: number): Promise<OpenSlot> {
  const batches = (await readBatches(shelf)).filter((batch) => batch.slot > latest)
  const slot = batches[0]?.slot ?? now
  const leaves: Uint8Array[] = []
  for (const batch of batches) {
    const document = parseText(BatchSchema, (await getText(shelf, batch.name)) ?? '', 'slot batch')
    leaves.push(...split(fromBase64Url(document.leaves)))
  }
  return { slot, leaves, sequence: batches.length }
}

async function readBatches(shelf: Shelf): Promise<readonly Batch[]> {
  const batches: Batch[] = []
  let slot = -1
  let next = 0
  for (const name of await shelf.list('batches/')) {
    const document = parseText(BatchSchema, (await getText(shelf, name)) ?? '', 'slot batch')
    if (numberOf(name) !== slot) next = 0
    slot = numberOf(name)
    const count = fromBase64Url(document.leaves).length / HASH_BYTES
    batches.push({ slot, first: next, count, note: document.note, name })
    next += count
  }
  return batches
}
