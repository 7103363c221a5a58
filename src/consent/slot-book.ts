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
import { type Crypto, HASH_BYTES, type SlotTree, slotTree } from '../vault/index.ts'
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
import type { AnchorSlot } from './anchoring.ts'
import type { AnchoredRoot, ChainReader } from './chain.ts'
import { Count, manyOf, parseText, record } from './document.ts'
import { serially } from './serially.ts'
import { getText, putJson, type Shelf } from './shelf.ts'

/** After a long silence, at most this many empty slots are anchored afterwards; the gap before them shows. */
const CATCH_UP = 500

const Note = Type.Unsafe<Json>({})
const BatchSchema = record({ leaves: Base64UrlField, note: Note })
const ClosedSchema = record({
  leaves: Base64UrlField,
  root: Hash32Field,
  count: Count,
  block: Count,
  /** The notes of what was placed, joined when the slot closed. */
  batches: manyOf(record({ first: Count, count: Count, note: Note }), 1_000_000),
})
const PadSchema = record({ key: Base64UrlField })

/** Where a leaf stands. */
export interface Place {
  readonly slot: number
  readonly index: number
}

/** Where the first of several leaves stands. */
export interface FirstPlace {
  readonly slot: number
  readonly first: number
}

/** A note kept beside leaves, with their places. */
export interface Batch extends NotedLeaves {
  readonly slot: number
}

interface NotedLeaves {
  readonly first: number
  readonly count: number
  readonly note: Json
}

export interface SlotBook {
  readonly minutes: number
  /**
   * Places leaves in the open slot, durably, with a note; leaf hashes are made once their places are known. `before`
   * learns the place first: when it fails, nothing is placed.
   */
  place(
    leavesAt: (place: FirstPlace) => readonly Uint8Array[],
    note: Json,
    before?: (at: FirstPlace) => Promise<void>,
  ): Promise<FirstPlace>
  /** Every batch and its note, in order. */
  batches(): Promise<readonly Batch[]>
  /** Replaces the note of a batch, leaving its leaves. */
  rewrite(batch: Batch, note: Json): Promise<void>
  /** Closes and anchors every slot that has ended; `early` closes the open one too. Gives the slots closed. */
  close(early?: boolean): Promise<readonly number[]>
  /** Path of a leaf in a closed slot, or undefined while its slot is open. */
  proof(place: Place): Promise<(AnchoredRoot & { readonly path: readonly Uint8Array[] }) | undefined>
  /** Paths of leaves in a closed slot together (`verifyShared`), or undefined while it is open. */
  proofs(
    slot: number,
    indexes: readonly number[],
  ): Promise<(AnchoredRoot & { readonly paths: Uint8Array }) | undefined>
}

interface OpenSlot {
  readonly slot: number
  readonly leaves: Uint8Array[]
  readonly batches: NotedLeaves[]
}

type ClosedSlot = AnchoredRoot & { readonly leaves: Uint8Array }

