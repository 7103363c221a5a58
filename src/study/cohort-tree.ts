/**
 * The tree of a round's cohort: one site's commitment to exactly whom it uses, in which each person finds themselves,
 * or finds that they are not there (PROTOCOL 24).
 *
 * Laws: a leaf is HMAC(consent's secret, study ‖ round), so it says nothing without the secret and nothing links one
 * round to the next; leaves are sorted, so absence is two neighbours with a gap; a guard stands at either end and
 * dummies of the site's own secret fill up to a power of two, so the tree's size says only the order of magnitude;
 * the root is blinded. Same marks and secret give the same root on every machine.
 * Limit: the order of leaves out of a person's sight is the site's word until a round is audited.
 * Sources: RFC 9162 section 2.1 (tree, inclusion), RFC 2104 (HMAC-SHA-256).
 */

import { HASH_BYTES, type Hasher, leafHash, merkleTree, verifyInclusion } from '../vault/index.ts'
import {
  type Bytes,
  compareBytes,
  concat,
  equalBytes,
  fromHex,
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  toHex,
  uint32,
  utf8,
} from '../vocabulary/index.ts'

/** One site's part in one round. */
export interface CohortPlace {
  readonly study: Hash32
  readonly round: number
  readonly site: InstitutionId
}

const MARK = utf8('islet/v1/cohort-mark\0')
const DUMMY = utf8('islet/v1/cohort-dummy\0')
const BLINDING = utf8('islet/v1/cohort-blinding\0')
const ROOT = utf8('islet/v1/cohort-root\0')
const LOWEST = new Uint8Array(HASH_BYTES)
const HIGHEST = new Uint8Array(HASH_BYTES).fill(0xff)
/** Fewest leaves: below it, the size of a tree would tell small cohorts apart. */
const FEWEST_LEAVES = 16
/** Shortest secret of a consent or a site, bytes. */
const SECRET_BYTES = 32

/** A person's leaf in a round: known to those who know the consent's secret, random to all others. Throws `SECRET_SHORT`. */
export function cohortMark(
  secret: Uint8Array,
  place: Pick<CohortPlace, 'round' | 'study'>,
  hasher: Hasher,
): Bytes {
  requireSecret(secret)
  return hasher.hmacSha256(secret, concat(MARK, fromHex(place.study), uint32(place.round)))
}

/** Presence of a mark under a root, or its absence between two neighbours. Hex and numbers only: it travels as JSON. */
export type CohortProof = {
  readonly size: number
  /** Blinding of the root. */
  readonly blinding: Hash32
  /** Root of the tree before blinding. */
  readonly tree: Hash32
} & (
  | { readonly kind: 'PRESENT'; readonly index: number; readonly path: readonly Hash32[] }
  | {
      readonly kind: 'ABSENT'
      /** Place of the lower neighbour; the upper one stands right after it. */
      readonly index: number
      readonly lower: Hash32
      readonly upper: Hash32
      readonly lowerPath: readonly Hash32[]
      readonly upperPath: readonly Hash32[]
    }
)

export interface CohortTree {
  /** Goes to the ledger. */
  readonly root: Hash32
  /** People in the cohort; never published. */
  readonly people: number
  /** Proof for any mark, of a person in the cohort or of anyone else. */
  prove(mark: Uint8Array): CohortProof
}

/**
 * Builds the tree over the marks of the people in a cohort, in any order.
 * `siteSecret` is the site's sealed secret of 32 bytes or more. Throws `COHORT_MARK_TWICE`, `SECRET_SHORT`.
 */
