/**
 * Which nodes of the hour tree stand for a window: the minimal cover, and its bytes.
 *
 * Laws: the nodes of a cover are disjoint, their union is the window exactly, no smaller set does it, and there are
 * at most 2·depth of them; the encoding has one spelling, because the positions follow from the window and only keys
 * are written.
 * Source: the complete-subtree method, Naor–Naor–Lotspiech, CRYPTO 2001, §3.1, over the tree of key-tree.ts.
 */
import {
  type Bytes,
  concat,
  HOUR_LIMIT,
  HOUR_TREE_DEPTH,
  type HourWindow,
  IsletError,
  KINDS,
  type Kind,
  quantity,
  type UtcHour,
  uint32,
} from '../vocabulary/index.ts'
import { KEY_BYTES } from './suite.ts'

/** A subtree: 2^height hours from `first`, which is a multiple of 2^height. */
export interface CoverPosition {
  readonly first: UtcHour
  readonly height: number
}

export interface CoverNode extends CoverPosition {
  /** 32 secret bytes. */
  readonly key: Bytes
}

/** The keys of one kind and generation for a window of hours: exactly what a grant hands over. */
export interface Cover {
  readonly kind: Kind
  /** 0 ≤ generation < 2^32. */
  readonly generation: number
  readonly window: HourWindow
  /** In order of time. */
  readonly nodes: readonly CoverNode[]
}

const VERSION = 1
/** version u8 ‖ kind u8 ‖ generation u32 ‖ first u32 ‖ end u32 */
const HEADER = 14

/** The minimal disjoint subtrees whose hours are the window's. Throws `HOUR_OUT_OF_RANGE`, `WINDOW_EMPTY`. */
export function coverPositions(
  window: HourWindow,
  depth: number = HOUR_TREE_DEPTH,
): readonly CoverPosition[] {
  checkWindow(window, 2 ** depth)
  const positions: CoverPosition[] = []
  let first: number = window.first
  while (first < window.end) {
    let height = 0
    while (height < depth && first % 2 ** (height + 1) === 0 && first + 2 ** (height + 1) <= window.end) {
      height++
    }
    positions.push({ first: quantity<UtcHour>(first), height })
    first += 2 ** height
  }
  return positions
}

/** The one binary spelling of a cover. It is secret: it goes into envelopes only. */
export function encodeCover(cover: Cover): Bytes {
  const header = concat(
    Uint8Array.of(VERSION, KINDS.indexOf(cover.kind)),
    uint32(cover.generation),
    uint32(cover.window.first),
    uint32(cover.window.end),
  )
  return concat(header, ...cover.nodes.map((node) => node.key))
}

/** Reads `encodeCover`'s bytes. Throws `COVER_MALFORMED`. */
export function decodeCover(bytes: Uint8Array): Cover {
  if (bytes.length < HEADER) throw malformed(bytes.length)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const kind = KINDS[view.getUint8(1)]
  const first = view.getUint32(6)
  const end = view.getUint32(10)
  if (view.getUint8(0) !== VERSION || kind === undefined || first >= end || end > HOUR_LIMIT) {
    throw malformed(bytes.length)
  }
  const window = { first: quantity<UtcHour>(first), end: quantity<UtcHour>(end) }
  const positions = coverPositions(window)
  if (bytes.length !== HEADER + positions.length * KEY_BYTES) throw malformed(bytes.length)
  const nodes = positions.map((position, index) => {
    const at = HEADER + index * KEY_BYTES
    return { ...position, key: new Uint8Array(bytes.slice(at, at + KEY_BYTES)) }
  })
  return { kind, generation: view.getUint32(2), window, nodes }
}

function checkWindow(window: HourWindow, limit: number): void {
  const { first, end } = window
  if (!(Number.isInteger(first) && Number.isInteger(end) && first >= 0 && end <= limit)) {
    throw new IsletError('HOUR_OUT_OF_RANGE', 'the window lies outside the hour tree', { first, end })
  }
  if (end <= first) throw new IsletError('WINDOW_EMPTY', 'the window holds no hour', { first, end })
}

function malformed(length: number): IsletError {
  return new IsletError('COVER_MALFORMED', 'these bytes are no key cover of this suite', { length })
}