/** Opens an institution's slots. Throws `SLOT_LENGTH_WRONG`, `DOCUMENT_REFUSED`. */
export async function openSlotBook(ports: {
  readonly minutes: number
  readonly shelf: Shelf
  readonly crypto: Crypto
  readonly own: InstitutionId
  readonly chain: Pick<ChainReader, 'anchorAt'>
  readonly anchor: AnchorSlot
  readonly clock: () => UnixSeconds
}): Promise<SlotBook> {
  const { minutes, shelf, crypto, clock } = ports
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > 1440) {
    throw new IsletError('SLOT_LENGTH_WRONG', 'a slot is 1 to 1,440 minutes', { minutes })
  }
  const padKey = await padding(shelf, crypto)
  const trees = new Map<number, SlotTree>()
  const closed = new Map<number, ClosedSlot>()
  for (const name of await shelf.list('closed/')) {
    const { root, count, block, leaves } = await readClosed(shelf, name)
    closed.set(numberOf(name), { root, count, block, leaves: fromBase64Url(leaves) })
  }
  let latest = Math.max(0, ...closed.keys())
  const slotNow = (): number => Math.max(Math.floor(clock() / 60 / minutes), latest + 1)
  let open = await reopen(shelf, latest, slotNow())
  const one = serially()

  const treeOf = (leaves: readonly Uint8Array[], slot: number): SlotTree =>
    slotTree(leaves, { key: padKey, slot: slotName(slot) }, crypto.hasher)

  const anchoredTree = (
    slot: number,
  ): { readonly anchored: AnchoredRoot; readonly tree: SlotTree } | undefined => {
    const known = closed.get(slot)
    if (known === undefined) return undefined
    const { leaves, ...anchored } = known
    const tree = trees.get(slot) ?? treeOf(split(leaves), slot)
    trees.set(slot, tree)
    return { anchored, tree }
  }

  /**
   * Anchors first, then writes the slot down, then drops the batches it was made of; a slot found anchored after a crash
   * is written down as it is.
   */
  const closeSlot = async ({ slot, leaves, batches }: OpenSlot): Promise<void> => {
    const tree = treeOf(leaves, slot)
    const root = hash32(toHex(tree.root))
    const made = await ports.chain.anchorAt(ports.own, 'objects', slot)
    if (made !== undefined && made.root !== root) {
      throw new IsletError('SLOT_ANCHORED_OTHERWISE', 'the ledger holds another root for this slot', { slot })
    }
    const { block } = made ?? (await ports.anchor(slot, { root, count: tree.size }))
    const flat = concat(...leaves)
    const anchored = { root, count: tree.size, block }
    await putJson(shelf, closedName(slot), { leaves: toBase64Url(flat), ...anchored, batches })
    for (const { first } of batches) await shelf.delete(batchName(slot, first))
    closed.set(slot, { ...anchored, leaves: flat })
    latest = Math.max(latest, slot)
  }

  const closeUpTo = async (end: number): Promise<readonly number[]> => {
    const done: number[] = []
    const first = latest === 0 ? open.slot : Math.max(latest + 1, Math.min(open.slot, end - CATCH_UP))
    for (let slot = first; slot < end; slot++) {
      await closeSlot(slot === open.slot ? open : { slot, leaves: [], batches: [] })
      done.push(slot)
    }
    if (open.slot < end) open = emptySlot(Math.max(end, slotNow()))
    return done
  }

  // A crash between anchoring and writing down: the slot is closed on the ledger, so no leaf may join it any more.
  if ((await ports.chain.anchorAt(ports.own, 'objects', open.slot)) !== undefined)
    await closeUpTo(open.slot + 1)

  return {
    minutes,
    place: (leavesAt, note, before) =>
      one(async () => {
        if (open.batches.length === 0) open = emptySlot(Math.max(slotNow(), open.slot))
        const { slot } = open
        const first = open.leaves.length
        await before?.({ slot, first })
        const leaves = leavesAt({ slot, first })
        await putJson(shelf, batchName(slot, first), { leaves: toBase64Url(concat(...leaves)), note })
        open.batches.push({ first, count: leaves.length, note })
        open.leaves.push(...leaves)
        return { slot, first }
      }),
    batches: () =>
      one(async () => {
        const all: Batch[] = []
        for (const name of await shelf.list('closed/')) {
          const { batches } = await readClosed(shelf, name)
          all.push(...batches.map((batch) => ({ ...batch, slot: numberOf(name) })))
        }
        return [...all, ...open.batches.map((batch) => ({ ...batch, slot: open.slot }))]
      }),
    rewrite: (lost, note) =>
      one(async () => {
        const renoted = (batches: readonly NotedLeaves[]): NotedLeaves[] =>
          batches.map((batch) => (batch.first === lost.first ? { ...batch, note } : batch))
        if (lost.slot !== open.slot) {
          const document = await readClosed(shelf, closedName(lost.slot))
          await putJson(shelf, closedName(lost.slot), { ...document, batches: renoted(document.batches) })
          return
        }
        const name = batchName(lost.slot, lost.first)
        const { leaves } = parseText(BatchSchema, (await getText(shelf, name)) ?? '', 'slot batch')
        await putJson(shelf, name, { leaves, note })
        open = { ...open, batches: renoted(open.batches) }
      }),
    close: (early = false) => one(() => closeUpTo(early ? Math.max(open.slot + 1, slotNow()) : slotNow())),
    proof: async ({ slot, index }) => {
      const found = anchoredTree(slot)
      return found && { ...found.anchored, path: found.tree.inclusion(index) }
    },
    proofs: async (slot, indexes) => {
      const found = anchoredTree(slot)
      return found && { ...found.anchored, paths: found.tree.inclusions(indexes) }
    },
  }
}

/** Leaves by slot, in order of first appearance, each with where it stood among all. */
export function bySlot(
  places: readonly Place[],
): ReadonlyMap<number, readonly { readonly index: number; readonly at: number }[]> {
  const slots = new Map<number, { index: number; at: number }[]>()
  places.forEach(({ slot, index }, at) => {
    const known = slots.get(slot)
    if (known === undefined) slots.set(slot, [{ index, at }])
    else known.push({ index, at })
  })
  return slots
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

function emptySlot(slot: number): OpenSlot {
  return { slot, leaves: [], batches: [] }
}

export function closedName(slot: number): string {
  return `closed/${slotText(slot)}`
}

export function batchName(slot: number, first: number): string {
  return `batches/${slotText(slot)}/${String(first).padStart(8, '0')}`
}

async function readClosed(shelf: Shelf, name: string) {
  return parseText(ClosedSchema, (await getText(shelf, name)) ?? '', 'closed slot')
}

/** The open slot as its batches tell it; batches of closed slots are leftovers of a crash. */
async function reopen(shelf: Shelf, latest: number, now: number): Promise<OpenSlot> {
  const open: OpenSlot[] = []
  for (const name of await shelf.list('batches/')) {
    const slot = numberOf(name)
    if (slot <= latest) {
      await shelf.delete(name)
      continue
    }
    const { leaves: text, note } = parseText(BatchSchema, (await getText(shelf, name)) ?? '', 'slot batch')
    const leaves = split(fromBase64Url(text))
    const last = open.at(-1)
    const its = last?.slot === slot ? last : emptySlot(slot)
    if (its !== last) open.push(its)
    its.batches.push({ first: its.leaves.length, count: leaves.length, note })
    its.leaves.push(...leaves)
  }
  const [first, second] = open
  if (second !== undefined) {
    throw new IsletError('SLOTS_DAMAGED', 'leaves stand in two open slots', { slots: open.length })
  }
  return first ?? emptySlot(now)
}
