/**
 * Exports everything an auditor needs into one directory.
 *
 * Laws: the dump is there entirely or not at all; it is of one moment (where a running node moved on meanwhile, the copy
 * is made again); nothing in it names a person: handles, names, openings, log keys and patients' directories stay behind.
 */

import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { JournalGenesis } from '../journal/index.ts'
import {
  anchorLedgerRuntimeBytecode,
  consentLedgerRuntimeBytecode,
  contractsBuild,
  membershipRuntimeBytecode,
} from '../ledger/index.ts'
import { CHECKPOINT_PATH } from '../vault/index.ts'
import { fromHex, type Hash32, type Hex, isIsletError } from '../vocabulary/index.ts'
import type { Manifest } from './dump-format.ts'
import { type DumpWriter, openDumpWriter } from './dump-writer.ts'
import { type CommitSource, exportCommits } from './export-commits.ts'
import { exportInstitution, unsettled } from './export-institution.ts'
import { exportLedger, newestHead } from './export-ledger.ts'
import { FINALITY_CRYPTO } from './node-finality.ts'
import { absent, filesUnder } from './read-only-shelf.ts'
import type { DumpSource } from './source.ts'

export interface ExportOptions {
  readonly source: DumpSource
  /** A folder that does not exist yet, or is empty. */
  readonly target: string
  /** Sealed objects themselves, or only their names and sizes; included by default. */
  readonly objects?: 'included' | 'names'
  /** Steps done, of an estimate that grows. */
  readonly progress?: (done: number) => void
  readonly signal?: AbortSignal
  /** Shows a consortium's blocks with their votes; left out, the dump has none. */
  readonly commits?: CommitSource
}

export interface Exported {
  readonly directory: string
  readonly files: number
  readonly bytes: number
  readonly head: { readonly height: number; readonly hash: Hash32 }
  /** Entries of access logs that were left out, for nobody has signed them yet. */
  readonly unsigned: number
}

const ATTEMPTS = 8

/** Code of the three contracts as committed: SHA-256 of each, immutables zero. */
export const CONTRACT_CODE: Manifest['contracts'] = {
  compiler: contractsBuild.compiler,
  sourceHash: contractsBuild.sourceHash,
  code: {
    membership: sha256(membershipRuntimeBytecode),
    consents: sha256(consentLedgerRuntimeBytecode),
    anchors: sha256(anchorLedgerRuntimeBytecode),
  },
}

/**
 * Exports a source. Throws `TARGET_NOT_EMPTY`, `NOT_A_DIRECTORY`, `NO_LEDGER`, `JOURNAL_CUT_SHORT`, `SHELF_DAMAGED`,
 * `EXPORT_UNSETTLED`, `INTERRUPTED` and the codes of the disk.
 */
export async function exportDump(options: ExportOptions): Promise<Exported> {
  for (let attempt = 1; ; attempt++) {
    const writer = await openDumpWriter(options.target)
    try {
      return await exportOnce(options, writer)
    } catch (error) {
      await writer.discard()
      const moved = isIsletError(error, 'EXPORT_UNSETTLED') || isIsletError(error, 'RECORDS_CORRUPT')
      if (!moved || attempt === ATTEMPTS || options.signal?.aborted === true) throw error
      await new Promise((resolve) => setTimeout(resolve, 50 * attempt))
    }
  }
}

async function exportOnce(options: ExportOptions, writer: DumpWriter): Promise<Exported> {
  const { source, target, objects = 'included', progress, signal } = options
  const before = await momentOf(source)
  let done = 0
  const step = (): void => {
    signal?.throwIfAborted()
    done += 1
    progress?.(done)
  }
  const { genesis, height, head } = await exportLedger(source, writer)
  const institutions: Manifest['institutions'] = []
  for (const institution of source.institutions) {
    const { unsigned } = await exportInstitution(institution, writer, { objects, height, step })
    const { id, key, name } = institution
    institutions.push({ id, key, name, unsigned })
  }
  if ((await momentOf(source)) !== before) throw unsettled()
  if (options.commits !== undefined)
    await exportCommits({ source: options.commits, height, step }, FINALITY_CRYPTO, writer)
  await writer.finish({
    schema: 'islet.dump/1',
    engine: engineOf(genesis),
    chainId: genesis.chainId,
    genesisHash: genesis.genesisHash,
    operator: genesis.operator,
    head: { height, hash: head.hash },
    deployment: source.deployment,
    contracts: CONTRACT_CODE,
    institutions,
    objects,
  })
  const unsigned = institutions.reduce((sum, one) => sum + one.unsigned, 0)
  const { files, bytes } = writer
  return { directory: target, files, bytes, head: { height, hash: head.hash }, unsigned }
}

/** What the ledger of a journal was kept by. */
export function engineOf({ founding }: JournalGenesis): Manifest['engine'] {
  return founding === undefined ? 'single-operator ledger' : 'consortium'
}

/** Head, checkpoints, and what slots and reads there are, as one text: equal before and after means that nothing moved. */
async function momentOf(source: DumpSource): Promise<string> {
  const head = await newestHead(source.ledger)
  const parts = await Promise.all(
    source.institutions.map(async ({ log, shelf }) => [
      await absent(() => readFile(join(log, CHECKPOINT_PATH), 'utf8'), ''),
      (await filesUnder(shelf, 'slots/closed')).length,
      (await filesUnder(shelf, 'reader/reads')).length,
    ]),
  )
  return JSON.stringify([head?.journal, parts])
}

function sha256(code: Hex): string {
  return createHash('sha256').update(fromHex(code)).digest('hex')
}
