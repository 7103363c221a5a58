/**
 * Files on the disk → people to forecast for: exports of any format that intake reads, plain or inside a zip.
 *
 * Laws: people of two files that use one id stay apart, and no two people have one id; who is given twice under one id
 * counts once, and the same readings under two ids are told of: a person held out would still teach.
 */
import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import { DEFAULT_LIMITS, type ReadOptions, readDocument } from '../intake/index.ts'
import type { PersonTrace } from '../learning/index.ts'
import { IsletError, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import { exportBytes, placed } from './export-bytes.ts'
import { traceOfRecords } from './trace-of-records.ts'
import { isZip, zipEntries } from './zip-entries.ts'

/** Entries of an archive that may hold readings; the rest (read-me files, pictures) is passed over. */
const TEXT = /\.(csv|tsv|txt|json|ndjson)$/i

/** Files from here on are announced: reading one takes seconds, and nothing else is shown meanwhile. */
const LARGE_BYTES = 20_000_000

/** Who is told what while files are read. */
interface Listening {
  /** A remark on stderr. */
  readonly say: (line: string) => void
  /** Aborted: reading ends after the file at hand. */
  readonly signal: AbortSignal
}

interface Part {
  readonly file: string
  readonly trace: PersonTrace
}

/**
 * Reads all files.
 * Throws the codes of intake and of the zip reader with the path as place, `NOT_A_FILE` and `NO_GLUCOSE`.
 */
export async function readPeople(
  paths: readonly string[],
  options: ReadOptions,
  { say, signal }: Partial<Listening> = {},
  now: () => number = Date.now,
): Promise<readonly PersonTrace[]> {
  const parts: Part[] = []
  for (const path of paths) {
    signal?.throwIfAborted()
    for (const { name, bytes } of await contentsOf(path)) {
      if (bytes.length >= LARGE_BYTES) say?.(`reading ${name}, ${Math.round(bytes.length / 1_000_000)} MB …`)
      const document = placed(path, () =>
        readDocument(bytes, { ...options, name, now: quantity<UnixSeconds>(now() / 1000) }),
      )
      // Columns at once: the records of many people would not fit into memory together.
      for (const person of document.people)
        parts.push({ file: name, trace: traceOfRecords(person.id, person.records) })
    }
  }
  const { once, again, twins } = withoutTwins(parts)
  if (again > 0) say?.(`${again} people were given twice: counted once`)
  if (twins > 0)
    say?.(`${twins} people have the very readings of another: both are kept, under their two ids`)
  const traces = namedApart(once)
  if (traces.every(({ glucose }) => glucose.at.length === 0)) {
    throw new IsletError(
      'NO_GLUCOSE',
      'the files hold no sensor glucose',
      { files: paths.length },
      {
        remedy: 'give an export with continuous glucose readings, or a CSV with columns id,time,gl',
        ...(paths[0] === undefined ? {} : { at: { file: paths[0] } }),
      },
    )
  }
  return traces
}

async function contentsOf(path: string): Promise<readonly { name: string; bytes: Uint8Array }[]> {
  const bytes = await exportBytes(path)
  if (!isZip(bytes)) return [{ name: basename(path), bytes }]
  const entries = placed(path, () => zipEntries(bytes, DEFAULT_LIMITS.bytes)).filter(({ name }) =>
    TEXT.test(name),
  )
  if (entries.length === 0) {
    throw new IsletError(
      'ZIP_WITHOUT_EXPORT',
      'the archive holds no CSV or JSON file',
      {},
      { at: { file: path }, remedy: 'give an archive with exports in it, or the exports themselves' },
    )
  }
  return entries.map((entry) => ({ name: basename(entry.name), bytes: entry.bytes }))
}

function withoutTwins(parts: readonly Part[]): {
  readonly once: readonly Part[]
  /** People left out: the same id and the same readings. */
  readonly again: number
  /** People kept whose readings stand under another id too. */
  readonly twins: number
} {
  const seen = new Map<string, Set<string>>()
  let twins = 0
  const once = parts.filter(({ trace: { id, glucose } }) => {
    if (glucose.at.length === 0) return true
    const hash = createHash('sha256').update(bytesOf(glucose.at)).update(bytesOf(glucose.value)).digest('hex')
    const ids = seen.get(hash) ?? new Set()
    seen.set(hash, ids)
    if (ids.has(id)) return false
    if (ids.size > 0) twins++
    ids.add(id)
    return true
  })
  return { once, again: parts.length - once.length, twins }
}

function bytesOf(column: Float64Array): Uint8Array {
  return new Uint8Array(column.buffer, column.byteOffset, column.byteLength)
}

function namedApart(parts: readonly Part[]): readonly PersonTrace[] {
  const shared = new Map<string, number>()
  for (const { trace } of parts) shared.set(trace.id, (shared.get(trace.id) ?? 0) + 1)
  const given = new Map<string, number>()
  return parts.map(({ file, trace }) => {
    const name = (shared.get(trace.id) ?? 0) > 1 ? `${file}/${trace.id}` : trace.id
    const before = given.get(name) ?? 0
    given.set(name, before + 1)
    return { ...trace, id: before === 0 ? name : `${name} (${before + 1})` }
  })
}
