/**
 * From opened chunks to hours: of every hour the newest revision, and only if all of its chunks are there.
 *
 * Laws: a correction is a later revision and the original stays beside it; a chunk held back makes its hour incomplete,
 * never silently shorter.
 */
import type { HealthRecord } from '../series/index.ts'
import type { UtcHour } from '../vocabulary/index.ts'
import type { ChunkContext } from './chunk-context.ts'
import type { OpenedHourChunk } from './open-hours.ts'

export interface CurrentHour {
  readonly hour: UtcHour
  readonly revision: number
  readonly generation: number
  readonly records: readonly HealthRecord[]
  /** The chunks of the revision that were not given; empty when the hour is whole. */
  readonly missing: readonly number[]
}

/** The newest revision of every hour among chunks of one kind, in order of time. */
export function currentHours(chunks: readonly OpenedHourChunk[]): readonly CurrentHour[] {
  const newest = new Map<UtcHour, OpenedHourChunk[]>()
  for (const chunk of chunks) {
    const held = newest.get(chunk.context.hour)
    const order = held?.[0] === undefined ? 1 : compare(chunk.context, held[0].context)
    if (order > 0) newest.set(chunk.context.hour, [chunk])
    else if (order === 0) held?.push(chunk)
  }
  return [...newest.values()].map(assemble).sort((a, b) => a.hour - b.hour)
}

/** Revisions never restart; should two generations claim one, the newer generation counts. */
function compare(a: ChunkContext, b: ChunkContext): number {
  return a.revision - b.revision || a.generation - b.generation
}

function assemble(chunks: readonly OpenedHourChunk[]): CurrentHour {
  const byPlace = new Map(chunks.map((chunk) => [chunk.context.overflow, chunk]))
  const [first] = byPlace.values()
  if (first === undefined) throw new RangeError('an hour has at least one chunk')
  const places = Array.from({ length: first.chunks }, (_, place) => place)
  return {
    hour: first.context.hour,
    revision: first.context.revision,
    generation: first.context.generation,
    records: places.flatMap((place) => byPlace.get(place)?.records ?? []),
    missing: places.filter((place) => !byPlace.has(place)),
  }
}
