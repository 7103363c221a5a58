/**
 * Files on the disk → people to forecast for: exports of any format that intake reads, plain or inside a zip.
 *
 * Law: people of two files that use one id stay apart; values are converted to mg/dL once, here. Finger sticks are left
 * out: another instrument on another clock.
 */
import { promises as fs } from 'node:fs'
import { basename } from 'node:path'
import { DEFAULT_LIMITS, type Person, type ReadOptions, readDocument } from '../../intake/index.ts'
import type { Events, PersonTrace } from '../../learning/index.ts'
import { samplesOf } from '../../series/index.ts'
import { IsletError, type MmolPerL, quantity, toMgPerDl, type UnixSeconds } from '../../vocabulary/index.ts'
import { isZip, zipEntries } from './zip-entries.ts'

/** Entries of an archive that may hold readings; the rest (read-me files, pictures) is passed over. */
const TEXT = /\.(csv|tsv|txt|json|ndjson)$/i

interface Part {
  readonly file: string
  readonly person: Person
}

/** Reads all files. Throws the codes of intake and of the zip reader with the path as place, and `NO_GLUCOSE`. */
export async function readPeople(
  paths: readonly string[],
  options: ReadOptions,
  now: () => number = Date.now,
): Promise<readonly PersonTrace[]> {
  const parts: Part[] = []
  for (const path of paths) {
    for (const { name, bytes } of await contentsOf(path)) {
      const document = placed(path, () =>
        readDocument(bytes, { ...options, name, now: quantity<UnixSeconds>(now() / 1000) }),
      )
      for (const person of document.people) parts.push({ file: name, person })
    }
  }
  const traces = namedApart(parts)
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
  const { size } = await fs.stat(path)
  if (size > DEFAULT_LIMITS.bytes) {
    throw new IsletError(
      'FILE_TOO_LARGE',
      `the file is larger than ${DEFAULT_LIMITS.bytes / 2 ** 20} MiB`,
      { bytes: size },
      { at: { file: path }, remedy: 'split it into several files' },
    )
  }
  const bytes = await fs.readFile(path)
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

function placed<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof IsletError)) throw error
    throw new IsletError(error.code, error.message, error.facts, {
      at: { ...error.at, file: path },
      ...(error.remedy === undefined ? {} : { remedy: error.remedy }),
      cause: error,
    })
  }
}

function namedApart(parts: readonly Part[]): readonly PersonTrace[] {
  const seen = new Map<string, number>()
  for (const { person } of parts) seen.set(person.id, (seen.get(person.id) ?? 0) + 1)
  return parts.map(({ file, person }) =>
    traceOf((seen.get(person.id) ?? 0) > 1 ? `${file}/${person.id}` : person.id, person),
  )
}

function traceOf(id: string, { records }: Person): PersonTrace {
  const glucose = records
    .filter((record) => record.type === 'glucose')
    .filter(({ method }) => method !== 'smbg')
  const boluses = records
    .filter((record) => record.type === 'insulin')
    .filter(
      ({ delivery }) => delivery === 'bolus' || delivery === 'rapid-acting' || delivery === 'correction',
    )
  const meals = records.filter((record) => record.type === 'meal')
  return {
    id,
    glucose: samplesOf(glucose, ({ value, unit }) =>
      unit === 'mg/dL' ? value : toMgPerDl(quantity<MmolPerL>(value)),
    ),
    ...(boluses.length === 0 ? {} : { boluses: eventsOf(boluses, ({ units }) => units) }),
    ...(meals.length === 0 ? {} : { meals: eventsOf(meals, ({ carbs }) => carbs) }),
  }
}

function eventsOf<T extends { readonly at: UnixSeconds }>(
  records: readonly T[],
  amount: (record: T) => number,
): Events {
  const sorted = [...records].sort((a, b) => a.at - b.at)
  return { at: Float64Array.from(sorted, ({ at }) => at), amount: Float64Array.from(sorted, amount) }
}
