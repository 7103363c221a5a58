/**
 * What the sites of one process keep at hand between steps: objects by their hash, notes of a journal, what was made of
 * a person's trace.
 *
 * Laws: whatever is kept was durable first, or was read from where it lies; what is not at hand is looked for there; everything
 * is bounded, and what was made of a trace goes with the trace.
 */
import type { PersonTrace } from '../../learning/index.ts'
import type { Learner, PersonData, SitePorts } from '../../study/index.ts'
import { type Bytes, equalBytes } from '../../vocabulary/index.ts'

type Shelf = SitePorts['journal']

/** Objects at hand, so that ten sites of one process read a round's ten updates once. */
const MOST_OBJECTS = 64
/** Notes of a journal at hand: those of the latest rounds. */
const MOST_NOTES = 4

/** Objects by their hash: what lies there whole, or is being written, is not written again by the next site. */
export function onceEach(shelf: Shelf): Shelf {
  const pending = new Map<string, Promise<void>>()
  const atHand = newest(MOST_OBJECTS)
  const get = async (name: string): Promise<Bytes | undefined> => {
    const bytes = atHand.get(name) ?? (await shelf.get(name))
    if (bytes !== undefined) atHand.keep(name, bytes)
    return bytes
  }
  const write = async (name: string, bytes: Uint8Array): Promise<void> => {
    const there = await get(name)
    if (there !== undefined && equalBytes(there, bytes)) return
    await shelf.put(name, bytes)
    atHand.keep(name, bytes)
  }
  return {
    get,
    put: (name, bytes) => {
      const writing = pending.get(name) ?? write(name, bytes).finally(() => pending.delete(name))
      pending.set(name, writing)
      return writing
    },
  }
}

/** A journal whose newest notes are at hand: a note once kept never changes, and what is not at hand the disk is asked for. */
export function rememberedJournal(shelf: Shelf): Shelf {
  const atHand = newest(MOST_NOTES)
  return {
    get: async (name) => {
      const bytes = atHand.get(name) ?? (await shelf.get(name))
      if (bytes !== undefined) atHand.keep(name, bytes)
      return bytes
    },
    put: async (name, bytes) => {
      // A write that broke off may stand there all the same.
      atHand.drop(name)
      await shelf.put(name, bytes)
      atHand.keep(name, bytes)
    },
  }
}

/** A learner that makes of a trace what it made of it before. */
export function preparingOnce<Data extends PersonData>(learner: Learner<Data>): Learner<Data> {
  const prepared = new WeakMap<PersonTrace, { readonly data: Data | undefined }>()
  return {
    ...learner,
    prepare: (trace) => {
      const known = prepared.get(trace) ?? { data: learner.prepare(trace) }
      prepared.set(trace, known)
      return known.data
    },
  }
}

function isBytes(bytes: Uint8Array): bytes is Bytes {
  return bytes.buffer instanceof ArrayBuffer
}

function newest(most: number) {
  const kept = new Map<string, Bytes>()
  return {
    get: (name: string): Bytes | undefined => kept.get(name),
    /** The array itself, which nobody writes into once it was put: what is known of it goes on being known. */
    keep: (name: string, bytes: Uint8Array): void => {
      kept.delete(name)
      kept.set(name, isBytes(bytes) ? bytes : new Uint8Array(bytes))
      const [oldest] = kept.keys()
      if (oldest !== undefined && kept.size > most) kept.delete(oldest)
    },
    drop: (name: string): void => {
      kept.delete(name)
    },
  }
}
