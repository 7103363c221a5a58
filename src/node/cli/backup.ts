/**
 * `islet backup FILE` and `islet restore FILE`: the data directory as one file, every part hashed.
 *
 * Law: a backup holds the three truths and the sealed keys, no projection; a restore is complete or leaves nothing.
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream, promises as fs } from 'node:fs'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { extract, pack } from 'tar-stream'
import type { BackupDocument, RestoreDocument } from '../../api/documents.door.ts'
import { nodeErasureList } from '../../vault/erasure.door.ts'
import { IsletError, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { findNetwork, isRunning } from '../network/network-file.ts'
import { noteBackup } from '../service/backup-record.ts'
import { EXIT, printDocument } from './outcome.ts'
import { startProgress } from './progress.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

/**
 * Folders and files that are rebuilt or belong to a running process; `signed` is what a consortium's seats signed last,
 * an old copy of which would let them sign twice.
 */
const LEFT_OUT = new Set(['projection', 'lock', 'tmp', 'signed'])
const MANIFEST = 'islet-backup.json'
/** A single file of a backup may not be larger; guards the restore against a hostile archive. */
const LARGEST_FILE_BYTES = 8 * 2 ** 30

interface Manifest {
  readonly schema: 'islet.backup/1'
  readonly files: Readonly<Record<string, string>>
}

async function* filesOf(folder: string, whole = false): AsyncGenerator<string> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    if (whole) return []
    throw error
  })
  for (const entry of entries) {
    if (!whole && (LEFT_OUT.has(entry.name) || entry.name.endsWith('.lock'))) continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* filesOf(path, whole)
    else if (entry.isFile()) yield path
  }
}

/**
 * Lists of the erased that outlived the data directory are joined with those of the backup, so that nobody who was erased
 * after it comes back (PROTOCOL 16); the node applies them before it opens anything.
 */