export function cohortTree(
  marks: readonly Bytes[],
  place: CohortPlace,
  siteSecret: Uint8Array,
  hasher: Hasher,
): CohortTree {
  requireSecret(siteSecret)
  const here = concat(fromHex(place.study), uint32(place.round), fromHex(place.site))
  const size = sizeFor(marks.length)
  const dummies = Array.from({ length: size - marks.length - 2 }, (_, i) =>
    hasher.hmacSha256(siteSecret, concat(DUMMY, here, uint32(i))),
  )
  const leaves = [LOWEST, HIGHEST, ...marks, ...dummies].sort(compareBytes)
  leaves.forEach((leaf, i) => {
    const next = leaves[i + 1]
    if (next !== undefined && equalBytes(leaf, next)) {
      throw new IsletError('COHORT_MARK_TWICE', 'a cohort holds the same consent twice', {
        size: marks.length,
      })
    }
  })
  const tree = merkleTree(
    leaves.map((leaf) => leafHash(leaf, hasher)),
    hasher,
  )
  const blinding = hasher.hmacSha256(siteSecret, concat(BLINDING, here))
  const common = { size, blinding: hex(blinding), tree: hex(tree.root) }
  const pathOf = (index: number): readonly Hash32[] => tree.inclusion(index).map(hex)
  return {
    root: blindedRoot(place, size, tree.root, blinding, hasher),
    people: marks.length,
    prove: (mark) => {
      const index = firstAtLeast(leaves, mark)
      const found = leaves[index]
      if (found !== undefined && equalBytes(found, mark)) {
        return { ...common, kind: 'PRESENT', index, path: pathOf(index) }
      }
      const [lower, upper] = [leaves[index - 1], leaves[index]]
      if (lower === undefined || upper === undefined) {
        throw new IsletError('NOT_A_MARK', 'a mark has 32 bytes', { length: mark.length })
      }
      return {
        ...common,
        kind: 'ABSENT',
        index: index - 1,
        lower: hex(lower),
        upper: hex(upper),
        lowerPath: pathOf(index - 1),
        upperPath: pathOf(index),
      }
    },
  }
}

/** What a proof says about a mark under the root that stands on the ledger; `INVALID` for whatever does not hold. */
export function checkCohortProof(
  proof: CohortProof,
  mark: Uint8Array,
  place: CohortPlace,
  root: Hash32,
  hasher: Hasher,
): 'ABSENT' | 'INVALID' | 'PRESENT' {
  try {
    const tree = fromHex(proof.tree)
    if (blindedRoot(place, proof.size, tree, fromHex(proof.blinding), hasher) !== root) return 'INVALID'
    const stands = (leaf: Uint8Array, index: number, path: readonly Hash32[]): boolean =>
      verifyInclusion(
        { leaf: leafHash(leaf, hasher), index, size: proof.size, path: path.map(fromHex), root: tree },
        hasher,
      )
    if (mark.length !== HASH_BYTES) return 'INVALID'
    if (proof.kind === 'PRESENT') return stands(mark, proof.index, proof.path) ? 'PRESENT' : 'INVALID'
    const [lower, upper] = [fromHex(proof.lower), fromHex(proof.upper)]
    const isBetween = compareBytes(lower, mark) < 0 && compareBytes(mark, upper) < 0
    const areNeighbours =
      stands(lower, proof.index, proof.lowerPath) && stands(upper, proof.index + 1, proof.upperPath)
    return isBetween && areNeighbours ? 'ABSENT' : 'INVALID'
  } catch {
    // A proof is somebody else's input: whatever is malformed proves nothing.
    return 'INVALID'
  }
}

/** The smallest power of two that holds the people and both guards. */
function sizeFor(people: number): number {
  let size = FEWEST_LEAVES
  while (size < people + 2) size *= 2
  return size
}

function blindedRoot(
  place: CohortPlace,
  size: number,
  tree: Uint8Array,
  blinding: Uint8Array,
  hasher: Hasher,
): Hash32 {
  const here = concat(fromHex(place.study), uint32(place.round), fromHex(place.site))
  return hex(hasher.sha256(concat(ROOT, here, uint32(size), tree, blinding)))
}

/** Index of the first leaf not below a mark. */
function firstAtLeast(leaves: readonly Uint8Array[], mark: Uint8Array): number {
  let [low, high] = [0, leaves.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const leaf = leaves[middle]
    if (leaf !== undefined && compareBytes(leaf, mark) < 0) low = middle + 1
    else high = middle
  }
  return low
}

function requireSecret(secret: Uint8Array): void {
  if (secret.length < SECRET_BYTES) {
    throw new IsletError('SECRET_SHORT', 'a secret has at least 32 bytes', { length: secret.length })
  }
}

function hex(bytes: Uint8Array): Hash32 {
  return hash32(toHex(bytes))
}
