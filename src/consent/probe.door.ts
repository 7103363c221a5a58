/**
 * Trying keys on ciphertext that they must not open: what the story and auditors of a running node use to show that it is
 * keys, and not promises, that keep a reader out.
 *
 * Law: it tries for real. Every hour key that the covers give is tried on every chunk, under the chunk's true context and
 * under the context of the key's own hour.
 */
import { type Crypto, chunksOf } from '../vault/index.ts'
import { type Cover, openHours } from '../vault/keys.door.ts'
import {
  type Bytes,
  type HourWindow,
  IsletError,
  type Kind,
  quantity,
  type UtcHour,
} from '../vocabulary/index.ts'

export interface Probe {
  /** Chunks on which keys were tried. */
  readonly chunks: number
  /** Keys tried on each of them, over all covers. */
  readonly keys: number
  readonly attempts: number
  /** Attempts that opened something. */
  readonly opened: number
  /** How the attempts failed, by code. */
  readonly failures: Readonly<Record<string, number>>
}

/** Tries every hour key of the covers on every chunk of the stored objects. Throws `PROBE_EMPTY` when there is nothing to try. */
export async function tryEveryKey(
  crypto: Crypto,
  covers: readonly Cover[],
  stream: Bytes,
  objects: readonly Uint8Array[],
): Promise<Probe> {
  const chunks = objects.flatMap((object) => chunksOf(object))
  const keys = covers.reduce((sum, { window }) => sum + hoursOf(window), 0)
  if (chunks.length === 0 || keys === 0) {
    throw new IsletError('PROBE_EMPTY', 'there is no chunk or no key to try', { chunks: chunks.length, keys })
  }
  let attempts = 0
  let opened = 0
  const failures: Record<string, number> = {}
  for (const cover of covers) {
    const tries = chunks.flatMap(({ context, bytes }) => {
      const { revision, overflow } = context
      const own = Array.from({ length: hoursOf(cover.window) }, (_, i) => ({
        hour: quantity<UtcHour>(cover.window.first + i),
        revision,
        overflow,
        bytes,
      }))
      return [...own, { hour: context.hour, revision, overflow, bytes }]
    })
    for (const result of await openHours(crypto, cover, new Uint8Array(stream), tries)) {
      attempts += 1
      if (result.code === 'OPENED') opened += 1
      else failures[result.code] = (failures[result.code] ?? 0) + 1
    }
  }
  return { chunks: chunks.length, keys, attempts, opened, failures }
}

/** Where a stored object's chunks belong, readable without a key. */
export interface Place {
  readonly kind: Kind
  readonly generation: number
  readonly hour: UtcHour
  readonly revision: number
}

/** The places of the chunks in a stored object. */
export function placesOf(object: Uint8Array): readonly Place[] {
  return chunksOf(object).map(({ context: { kind, generation, hour, revision } }) => ({
    kind,
    generation,
    hour,
    revision,
  }))
}

function hoursOf(window: HourWindow): number {
  return window.end - window.first
}
