/**
 * Erasure: a person's wraps, keys, salts, openings and pins are destroyed, and a list remembers it for good.
 *
 * Laws: the list entry is durable before anything is destroyed, so that a crash in between is finished at the next
 * start; a restored backup has the list applied before anything in it is opened; the entry is a hash of a random
 * handle and says nothing of anybody. What ciphertext remains elsewhere opens to nobody. Limit, stated: copies that
 * readers made in their time are theirs (PROTOCOL 16).
 */
import { concat, fromHex, IsletError, toHex, utf8 } from '../vocabulary/index.ts'
import type { Hasher } from './suite.ts'

/** What can be destroyed of a person; every holder of one of these gives a destroyer. */
const ERASED_THINGS = [
  'root-wraps',
  'log-keys',
  'leaf-salts',
  'openings',
  'envelopes',
  'outer-keys',
  'object-pins',
] as const
export type ErasedThing = (typeof ERASED_THINGS)[number]

/** Destroys one kind of thing. Handles are the random ones under which it is kept, 32 hex digits. */
export interface Destroyer {
  readonly thing: ErasedThing
  /** Handles of which something is still there. */
  handles(): Promise<readonly string[]>
  /** Destroys, durably, what is there of a handle; gives the number of items. Nothing there is no fault. */
  destroy(handle: string): Promise<number>
}

/** The list of the erased, kept apart from what backups hold. */
export interface ErasureList {
  /** Every entry. Throws `ERASURE_LIST_DAMAGED`. */
  read(): Promise<ReadonlySet<string>>
  /** Adds entries; they are durable when it returns. */
  add(entries: readonly string[]): Promise<void>
}

export interface ErasurePorts {
  readonly list: ErasureList
  readonly destroyers: readonly Destroyer[]
  readonly hasher: Pick<Hasher, 'sha256'>
}

export type ErasureOutcome =
  | { readonly code: 'ERASED'; readonly destroyed: Readonly<Partial<Record<ErasedThing, number>>> }
  /** The person is on the list and will be erased at the next start; these things are still there. */
  | { readonly code: 'ERASURE_INCOMPLETE'; readonly left: readonly ErasedThing[] }

const LABEL = utf8('islet/v1/erased\0')
const HEADING = 'islet.erasure-list/1'

/** The list's entry for a handle: 64 hex digits. Throws `NOT_HEX`. */
export function erasureEntry(handle: string, hasher: Pick<Hasher, 'sha256'>): string {
  return toHex(hasher.sha256(concat(LABEL, fromHex(handle)))).slice(2)
}

/** Erases a person. */
export async function erase(handle: string, ports: ErasurePorts): Promise<ErasureOutcome> {
  await ports.list.add([erasureEntry(handle, ports.hasher)])
  return destroyAll([handle], ports)
}

/** Finishes what a crash broke off, and applies the list to what a backup brought back. To be run before anything is opened. */
export async function applyErasures(ports: ErasurePorts): Promise<ErasureOutcome> {
  const erased = await ports.list.read()
  const handles = new Set<string>()
  for (const destroyer of ports.destroyers) {
    for (const handle of await destroyer.handles()) {
      if (erased.has(erasureEntry(handle, ports.hasher))) handles.add(handle)
    }
  }
  return destroyAll([...handles], ports)
}

/** Whether a handle may be used no more. */
export async function isErased(
  handle: string,
  ports: Pick<ErasurePorts, 'list' | 'hasher'>,
): Promise<boolean> {
  return (await ports.list.read()).has(erasureEntry(handle, ports.hasher))
}

/** Entries → text of a list, sorted, so that the order says nothing of when. */
export function encodeErasureList(entries: Iterable<string>): string {
  return [HEADING, ...[...new Set(entries)].toSorted(), ''].join('\n')
}

/** Text of a list → entries. Throws `ERASURE_LIST_DAMAGED`. */
export function decodeErasureList(text: string): ReadonlySet<string> {
  const [heading, ...lines] = text.split('\n')
  const end = lines.pop()
  if (heading !== HEADING || end !== '' || !lines.every((line) => /^[0-9a-f]{64}$/.test(line))) {
    throw new IsletError(
      'ERASURE_LIST_DAMAGED',
      'the list of erased people is damaged',
      {},
      { remedy: 'bring the list back from its copy; open nothing before' },
    )
  }
  return new Set(lines)
}

async function destroyAll(handles: readonly string[], { destroyers }: ErasurePorts): Promise<ErasureOutcome> {
  const destroyed: Partial<Record<ErasedThing, number>> = {}
  const left: ErasedThing[] = []
  // Pins last: should they fail, what they pin no longer opens.
  const ordered = destroyers.toSorted(
    (a, b) => ERASED_THINGS.indexOf(a.thing) - ERASED_THINGS.indexOf(b.thing),
  )
  for (const destroyer of ordered) {
    for (const handle of handles) {
      try {
        destroyed[destroyer.thing] = (destroyed[destroyer.thing] ?? 0) + (await destroyer.destroy(handle))
      } catch {
        left.push(destroyer.thing)
      }
    }
  }
  return left.length === 0
    ? { code: 'ERASED', destroyed }
    : { code: 'ERASURE_INCOMPLETE', left: [...new Set(left)] }
}