async function keepErasures(lists: readonly string[], target: string, aside: string): Promise<void> {
  for (const path of lists) {
    const known = await nodeErasureList(dirname(path)).read()
    await nodeErasureList(dirname(join(aside, relative(target, path)))).add([...known])
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}

/** A validator writes while it runs, and a copy of files that change is none. Throws `NETWORK_RUNS`. */
async function requireNoNetworkRuns(directory: string): Promise<void> {
  for (const node of (await findNetwork(directory))?.nodes ?? []) {
    if (!(await isRunning(node))) continue
    throw new IsletError(
      'NETWORK_RUNS',
      'a validator of this data directory runs',
      { institution: node.institution },
      { remedy: 'run islet network stop first' },
    )
  }
}

/** Writes the data directory into one file; refuses while a node runs on it and never overwrites. */
export async function backup(context: VerbContext, [file = '']: readonly string[]): VerbOutcome {
  const { lockDataDirectory } = await import('../../ledger/lock.door.ts')
  if ((await fs.stat(context.data).catch(() => undefined))?.isDirectory() !== true) {
    throw new IsletError(
      'NO_DATA',
      'there is no data directory to back up',
      {},
      { at: { file: context.data } },
    )
  }
  if ((await fs.stat(file).catch(() => undefined)) !== undefined) {
    throw new IsletError(
      'FILE_EXISTS',
      'a backup never overwrites',
      {},
      { at: { file }, remedy: 'choose another name' },
    )
  }
  await requireNoNetworkRuns(context.data)
  const lock = await lockDataDirectory(context.data)
  const aside = `${file}.part-${process.pid}`
  const archive = pack()
  try {
    const paths: string[] = []
    for await (const path of filesOf(context.data)) paths.push(path)
    paths.sort()
    const progress = startProgress('backup', paths.length, context.terminal)
    // Made before anything can end it: a stream that opens its file later would leave it behind.
    const part = await fs.open(aside, 'wx', 0o600)
    const written = pipeline(archive, createGzip(), part.createWriteStream())
    written.catch(() => undefined)
    const files: Record<string, string> = {}
    for (const [index, path] of paths.entries()) {
      requireGoing(context)
      const name = relative(context.data, path).split(sep).join('/')
      const { size, mode } = await fs.stat(path)
      files[name] = await sha256(path)
      const entry = archive.entry({ name, size, mode: mode & 0o777 })
      await pipeline(createReadStream(path), entry)
      progress.advance(index + 1)
    }
    const manifest: Manifest = { schema: 'islet.backup/1', files }
    archive.entry({ name: MANIFEST }, JSON.stringify(manifest))
    archive.finalize()
    await written
    await fs.rename(aside, file)
    progress.finish()
    const { size } = await fs.stat(file)
    await noteBackup(context.data, quantity<UnixSeconds>(Math.floor(Date.now() / 1_000)), size)
    const document: BackupDocument = { schema: 'islet.backup/1', files: paths.length, size_bytes: size }
    if (context.json) printDocument(document, context.terminal)
    else context.terminal.out(`${paths.length} files in ${file}, ${size} bytes\n`)
    return EXIT.done
  } finally {
    archive.destroy()
    await fs.rm(aside, { force: true })
    await lock.release()
  }
}

/** Restores a backup into an empty data directory: complete and with every hash right, or not at all. */
export async function restore(context: VerbContext, [file = '']: readonly string[]): VerbOutcome {
  const target = resolve(context.data)
  const there: string[] = []
  for await (const path of filesOf(target, true)) there.push(path)
  const lists = there.filter((path) => basename(path) === 'erased' && basename(dirname(path)) === 'erasures')
  if (lists.length < there.length) {
    throw new IsletError(
      'DIRECTORY_NOT_EMPTY',
      'a restore needs an empty data directory',
      {},
      { at: { file: target }, remedy: 'choose another with --data DIR' },
    )
  }
  const damaged = (why: string): IsletError =>
    new IsletError(
      'BACKUP_DAMAGED',
      `the backup is damaged: ${why}`,
      {},
      { at: { file }, remedy: 'use another copy' },
    )
  const aside = `${target}.restoring-${process.pid}`
  const { size: packed } = await fs.stat(file)
  const progress = startProgress('restore', packed, context.terminal)
  await fs.mkdir(dirname(target), { recursive: true })
  await fs.mkdir(aside, { mode: 0o700 })
  try {
    const hashes = new Map<string, string>()
    let manifest: Manifest | undefined
    const archive = extract()
    const source = createReadStream(file)
    const reading = pipeline(source, createGunzip(), archive)
    reading.catch((cause: unknown) => archive.destroy(cause instanceof Error ? cause : undefined))
    for await (const entry of archive) {
      requireGoing(context)
      progress.advance(source.bytesRead)
      const { name, size = 0, type, mode = 0o600 } = entry.header
      const path = resolve(aside, name)
      if (type !== 'file' || !path.startsWith(aside + sep) || size > LARGEST_FILE_BYTES)
        throw damaged('a strange entry')
      if (name === MANIFEST) {
        let text = ''
        for await (const chunk of entry) text += String(chunk)
        manifest = parseManifest(text)
        continue
      }
      await fs.mkdir(dirname(path), { recursive: true, mode: 0o700 })
      await pipeline(entry, createWriteStream(path, { flags: 'wx', mode: mode & 0o700 }))
      hashes.set(name, await sha256(path))
    }
    await reading
    if (manifest === undefined) throw damaged('it ends before its list of files')
    const names = Object.keys(manifest.files)
    const bad = names.find((name) => hashes.get(name) !== manifest?.files[name])
    if (bad !== undefined || names.length !== hashes.size) throw damaged('a file differs from its hash')
    requireGoing(context)
    await keepErasures(lists, target, aside)
    await fs.rm(target, { recursive: true, force: true })
    await fs.rename(aside, target)
    const document: RestoreDocument = { schema: 'islet.restore/1', files: names.length }
    if (context.json) printDocument(document, context.terminal)
    else context.terminal.out(`${names.length} files restored into ${target}\n`)
    return EXIT.done
  } catch (error) {
    if (error instanceof IsletError || isSystemError(error)) throw error
    throw damaged('it cannot be unpacked')
  } finally {
    progress.finish()
    await fs.rm(aside, { recursive: true, force: true })
  }
}

/** Throws `INTERRUPTED` once Ctrl-C was pressed. */
function requireGoing({ signal }: VerbContext): void {
  if (signal.aborted) throw new IsletError('INTERRUPTED', 'interrupted')
}

function parseManifest(text: string): Manifest | undefined {
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || !('files' in value)) return undefined
  const { files } = value
  if (typeof files !== 'object' || files === null) return undefined
  return {
    schema: 'islet.backup/1',
    files: Object.fromEntries(Object.entries(files).map(([k, v]) => [k, String(v)])),
  }
}

/** ENOENT, ENOSPC and the like, which have words of their own; zlib's and tar's codes do not. */
function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
