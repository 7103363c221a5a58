/**
 * `islet export DIR`: everything an auditor needs, in one directory.
 *
 * Law: a stopped node's directory is held while it is read; a running node is read beside it, and the copy is of one
 * moment or is made again. Nothing in the data directory is changed.
 */
import { stat } from 'node:fs/promises'
import type { ExportDocument } from '../../api/documents.door.ts'
import { answering, exportDump as exportAll } from '../../audit/index.ts'
import { type DirectoryLock, lockDataDirectory } from '../../ledger/lock.door.ts'
import { isIsletError } from '../../vocabulary/index.ts'
import { dumpSource } from '../institution/dump-source.ts'
import { consensusNodes } from '../network/commit-source.ts'
import { EXIT, printDocument } from './outcome.ts'
import { startProgress } from './progress.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

type Options = Readonly<Record<string, unknown>>

/** Where a lock cannot be taken because a node runs, or nothing may be written there, the copy must stand alone. */
const WITHOUT_LOCK = ['DATA_IN_USE', 'READ_ONLY_DIRECTORY', 'NO_PERMISSION']

export async function exportDump(
  context: VerbContext,
  [target = '']: readonly string[],
  options: Options = {},
): VerbOutcome {
  const { terminal, data, signal } = context
  const source = await dumpSource(data)
  const objects = options['objects'] === 'names' ? 'names' : 'included'
  const lock = await lockIfIdle(data)
  if (lock === undefined) terminal.err('A node runs on this data directory: exporting beside it.\n')
  const steps = await stepsOf(source.ledger)
  const progress = startProgress('export', steps, terminal)
  const underWay = (done: number): void => progress.advance(Math.min(done, steps - 1))
  try {
    const nodes = await consensusNodes(data)
    const commits = nodes.length === 0 ? {} : { commits: await answering(nodes) }
    const done = await exportAll({ source, target, objects, signal, progress: underWay, ...commits })
    progress.finish()
    const { files, bytes, head, unsigned } = done
    if (context.json) {
      const document: ExportDocument = {
        schema: 'islet.export/1',
        directory: target,
        files,
        size_bytes: bytes,
        head,
        objects,
        unsigned_log_entries: unsigned,
      }
      printDocument(document, terminal)
    } else {
      terminal.out(`${files} files, ${bytes} bytes in ${target}\n`)
      terminal.out(
        `The ledger up to block ${head.height}, ${source.institutions.length} institutions, ${OBJECTS[objects]}.\n`,
      )
      if (unsigned > 0) {
        terminal.out(
          `Left out: ${unsigned} access log ${unsigned === 1 ? 'entry' : 'entries'} that no signed checkpoint holds yet; a running node signs within a minute.\n`,
        )
      }
      terminal.out(`Verify it anywhere with: islet verify ${target}\n`)
    }
    return EXIT.done
  } finally {
    progress.finish()
    await lock?.release()
  }
}

const OBJECTS = {
  included: 'sealed objects included',
  names: 'sealed objects by name and size only',
} as const

async function lockIfIdle(data: string): Promise<DirectoryLock | undefined> {
  try {
    return await lockDataDirectory(data)
  } catch (error) {
    if (isIsletError(error, ...WITHOUT_LOCK)) return undefined
    throw error
  }
}

/** Steps grow with what was anchored: one for each kilobyte of the journal is near enough for a bar. */
async function stepsOf(ledger: string): Promise<number> {
  const journal = await stat(`${ledger}/journal`).catch(() => undefined)
  return Math.max(1, Math.ceil((journal?.size ?? 0) / 1024))
}
