/**
 * The head mark: the newest signed head, written beside the journal after every block.
 *
 * Law: it is written after the journal was synced and before anything is acknowledged. So a journal that ends before
 * its mark has lost a block, and is refused instead of quietly continued; a mark that is older (after a power cut) or
 * torn does no harm. Two slots are written in turn, each a record of its own.
 */

import { createHash } from 'node:crypto'
import { encodeRecord, RECORDS_START, readRecords, type Sha256 } from '../journal/index.ts'
import { fromUtf8, utf8 } from '../vocabulary/index.ts'
import type { Disk, MarkFile } from './disk.ts'
import { parseSignedHead, type SignedHead } from './signed-head.ts'

const SLOT_BYTES = 1024

/** SHA-256 of the platform, several times as fast as the portable one. */
export const nodeSha256: Sha256 = (message) => createHash('sha256').update(message).digest()

export interface HeadMark {
  write(head: SignedHead): Promise<void>
  close(): Promise<void>
}

/** The newest head that was marked, or undefined. */
export async function readHeadMark(disk: Disk, path: string): Promise<SignedHead | undefined> {
  const file = await disk.read(path)
  const heads = [0, 1].map((slot) => readSlot(file, slot)).filter((head) => head !== undefined)
  return heads.sort((a, b) => b.height - a.height)[0]
}

export async function openHeadMark(disk: Disk, path: string): Promise<HeadMark> {
  const file: MarkFile = await disk.openMark(path)
  return {
    write: async (head) => {
      const { bytes } = encodeRecord(RECORDS_START, utf8(JSON.stringify(head)), nodeSha256)
      const slot = new Uint8Array(SLOT_BYTES)
      slot.set(bytes)
      await file.write(slot, (head.height % 2) * SLOT_BYTES)
    },
    close: () => file.close(),
  }
}

function readSlot(file: Uint8Array | undefined, slot: number): SignedHead | undefined {
  if (file === undefined) return undefined
  const bytes = file.subarray(slot * SLOT_BYTES, (slot + 1) * SLOT_BYTES)
  const length = bytes.length >= 8 ? new DataView(bytes.buffer, bytes.byteOffset + 4, 4).getUint32(0) : 0
  try {
    const record = readRecords(bytes.subarray(0, 48 + length), nodeSha256).next()
    return record.done ? undefined : parseSignedHead(JSON.parse(fromUtf8(record.value.payload)))
  } catch {
    return undefined
  }
}
