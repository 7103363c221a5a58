/**
 * Fingerprints: what two people read to each other to know that they see the same key.
 *
 * Law: 100 bits of a labelled hash, so that no second key with the same fingerprint can be made; one kind of key never
 * shares a fingerprint with another.
 */
import type { Hasher } from '../vault/index.ts'
import { concat, utf8 } from '../vocabulary/index.ts'
import { toQuintets, toSymbols } from './crockford.ts'

/** Five groups of four symbols, as in `9M2K-0TQE-…`. */
export function fingerprint(
  kind: 'identity' | 'message' | 'hpke' | 'certificate',
  publicKey: Uint8Array,
  hasher: Pick<Hasher, 'sha256'>,
): string {
  const hash = hasher.sha256(concat(utf8(`islet/v1/fingerprint/${kind}\0`), publicKey))
  const symbols = toSymbols(toQuintets(hash).slice(0, 20))
  return symbols.match(/.{4}/g)?.join('-') ?? symbols
}
