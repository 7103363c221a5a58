/**
 * `islet read FILE…`: what each file holds, what was dropped and why, and what the glucose of each person says.
 */
import { promises as fs } from 'node:fs'
import { basename } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { ReadDocument } from '../../api/documents.door.ts'
import { documentOf, drawSvg, drawTerminal, type Report, report } from '../../glycemia/index.ts'
import type { Person } from '../../intake/index.ts'
import type { Glucose } from '../../series/index.ts'
import { formatInstant } from '../../vocabulary/index.ts'
import { FUTURE_REMEDY, FUTURE_WORDS, futureRows } from '../story/future-rows.ts'
import { EXIT, printDocument, type Terminal, usage } from './outcome.ts'
import { startProgress } from './progress.ts'
import { type FileRead, intakeOptions, readFile } from './read-files.ts'
import type { VerbContext, VerbOutcome } from './verb.ts'

interface Reading {
  readonly id: string
  readonly person: Person
  readonly glucose: readonly Glucose[]
  readonly report: Report
}

function glucoseOf(person: Person): readonly Glucose[] {
  return person.records.filter((record) => record.type === 'glucose')
}

/** People keep the id of their file; where two files use the same one, the file's name stands in front. */
function namedPeople(
  files: readonly FileRead[],
): readonly { readonly id: string; readonly person: Person }[] {
  const seen = new Map<string, number>()
  for (const { document } of files) {
    for (const { id } of document.people) seen.set(id, (seen.get(id) ?? 0) + 1)
  }
  return files.flatMap(({ path, document }) =>
    document.people.map((person) => ({
      id: (seen.get(person.id) ?? 0) > 1 ? `${basename(path)}/${person.id}` : person.id,
      person,
    })),
  )
}

/** Does `work` for each, telling how far it is; a Ctrl-C ends it between two. */
async function inTurn<T, U>(
  items: readonly T[],
  label: string,
  { terminal, signal }: VerbContext,
  work: (item: T) => U | Promise<U>,
): Promise<readonly U[]> {
  const progress = startProgress(label, items.length, terminal)
  const done: U[] = []
  try {
    for (const item of items) {
      done.push(await work(item))
      progress.advance(done.length)
      // Reading and reporting never wait, so that the signal is heard here only.
      await setImmediate()
      signal.throwIfAborted()
    }
  } finally {
    progress.finish()
  }
  return done
}

function documentOfAll(files: readonly FileRead[], people: readonly Reading[]): ReadDocument {
  return {
    schema: 'islet.read/1',
    files: files.map(({ path, sha256, document }) => ({
      path,
      sha256,
      format: document.format,
      rows: document.rows,
      kept: document.kept,
      other: { ...document.other },
      dropped: document.dropped.map(({ reason, count, lines }) => ({ reason, count, lines: [...lines] })),
      low: document.low,
      high: document.high,
      out_of_order: document.outOfOrder,
    })),
    people: people.map(({ id, person, glucose, report: figures }) => {
      const first = glucose[0]
      const last = glucose.at(-1)
      const stated = (reading: Glucose | undefined): string | null => {
        if (reading === undefined) return null
        return formatInstant(reading.at, person.clock === 'floating' ? undefined : reading.local)
      }
      return {
        id,
        zone: person.zone,
        from: stated(first),
        to: stated(last),
        readings: figures.readings,
        report: JSON.parse(JSON.stringify(documentOf(figures))),
      }
    }),
  }
}

const REASONS: Readonly<Record<string, string>> = {
  DUPLICATE: 'the same record again',
  REPEATED: 'one device event sent again and again',
  NOT_GLUCOSE: 'carries no record',
  IDENTITY: 'name or another identifier: not stored',
  SETTINGS: 'settings, no measurement',
  SENSOR_ERROR: 'error code of the sensor',
  NO_VALUE: 'the source says the value is absent',
  DELETED: 'deleted at its source',
  UNPARSED_TIME: 'time not understood',
  UNPARSED_VALUE: 'value not understood',
  OUT_OF_RANGE: 'beyond what a body or meter can show',
  FUTURE_DATE: 'lies in the future',
  SHORT_ROW: 'row too short',
  BROKEN_ROW: 'row broken',
  NO_PERSON: 'names no person',
}

