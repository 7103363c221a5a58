/**
 * Placing many objects as files of their own, unflushed, once a durable batch stands for all of them.
 *
 * Law: every file is written under another name and renamed when it is complete; on failure nothing of it remains.
 * Synchronous calls a few files at a time, then a turn for everybody else: they only reach the system's cache, and a file
 * through promises costs four times the processor time (measured: 1.05 ms against 0.29 ms on ext4).
 */
import type * as nodeFiles from 'node:fs'
import { setImmediate as turn } from 'node:timers/promises'

/** The calls of node:fs that placing and reading make; tests put failing ones in their place. */
export type PlacingFiles = Pick<
  typeof nodeFiles,
  | 'closeSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readFileSync'
  | 'renameSync'
  | 'statSync'
  | 'unlinkSync'
  | 'writeSync'
>

/** A file to be placed. */
export interface Placement {
  readonly folder: string
  readonly path: string
  /** Where it is written first: a name of its own. */
  readonly draft: string
  readonly bytes: Uint8Array
}

/** Files and bytes between two turns. */
const SLICE_FILES = 16
const SLICE_BYTES = 1024 * 1024

/** Places files in order; `made` knows the folders that are there, and learns new ones. */
export async function placeMany(
  files: PlacingFiles,
  placements: readonly Placement[],
  made: { has(folder: string): boolean; add(folder: string): void },
): Promise<void> {
  let [count, bytes] = [0, 0]
  for (const placement of placements) {
    if (count >= SLICE_FILES || bytes >= SLICE_BYTES) {
      await turn()
      count = 0
      bytes = 0
    }
    if (!made.has(placement.folder)) {
      files.mkdirSync(placement.folder, { recursive: true, mode: 0o700 })
      made.add(placement.folder)
    }
    place(files, placement)
    count += 1
    bytes += placement.bytes.length
  }
}

/** Which of the paths hold no file. */
export function missing(files: PlacingFiles, paths: readonly string[]): readonly string[] {
  return paths.filter((path) => files.statSync(path, { throwIfNoEntry: false }) === undefined)
}

function place(files: PlacingFiles, { path, draft, bytes }: Placement): void {
  try {
    const file = files.openSync(draft, 'wx', 0o600)
    try {
      for (let at = 0; at < bytes.length; ) at += files.writeSync(file, bytes, at)
    } finally {
      files.closeSync(file)
    }
    files.renameSync(draft, path)
  } catch (error) {
    try {
      files.unlinkSync(draft)
    } catch {
      // It was never made, or the disk refuses this too; a start empties the folder of drafts.
    }
    throw error
  }
}
