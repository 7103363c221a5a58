/**
 * The hour-key tree: from a patient's root R to the secret of one hour of one kind of data.
 *
 *   stream root = HKDF(R, info = "islet/v1/stream" ‖ kind u8 ‖ generation u32)
 *   child b     = HMAC-SHA256(node, "islet/v1/tree" ‖ b u8),  b = 0 for the earlier half
 *
 * Laws: a node gives every hour beneath it and none beside it; kinds and generations share no secret; only a holder of
 * a node above an hour derives that hour.
 * Source: Goldreich–Goldwasser–Micali, J. ACM 33 (1986), §3; HKDF: RFC 5869.
 */
import {
  type Bytes,
  concat,
  HOUR_LIMIT,
  HOUR_TREE_DEPTH,
  type HourWindow,
  holds,
  IsletError,
  KINDS,
  type Kind,
  quantity,
  type UtcHour,
  uint32,
} from '../vocabulary/index.ts'
import { type Cover, type CoverNode, type CoverPosition, coverPositions } from './cover.ts'
import { hkdf } from './hkdf.ts'
import { type Hasher, KEY_BYTES, LABELS } from './suite.ts'

const EARLIER = concat(LABELS.tree, Uint8Array.of(0))
const LATER = concat(LABELS.tree, Uint8Array.of(1))
const WHOLE_TREE: HourWindow = { first: quantity<UtcHour>(0), end: quantity<UtcHour>(HOUR_LIMIT) }

/** What a node's key is applied to: for its later half, or for its earlier one. */
export function treeMessage(later: boolean): Bytes {
  return later ? LATER : EARLIER
}

/**
 * Every hour of one kind and generation: the stream root, as the cover of the whole tree. The patient alone holds it.
 * Throws `ROOT_MALFORMED` unless R has 32 bytes, `GENERATION_OUT_OF_RANGE` outside 0–2^32−1.
 */
export function streamCover(hasher: Hasher, root: Uint8Array, kind: Kind, generation: number): Cover {
  if (root.length !== KEY_BYTES) {
    throw new IsletError('ROOT_MALFORMED', 'a root key has 32 bytes', { length: root.length })
  }
  if (!(Number.isInteger(generation) && generation >= 0 && generation < 2 ** 32)) {
    throw new IsletError('GENERATION_OUT_OF_RANGE', 'a generation is a 32-bit counter', { generation })
  }
  const info = concat(LABELS.stream, Uint8Array.of(KINDS.indexOf(kind)), uint32(generation))
  const key = hkdf(hasher, root, { info, length: KEY_BYTES })
  const node = { first: WHOLE_TREE.first, height: HOUR_TREE_DEPTH, key }
  return { kind, generation, window: WHOLE_TREE, nodes: [node] }
}

/** The part of a cover that lies in a window. Throws `WINDOW_NOT_COVERED` where the window reaches outside. */
export function narrowCover(hasher: Hasher, cover: Cover, window: HourWindow): Cover {
  if (window.first < cover.window.first || window.end > cover.window.end) {
    throw new IsletError('WINDOW_NOT_COVERED', 'the window reaches outside the keys at hand', {
      first: window.first,
      end: window.end,
    })
  }
  const derive = nodeDeriver(hasher, cover.nodes)
  const nodes = coverPositions(window).map((position) => {
    const key = derive(position)
    if (key === undefined) throw new IsletError('WINDOW_NOT_COVERED', 'the cover lacks a node of its window')
    return { ...position, key: key.slice() }
  })
  return { kind: cover.kind, generation: cover.generation, window, nodes }
}

export type HourLeaf =
  | { readonly code: 'DERIVED'; readonly leaf: Bytes }
  | { readonly code: 'HOUR_NOT_COVERED'; readonly hour: UtcHour }

/** The secret of one hour, or `HOUR_NOT_COVERED`. */
export function hourLeaf(hasher: Hasher, cover: Cover, hour: UtcHour): HourLeaf {
  const leaf = leafDeriver(hasher, cover)(hour)
  return leaf === undefined ? { code: 'HOUR_NOT_COVERED', hour } : { code: 'DERIVED', leaf }
}

/**
 * Derives many hours of one cover; hours in order of time cost two HMACs each, because the path is remembered.
 * Gives undefined for an hour outside the cover.
 */
export function leafDeriver(hasher: Hasher, cover: Cover): (hour: UtcHour) => Bytes | undefined {
  const derive = nodeDeriver(hasher, cover.nodes)
  return (hour) =>
    Number.isInteger(hour) && holds(cover.window, hour) ? derive({ first: hour, height: 0 }) : undefined
}

/** Derives nodes below the given ones, keeping the path of the last in memory. */
function nodeDeriver(
  hasher: Hasher,
  nodes: readonly CoverNode[],
): (position: CoverPosition) => Bytes | undefined {
  let top: CoverNode | undefined
  /** Keys by height on the path to `last`; valid from the top down to `lowest`. */
  const path: Bytes[] = []
  let last = 0
  let lowest = 0
  return ({ first, height }) => {
    if (top === undefined || !(first >= top.first && first < top.first + 2 ** top.height)) {
      top = nodes.find((node) => first >= node.first && first < node.first + 2 ** node.height)
      if (top === undefined) return undefined
      path[top.height] = top.key
      last = top.first
      lowest = top.height
    }
    if (height > top.height) return undefined
    // The lowest remembered node that is also an ancestor of the one wanted.
    let level = Math.max(lowest, height, 32 - Math.clz32(last ^ first))
    let key = path[level]
    while (key !== undefined && level > height) {
      level--
      key = hasher.hmacSha256(key, treeMessage(((first >>> level) & 1) === 1))
      path[level] = key
    }
    last = first
    lowest = height
    return key
  }
}