function printFile({ path, document }: FileRead, terminal: Terminal): void {
  const line = (text: string): void => terminal.out(`${text}\n`)
  line(`${path}: ${document.format}, ${document.rows} rows`)
  line(`  ${String(document.kept).padStart(8)}  glucose readings kept${textual(document.low, document.high)}`)
  for (const [type, count] of Object.entries(document.other)) {
    if (count > 0) line(`  ${String(count).padStart(8)}  ${type} records kept`)
  }
  for (const { reason, count, lines } of document.dropped) {
    const shown = lines.slice(0, 5).join(', ')
    const where = count <= 5 ? `line ${shown}` : `lines ${shown}, …`
    line(`  ${String(count).padStart(8)}  dropped: ${REASONS[reason] ?? reason} (${where})`)
  }
  if (document.outOfOrder > 0)
    line(`  ${String(document.outOfOrder).padStart(8)}  of the kept stood out of order`)
  if (document.repeatedHour > 0)
    line(`  ${String(document.repeatedHour).padStart(8)}  of the kept lie in the repeated hour`)
  if (document.skippedHour > 0)
    line(`  ${String(document.skippedHour).padStart(8)}  of the kept lie in the skipped hour`)
}

function textual(low: number, high: number): string {
  const parts = [low > 0 ? `${low} "Low"` : '', high > 0 ? `${high} "High"` : ''].filter(
    (part) => part !== '',
  )
  return parts.length === 0 ? '' : `, among them ${parts.join(' and ')}`
}

function printPerson({ id, person, report: figures }: Reading, terminal: Terminal): void {
  terminal.out(`\nPerson ${id}${clockNote(person)}\n`)
  const width = Math.max(40, Math.min(terminal.columns, 120))
  terminal.out(`${drawTerminal(figures, { width, colour: terminal.colour })}\n`)
}

function clockNote(person: Person): string {
  switch (person.clock) {
    case 'zone':
      return ` (${person.zone})`
    case 'source':
      return person.zone === null ? ' (instants as the file gives them)' : ` (${person.zone})`
    case 'floating':
      return ' (the file names no time zone: local clock as written; --tz ZONE fixes it)'
    default:
      return person.clock satisfies never
  }
}

export async function read(
  context: VerbContext,
  paths: readonly string[],
  options: Readonly<Record<string, unknown>>,
): VerbOutcome {
  const { terminal } = context
  const { range, outOfRange, svg } = options
  const reportOptions = {
    range: range === 'older' || range === 'pregnancy' ? range : 'standard',
    outOfRange: outOfRange === 'omit' ? 'omit' : 'count',
  } as const
  const chosen = intakeOptions(options)
  const files = await inTurn(paths, 'reading files', context, (path) => readFile(path, chosen))
  const people = await inTurn(
    namedPeople(files),
    'reporting on people',
    context,
    ({ id, person }): Reading => {
      const glucose = glucoseOf(person)
      return { id, person, glucose, report: report(glucose, reportOptions) }
    },
  )

  if (typeof svg === 'string') {
    const [only, ...more] = people
    if (only === undefined) throw usage('there is no glucose to draw', 'leave out --svg')
    if (more.length > 0) {
      terminal.err(`${people.length} people in the input: the drawing shows person ${only.id}\n`)
    }
    await fs.writeFile(svg, drawSvg(only.report), { flag: 'w' })
  }
  for (const { path, document } of files) {
    const rows = futureRows(document)
    if (rows > 0) terminal.err(`${path}: ${rows} rows dropped: ${FUTURE_WORDS}\n  → ${FUTURE_REMEDY}\n`)
  }
  if (context.json) {
    printDocument(documentOfAll(files, people), terminal)
    return EXIT.done
  }
  for (const file of files) printFile(file, terminal)
  for (const person of people) printPerson(person, terminal)
  return EXIT.done
}
