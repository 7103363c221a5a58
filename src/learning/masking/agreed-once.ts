/**
 * A suite that remembers public keys, and what pairs of keys agree on: the stages of one sum agree once, and so do both
 * ends of a pair that live in one process.
 *
 * Law: the same bytes as the suite beneath. What is remembered is as secret as the secrets that it follows from, stays in
 * this process, and is bounded: that of one round of many sites.
 */
import type { MaskSuite } from './suite.ts'

const MOST = 4_096

export function agreedOnce(suite: MaskSuite): MaskSuite {
  const keys = new Map<string, Uint8Array>()
  const pairs = new Map<string, Uint8Array>()
  const publicKey = (secret: Uint8Array): Uint8Array =>
    once(keys, nameOf(secret), () => suite.publicKey(secret))
  return {
    ...suite,
    publicKey,
    agree: (secret, peer) => {
      // X25519 gives both ends the same: the pair is named by its public keys, whoever asks.
      const [own, other] = [nameOf(publicKey(secret)), nameOf(peer)]
      return once(pairs, own < other ? own + other : other + own, () => suite.agree(secret, peer))
    },
  }
}

/** One character a byte: all keys have one length, but for such as the suite refuses. */
function nameOf(key: Uint8Array): string {
  return String.fromCharCode(...key)
}

function once(known: Map<string, Uint8Array>, name: string, make: () => Uint8Array): Uint8Array {
  const made = known.get(name) ?? make()
  if (known.size >= MOST) known.clear()
  known.set(name, made)
  return made
}
