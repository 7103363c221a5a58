/**
 * The secrets of a member in one sum, and the masks that follow from them.
 *
 * Laws: everything follows from the site's own secret and the sum's label, so that a member that crashed says the same
 * again; pairwise masks cancel in the sum (+ for the lower id, − for the higher); no seed of a simulation enters here,
 * the secret is given by whoever keeps it (PROTOCOL 17).
 * Source: Bonawitz et al. 2017, section 4.
 */
import { equalBytes, utf8 } from '../../vocabulary/index.ts'
import type { MaskGroup } from './group.ts'
import { packedBytes } from './ring.ts'
import { element, elementBytes, SHARE_BYTES } from './shamir.ts'
import { derive, type MaskSuite, tag } from './suite.ts'

export interface MemberSecrets {
  /** Seed of the member's own mask. */
  readonly self: bigint
  /** Seed of the key to its pairwise masks. */
  readonly pair: bigint
  readonly selfCoefficients: readonly bigint[]
  readonly pairCoefficients: readonly bigint[]
}

export function memberSecrets(
  suite: MaskSuite,
  secret: Uint8Array,
  group: MaskGroup,
  site: string,
): MemberSecrets {
  const degree = group.threshold - 1
  const bytes = suite.stream(
    derive(suite, secret, 'member secrets', group.label, utf8(site)),
    (2 + 2 * degree) * SHARE_BYTES,
  )
  const at = (index: number): bigint => element(bytes.subarray(index * SHARE_BYTES))
  return {
    self: at(0),
    pair: at(1),
    selfCoefficients: Array.from({ length: degree }, (_, i) => at(2 + i)),
    pairCoefficients: Array.from({ length: degree }, (_, i) => at(2 + degree + i)),
  }
}

/** X25519 secret of a pair seed. */
export function pairSecret(suite: MaskSuite, pair: bigint, { label }: MaskGroup): Uint8Array {
  return derive(suite, elementBytes(pair), 'pair key', label)
}

/** What an advert says of the own mask's seed, so that a wrong reconstruction is seen. */
export function selfCommitment(suite: MaskSuite, self: bigint, { label }: MaskGroup): Uint8Array {
  return tag(suite, elementBytes(self), label)
}

export function commits(suite: MaskSuite, commitment: Uint8Array, self: bigint, group: MaskGroup): boolean {
  return equalBytes(commitment, selfCommitment(suite, self, group))
}

export function selfMask(suite: MaskSuite, self: bigint, group: MaskGroup, count: number): Uint8Array {
  return maskOf(suite, derive(suite, elementBytes(self), 'own mask', group.label), group, count)
}

/** The mask of two members; the same from either side. */
export function pairMask(
  suite: MaskSuite,
  secret: Uint8Array,
  peer: Uint8Array,
  group: MaskGroup,
  count: number,
): Uint8Array {
  return maskOf(suite, derive(suite, suite.agree(secret, peer), 'pair mask', group.label), group, count)
}

function maskOf(suite: MaskSuite, key: Uint8Array, { bits }: MaskGroup, count: number): Uint8Array {
  return suite.stream(key, packedBytes(count, bits))
}
