/**
 * One institution's part in an export: its access log, its slots, its sealed objects, its own reads, the erased.
 *
 * Law: the log is exported as far as its newest signed checkpoint; what stands behind it is not evidence yet, and is counted.
 */
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { CHECKPOINT_PATH, TILE_WIDTH, tilePath, tilesOf } from '../vault/index.ts'
import { entriesBehind } from '../vault/log.door.ts'
import { nodeCrypto } from '../vault/node-cipher.door.ts'
import { type Cid, cid, IsletError, isIsletError } from '../vocabulary/index.ts'
import {
  checkedLine,
  institutionPaths,
  ObjectSchema,
  ReadSchema,
  ResultSchema,
  SlotSchema,
} from './dump-format.ts'
import type { DumpWriter } from './dump-writer.ts'
import { absent, filesUnder, readOnlyShelf } from './read-only-shelf.ts'
import { entriesOf, shelfEvidence } from './shelf-evidence.ts'
import type { InstitutionSource } from './source.ts'

export interface InstitutionExportOptions {
  readonly objects: 'included' | 'names'
  /** Slots anchored in a later block are left for the next export. */
  readonly height: number
  readonly step: () => void
}

/** Writes an institution's files; gives how many entries of its log nobody has signed yet. Throws `EXPORT_UNSETTLED` when the log moved meanwhile, `SHELF_DAMAGED`. */
export async function exportInstitution(
  source: InstitutionSource,
  writer: DumpWriter,
  options: InstitutionExportOptions,
): Promise<{ readonly unsigned: number }> {
  const paths = institutionPaths(source.key)
  const evidence = shelfEvidence(readOnlyShelf(source.shelf), nodeCrypto.hasher)
  const unsigned = await exportLog(source.log, paths.log, writer, options.step)
  const placed = new Set<string>()
  const closed = new Set<number>()
  await writer.file(paths.slots, slotLines(evidence, options, placed, closed))
  await writer.file(paths.results, resultLines(evidence, closed))
  await writer.file(paths.reads, readLines(evidence, options))
  const erasedOnDisk = entriesOf(await absent(() => readFile(source.erased, 'utf8'), ''))
  const erased = [...new Set([...erasedOnDisk, ...(await evidence.erased())])].toSorted()
  await writer.file(
    paths.erased,
    erased.map((entry) => `${entry}\n`),
  )
  const list =
    source.stored === undefined
      ? await copyObjects(source.objects, paths, writer, placed, options)
      : await fetchObjects(source.stored, paths, writer, placed, options)
  await writer.file(paths.objectList, list)
  return { unsigned }
}

async function* slotLines(
  evidence: ReturnType<typeof shelfEvidence>,
  { objects, height, step }: InstitutionExportOptions,
  placed: Set<string>,
  closed: Set<number>,
): AsyncGenerator<string> {
  const note = (cid: string, block: number): void => {
    if (block <= height) placed.add(cid)
  }
  for await (const slot of evidence.slots({ stands: objects === 'included', placed: note })) {
    if (slot.block > height) continue
    closed.add(slot.slot)
    yield checkedLine(SlotSchema, slot)
    step()
  }
}

async function* resultLines(
  evidence: ReturnType<typeof shelfEvidence>,
  closed: ReadonlySet<number>,
): AsyncGenerator<string> {
  for await (const result of evidence.results()) {
    if (closed.has(result.slot)) yield checkedLine(ResultSchema, result)
  }
}

async function* readLines(
  evidence: ReturnType<typeof shelfEvidence>,
  { height }: InstitutionExportOptions,
): AsyncGenerator<string> {
  for await (const read of evidence.reads()) if (read.block <= height) yield checkedLine(ReadSchema, read)
}

async function exportLog(from: string, to: string, writer: DumpWriter, step: () => void): Promise<number> {
  const note = await absent(() => readFile(join(from, CHECKPOINT_PATH), 'utf8'), undefined)
  if (note === undefined) return entriesBehind(from, 0)
  await writer.file(`${to}/${CHECKPOINT_PATH}`, [note])
  const size = Number(note.split('\n')[1])
  if (!Number.isSafeInteger(size)) return 0
  for (const tile of tilesOf(size)) {
    const path = tilePath(tile)
    // A partial tile goes once the full one is there (C2SP tlog-tiles).
    const full = tilePath({ ...tile, width: TILE_WIDTH })
    const there = (await isFile(join(from, path))) ? path : full
    if (!(await isFile(join(from, there)))) throw unsettled()
    await writer.copy(`${to}/${there}`, join(from, there))
    step()
  }
  return entriesBehind(from, size)
}

/** From the disk; gives the lines of the list. */
async function copyObjects(
  from: string,
  paths: ReturnType<typeof institutionPaths>,
  writer: DumpWriter,
  placed: ReadonlySet<string>,
  { objects, step }: InstitutionExportOptions,
): Promise<string[]> {
  // Layout of the disk store: objects/<two letters>/<cid> (vault/disk.door.ts).
  const folder = join(from, 'objects')
  const names = (await filesUnder(folder, '')).toSorted()
  const listed: string[] = []
  for (const name of names) {
    const object = name.split('/').at(-1) ?? ''
    // Its slot is still open: no anchored leaf stands for it yet.
    if (!placed.has(object)) continue
    const size = await absent(() => stat(join(folder, name)), undefined)
    // Erased while the export ran.
    if (size === undefined) continue
    if (objects === 'included')
      await writer.copy(`${paths.objects}/${object}`, join(folder, name), { listed: false })
    listed.push(checkedLine(ObjectSchema, { cid: cid(object), bytes: size.size }))
    step()
  }
  return listed
}

/** From a server; gives the lines of the list. */
async function fetchObjects(
  stored: NonNullable<InstitutionSource['stored']>,
  paths: ReturnType<typeof institutionPaths>,
  writer: DumpWriter,
  placed: ReadonlySet<string>,
  { objects, step }: InstitutionExportOptions,
): Promise<string[]> {
  const names: Cid[] = []
  for await (const name of stored.list()) if (placed.has(name)) names.push(name)
  const listed: string[] = []
  for (const name of names.toSorted()) {
    const bytes = await stored.get(name).catch((error: unknown) => {
      if (isIsletError(error, 'OBJECT_MISSING')) return undefined
      throw error
    })
    // Erased while the export ran.
    if (bytes === undefined) continue
    if (objects === 'included') await writer.file(`${paths.objects}/${name}`, [bytes], { listed: false })
    listed.push(checkedLine(ObjectSchema, { cid: name, bytes: bytes.length }))
    step()
  }
  return listed
}

async function isFile(path: string): Promise<boolean> {
  return (await absent(() => stat(path), undefined))?.isFile() === true
}

/** Something moved while it was copied: the export tries again. */
export function unsettled(): IsletError {
  return new IsletError(
    'EXPORT_UNSETTLED',
    'the node wrote faster than the export could read',
    {},
    { remedy: 'Export again, or stop the node for the export.' },
  )
}
