/**
 * The ledger's part of an export: the journal up to its last whole record, and the heads that the operator signed.
 *
 * Law: files are read as they stand; a running engine only appends to the journal and writes its head mark in turns.
 */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type JournalGenesis, readJournal, readRecords } from '../journal/index.ts'
import { parseSignedHead, type SignedHead } from '../ledger/index.ts'
import { fromUtf8, IsletError, isIsletError } from '../vocabulary/index.ts'
import { HEADS, JOURNAL, line } from './dump-format.ts'
import type { DumpWriter } from './dump-writer.ts'
import { filesUnder } from './read-only-shelf.ts'
import type { DumpSource } from './source.ts'

export interface ExportedLedger {
  readonly genesis: JournalGenesis
  readonly height: number
  readonly head: SignedHead
}

/** Bytes of one of the two slots of a head mark (ledger/head-mark.ts). */
const MARK_SLOT_BYTES = 1024
const RECORD_HEADER_BYTES = 48

/** Writes journal and heads. Throws `NO_LEDGER`, `RECORDS_CORRUPT` and what else a damaged journal throws. */
export async function exportLedger(
  { ledger: directory, institutions }: Pick<DumpSource, 'ledger' | 'institutions'>,
  writer: DumpWriter,
): Promise<ExportedLedger> {
  const head = await newestHead(directory)
  const journal = new Uint8Array(await optional(join(directory, 'journal')))
  const opened = readJournal(journal, (message) => createHash('sha256').update(message).digest())
  if (opened === undefined || head === undefined) throw noLedger(directory)
  let height = 0
  let bytes = 0
  for (;;) {
    const next = opened.entries.next()
    if (next.done) {
      bytes = next.value.bytes
      break
    }
    // Blocks behind the signed head are the next export's: nothing signed says what they are.
    if (next.value.block.height > head.height) {
      bytes = next.value.offset
      break
    }
    height = next.value.block.height
  }
  if (height < head.height) {
    throw new IsletError(
      'JOURNAL_CUT_SHORT',
      'the journal lacks a block that was acknowledged',
      { acknowledged: head.height, found: height },
      { remedy: 'Restore the journal from a backup.' },
    )
  }
  await writer.file(JOURNAL, [journal.subarray(0, bytes)])
  const kept = new Map<string, SignedHead>()
  for (const { heads } of institutions) {
    for (const one of await keptHeads(heads))
      if (one.height <= height) kept.set(`${one.hash} ${one.journal}`, one)
  }
  kept.delete(`${head.hash} ${head.journal}`)
  await writer.file(HEADS, [head, ...kept.values()].map(line))
  return { genesis: opened.genesis, height, head }
}

/** Heads that an institution keeps, one file each (node/institution/head-book.ts); what is no head is left out. */
async function keptHeads(directory: string): Promise<readonly SignedHead[]> {
  const heads: SignedHead[] = []
  for (const name of (await filesUnder(directory, '')).toSorted()) {
    if (!/^\d+\.json$/.test(name)) continue
    try {
      heads.push(parseSignedHead(JSON.parse(await readFile(join(directory, name), 'utf8'))))
    } catch (error) {
      if (!(isIsletError(error) || error instanceof SyntaxError)) throw error
    }
  }
  return heads
}

/** The newest head in the engine's mark; undefined where none is whole. */
export async function newestHead(directory: string): Promise<SignedHead | undefined> {
  const mark = new Uint8Array(await optional(join(directory, 'head')))
  const heads = [0, 1].flatMap((slot) =>
    headIn(mark.subarray(slot * MARK_SLOT_BYTES, (slot + 1) * MARK_SLOT_BYTES)),
  )
  return heads.toSorted((a, b) => b.height - a.height)[0]
}

function headIn(slot: Uint8Array): readonly SignedHead[] {
  if (slot.length < RECORD_HEADER_BYTES) return []
  const length = new DataView(slot.buffer, slot.byteOffset + 4, 4).getUint32(0)
  try {
    const record = readRecords(slot.subarray(0, RECORD_HEADER_BYTES + length)).next()
    return record.done ? [] : [parseSignedHead(JSON.parse(fromUtf8(record.value.payload)))]
  } catch (error) {
    if (isIsletError(error) || error instanceof SyntaxError) return []
    throw error
  }
}

async function optional(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return new Uint8Array(0)
    throw error
  }
}

function noLedger(directory: string): IsletError {
  return new IsletError(
    'NO_LEDGER',
    'there is no ledger in this data directory, or it was never opened',
    {},
    {
      at: { file: directory },
      remedy: 'Start the node once, or name another data directory with --data DIR.',
    },
  )
}
