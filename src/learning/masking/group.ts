/**
 * A group of sites whose updates are summed under masks in one attempt of one round, as all its members see it.
 *
 * Law: fewer than three make no group, because of two each reads the other's update from the sum; the threshold is
 * ⌊2n/3⌋ + 1, more than half, so that one survivor set alone can be unmasked.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, IsletError, uint32, utf8 } from '../../vocabulary/index.ts'
import { type Depth, ringBits } from './ring.ts'

export interface MaskGroup {
  /** Members in order of their id. */
  readonly sites: readonly string[]
  /** Shares that open a secret. */
  readonly threshold: number
  readonly bits: number
  /** Digest of study, round, attempt and members: what every key of this sum is bound to. */
  readonly label: Uint8Array
  /** SHA-256 of each member's id. */
  readonly names: ReadonlyMap<string, Uint8Array>
}

/** Shares that open a secret in a group of n. */
export function threshold(sites: number): number {
  return Math.floor((2 * sites) / 3) + 1
}

/** Throws `TOO_FEW_SITES` below three members. */
export function maskGroup(
  study: string,
  round: number,
  attempt: number,
  members: readonly string[],
  depth: Depth = 8,
): MaskGroup {
  const sites = members.toSorted()
  if (sites.length < 3) {
    throw new IsletError(
      'TOO_FEW_SITES',
      `a masked sum needs 3 sites, the group has ${sites.length}`,
      { needed: 3, sites: sites.length },
      { remedy: 'Let more sites take part: of two, each could read the other’s update.' },
    )
  }
  const names = new Map(sites.map((site) => [site, sha256(utf8(site))]))
  return {
    sites,
    threshold: threshold(sites.length),
    bits: ringBits(sites.length, depth),
    label: sha256(concat(sha256(utf8(study)), uint32(round), uint32(attempt), ...names.values())),
    names,
  }
}
