/**
 * Snapshots of the executor's state: they shorten a replay, and nothing depends on them.
 *
 *   file = SHA-256 of the rest (32) ‖ length of the description (4) ‖ description (JSON) ‖ state
 *
 * Law: a snapshot is whole or it is not there (written aside, synced, renamed); it is used only if it belongs to this
 * journal's chain and names the block hash that the journal knows for its height.
 */
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import {
  type Bytes,
  concat,
  equalBytes,
  fromUtf8,
  type Hash32,
  type Hex,
  hash32,
  uint32,
  utf8,
} from '../vocabulary/index.ts'
import type { Disk } from './disk.ts'
import { member } from './json-rpc.ts'

export interface Snapshot {
  readonly height: number
  readonly hash: Hash32
  readonly genesisHash: Hash32
  /** What `anvil_loadState` takes. */
  readonly state: Hex
}

const NAME = /^snapshot-(\d{1,15})$/
const KEPT = 2

export async function writeSnapshot(disk: Disk, directory: string, snapshot: Snapshot): Promise<void> {
  const { height, hash, genesisHash, state } = snapshot
  const description = utf8(JSON.stringify({ schema: 'islet.snapshot/1', height, hash, genesisHash }))
  const body = concat(uint32(description.length), description, Buffer.from(state.slice(2), 'hex'))
  await disk.replace(join(directory, `snapshot-${height}`), concat(digest(body), body))
  for (const old of (await snapshotHeights(disk, directory)).slice(KEPT)) {
    await disk.remove(join(directory, `snapshot-${old}`))
  }
}

/** Heights of the snapshots there, newest first. */
export async function snapshotHeights(disk: Disk, directory: string): Promise<readonly number[]> {
  const heights: number[] = []
  for (const name of await disk.list(directory)) {
    const match = NAME.exec(name)
    if (match !== null) heights.push(Number(match[1]))
  }
  return heights.sort((a, b) => b - a)
}

/** A snapshot by height, or undefined where it is damaged. */
export async function readSnapshot(
  disk: Disk,
  directory: string,
  height: number,
): Promise<Snapshot | undefined> {
  const file = await disk.read(join(directory, `snapshot-${height}`))
  if (file === undefined || file.length < 36) return undefined
  const body = file.subarray(32)
  if (!equalBytes(digest(body), file.subarray(0, 32))) return undefined
  const length = new DataView(body.buffer, body.byteOffset, 4).getUint32(0)
  try {
    const description: unknown = JSON.parse(fromUtf8(body.subarray(4, 4 + length)))
    const state: Hex = `0x${Buffer.from(body.subarray(4 + length)).toString('hex')}`
    return {
      height: Number(member(description, 'height')),
      hash: hash32(String(member(description, 'hash'))),
      genesisHash: hash32(String(member(description, 'genesisHash'))),
      state,
    }
  } catch {
    return undefined
  }
}

function digest(bytes: Uint8Array): Bytes {
  return Uint8Array.from(createHash('sha256').update(bytes).digest())
}
