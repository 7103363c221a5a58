/**
 * A suite that remembers public keys, what pairs of keys agree on, and long streams until they are asked for again: the
 * stages of one sum agree once, and both ends of a pair that live in one process make their mask once.
 *
 * Law: the same bytes as the suite beneath. What is remembered is as secret as the secrets that it follows from, stays in
 * this process, and is bounded: that of one round of many sites.
 */
import { toBase64Url } from '../../vocabulary/index.ts'
import type { MaskSuite } from './suite.ts'

const MOST = 4_096
/** Streams from this length on are masks; shorter ones cost less than to look them up. */
const LONG = 1_024
/** Bytes of masks at hand. */
const MOST_MASKED = 16 * 2 ** 20

export function agreedOnce(suite: MaskSuite): MaskSuite {
  const keys = new Map<string, Uint8Array>()
  const pairs = new Map<string, Uint8Array>()
  const masks = new Map<string, Uint8Array>()
  let masked = 0
  const publicKey = (secret: Uint8Array): Uint8Array =>
    once(keys, toBase64Url(secret), () => suite.publicKey(secret))
  /** Names of the public keys of secrets that somebody holds. */
  const ends = new WeakMap<Uint8Array, string>()
  const endOf = (secret: Uint8Array): string => {
    const end = ends.get(secret) ?? toBase64Url(publicKey(secret))
    ends.set(secret, end)
    return end
  }
  return {
    ...suite,
    publicKey,
    agree: (secret, peer) => {
      // X25519 gives both ends the same: the pair is named by its public keys, whoever asks.
      const own = endOf(secret)
      const other = toBase64Url(peer)
      return once(pairs, own < other ? own + other : other + own, () => suite.agree(secret, peer))
    },
    stream: (key, length) => {
      if (length < LONG) return suite.stream(key, length)
      const name = `${length} ${toBase64Url(key)}`
      const made = masks.get(name)
      if (made !== undefined) {
        // Two ask for a mask: both ends of a pair, or who adds it and who takes it away.
        masks.delete(name)
        masked -= length
        return made
      }
      const fresh = suite.stream(key, length)
      if (masked + length > MOST_MASKED) {
        masks.clear()
        masked = 0
      }
      masks.set(name, fresh)
      masked += length
      return fresh
    },
  }
}

function once(known: Map<string, Uint8Array>, name: string, make: () => Uint8Array): Uint8Array {
  const made = known.get(name) ?? make()
  if (known.size >= MOST) known.clear()
  known.set(name, made)
  return made
}
