/**
 * The tile format: a log as immutable files of 256 entries or 256 hashes, from which every proof is computed.
 *
 *   tile/entries/<N>[.p/<W>]   entries, each behind its length in 16 bits big-endian
 *   tile/<L>/<N>[.p/<W>]       32-byte hashes: leaves at level 0, roots of full tiles of level L−1 above
 *   checkpoint                 the newest signed note
 *
 * Law: full tiles never change; a partial one of width W exists for the size of a checkpoint.
 * Source: C2SP tlog-tiles.
 */
import { type Bytes, concat, IsletError } from '../vocabulary/index.ts'
import { HASH_BYTES, type TreeHasher } from './merkle-hash.ts'
import type { NodeReader } from './merkle-proof.ts'
import { merkleTreeOver } from './merkle-tree.ts'

/** Entries in a bundle, hashes in a tile. */
export const TILE_WIDTH = 256
const TILE_HEIGHT = 8

export const CHECKPOINT_PATH = 'checkpoint'

/** Which tile: level −1 stands for the entries. `width` 1–255 for a partial tile, 256 for a full one. */
export interface TileName {
  readonly level: number
  readonly index: number
  readonly width: number
}

/** The path of a tile. */
export function tilePath(tile: TileName): string {
  const folder = tile.level < 0 ? 'entries' : String(tile.level)
  let rest = Math.floor(tile.index / 1000)
  let path = String(tile.index % 1000).padStart(3, '0')
  for (; rest > 0; rest = Math.floor(rest / 1000)) path = `x${String(rest % 1000).padStart(3, '0')}/${path}`
  return `tile/${folder}/${path}${tile.width === TILE_WIDTH ? '' : `.p/${tile.width}`}`
}

/** Every tile that a log of `size` entries has, entries first; partial ones where the size asks for them. */
export function* tilesOf(size: number): Generator<TileName> {
  yield* level(-1, size)
  for (let count = size, at = 0; count > 0; count = Math.floor(count / TILE_WIDTH), at++)
    yield* level(at, count)
}

/** The partial tiles of a log of `size` entries. */
export function partialTilesOf(size: number): readonly TileName[] {
  const tiles: TileName[] = []
  const add = (at: number, count: number): void => {
    const width = count % TILE_WIDTH
    if (width > 0) tiles.push({ level: at, index: Math.floor(count / TILE_WIDTH), width })
  }
  add(-1, size)
  for (let count = size, at = 0; count > 0; count = Math.floor(count / TILE_WIDTH), at++) add(at, count)
  return tiles
}

/** Entries → bundle. Throws `LOG_ENTRY_TOO_LARGE`. */
export function encodeBundle(entries: readonly Uint8Array[]): Bytes {
  return concat(
    ...entries.flatMap((entry) => {
      if (entry.length > 0xffff) {
        throw new IsletError('LOG_ENTRY_TOO_LARGE', 'an entry has at most 65,535 bytes', {
          bytes: entry.length,
        })
      }
      return [Uint8Array.of(entry.length >> 8, entry.length & 0xff), entry]
    }),
  )
}

/** Bundle → entries. Throws `LOG_BUNDLE_WRONG` when bytes are missing or left over. */
export function decodeBundle(bundle: Uint8Array): readonly Bytes[] {
  const entries: Bytes[] = []
  for (let at = 0; at < bundle.length; ) {
    const length = ((bundle[at] ?? 0) << 8) | (bundle[at + 1] ?? 0)
    const end = at + 2 + length
    if (at + 2 > bundle.length || end > bundle.length) {
      throw new IsletError('LOG_BUNDLE_WRONG', 'a bundle of entries is cut short', { offset: at })
    }
    entries.push(bundle.slice(at + 2, end))
    at = end
  }
  return entries
}

/** The root of a tile's hashes. */
export function tileRoot(tile: Bytes, hasher: TreeHasher): Bytes {
  return merkleTreeOver(tile, hasher).root
}

/** The tile in which a node lies, and where in it: `count` hashes from `offset`. */
function tileOfNode(nodeLevel: number, nodeIndex: number): TileName & { offset: number; count: number } {
  const count = 2 ** (nodeLevel % TILE_HEIGHT)
  const first = nodeIndex * count
  return {
    level: Math.floor(nodeLevel / TILE_HEIGHT),
    index: Math.floor(first / TILE_WIDTH),
    width: TILE_WIDTH,
    offset: first % TILE_WIDTH,
    count,
  }
}

/**
 * Runs a proof twice: once to learn which tiles it needs, once over their hashes, so that the proof itself stays
 * synchronous. `load` gives the hashes of tile (level, index), as many as there are.
 */
export async function proveOverTiles<T>(
  prove: (nodes: NodeReader) => T,
  load: (level: number, index: number) => Promise<Bytes>,
  hasher: TreeHasher,
): Promise<T> {
  const wanted = new Map<string, { readonly level: number; readonly index: number }>()
  const blank = new Uint8Array(HASH_BYTES)
  prove((nodeLevel, nodeIndex) => {
    const { level, index } = tileOfNode(nodeLevel, nodeIndex)
    wanted.set(`${level}/${index}`, { level, index })
    return blank
  })
  const tiles = new Map<string, Bytes>()
  for (const [name, { level, index }] of wanted) tiles.set(name, await load(level, index))
  return prove((nodeLevel, nodeIndex) => {
    const { level, index, offset, count } = tileOfNode(nodeLevel, nodeIndex)
    const hashes = tiles.get(`${level}/${index}`)?.slice(offset * HASH_BYTES, (offset + count) * HASH_BYTES)
    if (hashes?.length !== count * HASH_BYTES) {
      throw new IsletError('LOG_TILE_MISSING', 'a tile of the log is missing or short', { level, index })
    }
    return tileRoot(hashes, hasher)
  })
}

function* level(at: number, count: number): Generator<TileName> {
  const full = Math.floor(count / TILE_WIDTH)
  for (let index = 0; index < full; index++) yield { level: at, index, width: TILE_WIDTH }
  if (count % TILE_WIDTH > 0) yield { level: at, index: full, width: count % TILE_WIDTH }
}
