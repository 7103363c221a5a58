/**
 * The journal by itself: checksums, hash chain, order of blocks, torn end. Needs no engine, and nothing of Node.
 *
 * Law: what can be read is read on; each break is named with its place.
 */

import { type JournalBlock, type JournalGenesis, readJournal, type Sha256 } from '../journal/index.ts'
import { type Bytes, type Hash32, hash32, isIsletError, toHex } from '../vocabulary/index.ts'
import { JOURNAL } from './dump-format.ts'
import type { Findings } from './finding.ts'

export interface JournalReading {
  readonly genesis: JournalGenesis
  readonly blocks: readonly JournalBlock[]
  /** Hash of the journal's record of each block, by height − 1. */
  readonly records: readonly Hash32[]
}

export interface JournalChecked {
  readonly reading: JournalReading
  /** The bytes that hold together: what can be replayed. */
  readonly sound: Bytes
  /** Whether that is all of it. */
  readonly whole: boolean
}

const CODES = {
  RECORDS_CORRUPT: 'JOURNAL_CORRUPT',
  JOURNAL_MALFORMED: 'JOURNAL_MALFORMED',
  JOURNAL_OUT_OF_ORDER: 'JOURNAL_OUT_OF_ORDER',
} as const

/** Reads a dump's journal as far as it goes; undefined where not even its first record is whole. */
export function checkJournal(
  file: Bytes | undefined,
  digest: Sha256,
  findings: Findings,
): JournalChecked | undefined {
  // That it is missing was said already.
  if (file === undefined) return undefined
  const blocks: JournalBlock[] = []
  const records: Hash32[] = []
  let genesis: JournalGenesis | undefined
  try {
    const opened = readJournal(file, digest)
    if (opened === undefined) {
      findings.add('JOURNAL_MALFORMED', JOURNAL, 'its first record is not whole')
      return undefined
    }
    genesis = opened.genesis
    for (;;) {
      const next = opened.entries.next()
      if (next.done) {
        const { torn, bytes } = next.value
        if (torn > 0) findings.add('JOURNAL_TORN', JOURNAL, `${torn} bytes behind the last record`)
        return { reading: { genesis, blocks, records }, sound: file.subarray(0, bytes), whole: torn === 0 }
      }
      blocks.push(next.value.block)
      records.push(hash32(toHex(next.value.recordHash)))
    }
  } catch (error) {
    if (!isIsletError(error, ...Object.keys(CODES))) throw error
    const code = Object.entries(CODES).find(([known]) => known === error.code)?.[1] ?? 'JOURNAL_MALFORMED'
    findings.add(code, `${JOURNAL}, ${placeOf(error.facts, blocks.length)}`)
    const offset = error.facts['offset']
    if (genesis === undefined || typeof offset !== 'number') return undefined
    return { reading: { genesis, blocks, records }, sound: file.subarray(0, offset), whole: false }
  }
}

function placeOf(facts: Readonly<Record<string, unknown>>, read: number): string {
  const offset = facts['offset']
  return `after block ${read}${typeof offset === 'number' ? `, byte ${offset}` : ''}`
}
