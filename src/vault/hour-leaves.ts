/**
 * The secrets of many hours of one cover, level by level through the hour-key tree: every node on the way is derived once.
 *
 * Law: as `leafDeriver` of key-tree.ts hour by hour; an hour outside the cover has none.
 */
import { type Bytes, concat, holds, type UtcHour } from '../vocabulary/index.ts'
import type { Cover, CoverNode } from './cover.ts'
import { hmacRows } from './hash-rows.ts'
import { treeMessage } from './key-tree.ts'
import { type Hasher, KEY_BYTES } from './suite.ts'

/** Hours and their secrets, 32 bytes each, joined, in the same order. */
export interface HourLeaves {
  readonly hours: readonly UtcHour[]
  readonly leaves: Bytes
}

/** The secrets of those of the hours that the cover holds, each hour once. */
export function hourLeaves(hasher: Hasher, cover: Cover, hours: readonly UtcHour[]): HourLeaves {
  const below = new Map<CoverNode, UtcHour[]>()
  let node: CoverNode | undefined
  for (const hour of [...new Set(hours)].sort((a, b) => a - b)) {
    if (!Number.isInteger(hour) || !holds(cover.window, hour)) continue
    if (node === undefined || !reaches(node, hour)) node = cover.nodes.find((one) => reaches(one, hour))
    if (node === undefined) continue
    const known = below.get(node)
    if (known === undefined) below.set(node, [hour])
    else known.push(hour)
  }
  const groups = [...below]
  return {
    hours: groups.flatMap(([, its]) => its),
    leaves: concat(...groups.map(([top, its]) => descend(hasher, top, its))),
  }
}

function reaches(node: CoverNode, hour: number): boolean {
  return hour >= node.first && hour < node.first + 2 ** node.height
}

/** Secrets of hours, in order, that lie below one node. */
function descend(hasher: Hasher, top: CoverNode, hours: readonly UtcHour[]): Bytes {
  /** By level the wanted nodes, as the hour number without its last bits. */
  const wanted: (readonly number[])[] = [hours]
  for (let level = 1; level <= top.height; level++) {
    const parents: number[] = []
    for (const one of wanted[level - 1] ?? []) {
      if (parents.at(-1) !== one >>> 1) parents.push(one >>> 1)
    }
    wanted.push(parents)
  }
  let keys: Bytes = top.key
  for (let level = top.height - 1; level >= 0; level--) {
    const children = wanted[level] ?? []
    const parentKeys = new Uint8Array(children.length * KEY_BYTES)
    const messages = new Uint8Array(children.length * MESSAGE_BYTES)
    let parent = -1
    let last = -1
    children.forEach((child, i) => {
      if (child >>> 1 !== last) parent++
      last = child >>> 1
      parentKeys.set(keys.subarray(parent * KEY_BYTES, (parent + 1) * KEY_BYTES), i * KEY_BYTES)
      messages.set(treeMessage((child & 1) === 1), i * MESSAGE_BYTES)
    })
    keys = hmacRows(hasher, parentKeys, messages, MESSAGE_BYTES)
  }
  return keys
}

const MESSAGE_BYTES = treeMessage(false).length
