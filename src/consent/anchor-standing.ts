/**
 * How what a custodian served stands to the ledger: under the root that it anchored, in a slot still open, or under no root.
 *
 * Law: the roots are read from the ledger, never from the answer; a leaf is computed from the bytes received and its salt.
 */
import { HASH_BYTES, type Hasher, saltedLeafHashes, verifyShared } from '../vault/index.ts'
import { fromBase64Url, fromHex, type Hash32, type InstitutionId, IsletError } from '../vocabulary/index.ts'
import type { ReadAnswer, ServedChunk } from './answers.ts'
import { unpackBundle } from './bundle.ts'
import type { ChainReader } from './chain.ts'
import { bySlot } from './slot-book.ts'

/** How a chunk stands to the ledger. */
export type AnchorStanding =
  /** Its leaf is under the root that the custodian anchored. */
  | { readonly code: 'ANCHORED'; readonly slot: number; readonly root: Hash32; readonly block: number }
  /** Its slot is still open. */
  | { readonly code: 'NOT_YET_ANCHORED'; readonly slot: number }
  /** The path or the root is wrong: somebody changed something. */
  | { readonly code: 'NOT_UNDER_ROOT'; readonly slot: number }

type Anchors = ReadonlyMap<number, { readonly root: Hash32; readonly count: number; readonly block: number }>

/** The roots as the ledger has them, not as the custodian tells them. */
export async function anchorsOf(
  chain: ChainReader,
  custodian: InstitutionId,
  places: readonly ServedChunk[],
): Promise<Anchors> {
  const slots = [...new Set(places.map((place) => place.slot))]
  const found = await Promise.all(slots.map((slot) => chain.anchorAt(custodian, 'objects', slot)))
  const anchors = new Map<number, { readonly root: Hash32; readonly count: number; readonly block: number }>()
  slots.forEach((slot, i) => {
    const anchor = found[i]
    if (anchor !== undefined) anchors.set(slot, anchor)
  })
  return anchors
}

/** How the chunks of a page stand to the ledger: each leaf from its bytes and salt, all paths of a slot together. */
export function standingsOf(
  hasher: Hasher,
  page: ReadAnswer,
  leafData: readonly (Uint8Array | undefined)[],
  anchors: Anchors,
): readonly AnchorStanding[] {
  const salts = fromBase64Url(page.salts)
  const paths = unpackBundle(page.paths)
  if (salts.length !== page.chunks.length * HASH_BYTES || paths.length !== page.slots.length) {
    throw notThisAnswer()
  }
  const pathsOf = new Map(page.slots.map(({ slot }, i) => [slot, paths[i]]))
  const standings = page.chunks.map(
    ({ slot }): AnchorStanding => ({
      code: anchors.has(slot) ? 'NOT_UNDER_ROOT' : 'NOT_YET_ANCHORED',
      slot,
    }),
  )
  const hashes = leafHashes(hasher, salts, leafData)
  for (const [slot, places] of bySlot(page.chunks)) {
    const anchor = anchors.get(slot)
    const shared = pathsOf.get(slot)
    if (anchor === undefined || shared === undefined) continue
    const claim = {
      leaves: gathered(hashes, places),
      indexes: places.map(({ index }) => index),
      size: anchor.count,
      paths: shared,
      root: fromHex(anchor.root),
    }
    const proven = verifyShared(claim, hasher)
    places.forEach(({ at }, i) => {
      const sealed = leafData[at] !== undefined && proven[i] === true
      if (sealed) standings[at] = { code: 'ANCHORED', slot, root: anchor.root, block: anchor.block }
    })
  }
  return standings
}

/** Hashes at these places, joined. */
function gathered(hashes: Uint8Array, places: readonly { readonly at: number }[]): Uint8Array {
  const some = new Uint8Array(places.length * HASH_BYTES)
  places.forEach(({ at }, i) => {
    some.set(hashes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES), i * HASH_BYTES)
  })
  return some
}

/** Salted leaf hashes, joined; where the bytes are no chunk that of zeros, which is believed by nobody. */
function leafHashes(
  hasher: Hasher,
  salts: Uint8Array,
  leafData: readonly (Uint8Array | undefined)[],
): Uint8Array {
  const width = leafData.find((data) => data !== undefined)?.length ?? 0
  const all = new Uint8Array(leafData.length * width)
  leafData.forEach((data, at) => {
    if (data !== undefined) all.set(data, at * width)
  })
  return saltedLeafHashes(salts, all, hasher)
}

/** What came answers another question, or none. */
export function notThisAnswer(): IsletError {
  return new IsletError('ANSWER_REFUSED', 'the answer is not one to this question')
}
