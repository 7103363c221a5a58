/**
 * Which sealed objects a custodian holds for each patient, kind and hour: a projection of the slot book's notes.
 *
 * Law: it can be dropped and is rebuilt to the same content (DESIGN law 1); it knows places and names, never keys.
 */
import {
  type Cid,
  type HourWindow,
  KINDS,
  type Kind,
  type PatientId,
  quantity,
  type UtcHour,
} from '../vocabulary/index.ts'

/** One chunk revision and where it lies. */
export interface IndexedChunk {
  readonly kind: Kind
  readonly generation: number
  readonly hour: UtcHour
  readonly revision: number
  readonly overflow: number
  readonly cid: Cid
  /** Which chunk of the object. */
  readonly part: number
  readonly slot: number
  /** Place of its leaf in the slot. */
  readonly index: number
}

export interface ObjectIndex {
  add(patient: PatientId, chunks: readonly IndexedChunk[]): void
  /** The next revision of an hour, over all generations. */
  nextRevision(patient: PatientId, kind: Kind, hour: UtcHour): number
  /**
   * Chunks of a window by kind, hour, revision, overflow; the newest revision of each hour, or all. The same array again
   * while nothing of the patient has changed and it is still at hand.
   */
  find(
    patient: PatientId,
    kinds: readonly Kind[],
    window: HourWindow,
    history: boolean,
  ): readonly IndexedChunk[]
  /** The chunks of an object, none when it is not held. */
  placed(cid: Cid): readonly IndexedChunk[]
  /** Everything of a patient. */
  all(patient: PatientId): readonly IndexedChunk[]
  /** Patients of whom something is held. */
  patients(): readonly PatientId[]
  forget(patient: PatientId): void
}

/** Chunks in answers at hand, of all patients together. */
const MOST_AT_HAND = 500_000

export function objectIndex(): ObjectIndex {
  const patients = new Map<PatientId, Map<Kind, Map<UtcHour, IndexedChunk[]>>>()
  const objects = new Map<Cid, IndexedChunk[]>()
  const hoursOf = (patient: PatientId, kind: Kind): Map<UtcHour, IndexedChunk[]> => {
    const kinds = getOr(patients, patient, () => new Map<Kind, Map<UtcHour, IndexedChunk[]>>())
    return getOr(kinds, kind, () => new Map<UtcHour, IndexedChunk[]>())
  }
  const next = (patient: PatientId, kind: Kind, hour: UtcHour): number => {
    const last = patients.get(patient)?.get(kind)?.get(hour)?.at(-1)
    return last === undefined ? 0 : last.revision + 1
  }
  /** The newest answer about each patient. */
  const answers = new Map<PatientId, { readonly asked: string; readonly found: readonly IndexedChunk[] }>()
  let atHand = 0
  const drop = (patient: PatientId): void => {
    atHand -= answers.get(patient)?.found.length ?? 0
    answers.delete(patient)
  }
  const find: ObjectIndex['find'] = (patient, kinds, window, history) => {
    const asked = `${kinds.join(' ')} ${window.first} ${window.end} ${history}`
    const known = answers.get(patient)
    if (known?.asked === asked) return known.found
    drop(patient)
    const found = search(patient, kinds, window, history)
    answers.set(patient, { asked, found })
    atHand += found.length
    for (const oldest of answers.keys()) {
      if (atHand <= MOST_AT_HAND) break
      drop(oldest)
    }
    return found
  }
  const search: ObjectIndex['find'] = (patient, kinds, window, history) => {
    const found: IndexedChunk[] = []
    for (const kind of kinds) {
      const hours = patients.get(patient)?.get(kind)
      if (hours === undefined) continue
      for (const chunks of hoursWithin(hours, window)) {
        const newest = chunks.at(-1)?.revision
        for (const chunk of chunks) if (history || chunk.revision === newest) found.push(chunk)
      }
    }
    return found
  }
  return {
    add: (patient, chunks) => {
      drop(patient)
      for (const chunk of chunks) {
        const hour = getOr(hoursOf(patient, chunk.kind), chunk.hour, () => [])
        hour.push(chunk)
        getOr(objects, chunk.cid, () => []).push(chunk)
        const before = hour.at(-2)
        if (before !== undefined && order(before, chunk) > 0) hour.sort(order)
      }
    },
    nextRevision: next,
    find,
    placed: (cid) => objects.get(cid) ?? [],
    all: (patient) => search(patient, KINDS, EVER, true),
    patients: () => [...patients.keys()],
    forget: (patient) => {
      drop(patient)
      for (const chunk of search(patient, KINDS, EVER, true)) objects.delete(chunk.cid)
      patients.delete(patient)
    },
  }
}

/** What the hours of a window hold, ascending by hour. */
function hoursWithin<T>(hours: ReadonlyMap<UtcHour, T>, { first, end }: HourWindow): readonly T[] {
  if (end - first > hours.size) {
    const inside = [...hours].filter(([hour]) => hour >= first && hour < end)
    return inside.sort(([a], [b]) => a - b).map(([, held]) => held)
  }
  const inside: T[] = []
  for (let hour = Math.ceil(first); hour < end; hour++) {
    const held = hours.get(quantity<UtcHour>(hour))
    if (held !== undefined) inside.push(held)
  }
  return inside
}

const EVER = { first: 0, end: Number.MAX_SAFE_INTEGER } as HourWindow

function order(a: IndexedChunk, b: IndexedChunk): number {
  return a.revision - b.revision || a.overflow - b.overflow
}

function getOr<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}
