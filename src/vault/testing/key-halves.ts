/** Halves of outer keys in memory, for tests of what stands above them. */
import type { Bytes, Cid } from '../../vocabulary/index.ts'
import type { KeyHalves } from '../outer-key.ts'

/** `kept`: where they are looked at from outside. */
export function memoryHalves(kept = new Map<Cid, Bytes>()): KeyHalves {
  return {
    get: async (stored) => kept.get(stored),
    enter: async (entries) => {
      for (const [stored, half] of entries) kept.set(stored, Uint8Array.from(half))
    },
    destroy: async (stored) => void kept.delete(stored),
    close: async () => undefined,
  }
}
