/**
 * JSON documents and newline-delimited JSON, with a bound on nesting before the parser sees them.
 *
 * Law: a broken document is refused with the line and never quoted in the message (it may hold health values);
 * in newline-delimited text a broken line costs that line only.
 */
import { IsletError, type Place } from '../vocabulary/index.ts'
import type { Limits } from './report.ts'

export type JsonObject = Readonly<Record<string, unknown>>

/** One entry of a document: its number (line in newline-delimited text, else position), and its object if it is one. */
export interface Entry {
  readonly line: number
  readonly value: JsonObject | undefined
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whole document, or the list of its lines. Throws `JSON_BROKEN`, `JSON_TOO_DEEP`, `TOO_MANY_ROWS`. */
export function readJson(
  text: string,
  limits: Limits,
  place: Place,
): { readonly document: unknown } | { readonly lines: readonly Entry[] } {
  try {
    checkDepth(text, limits, place)
    return { document: JSON.parse(text) }
  } catch (error) {
    if (error instanceof IsletError) throw error
  }
  const lines = readLines(text, limits, place)
  if (lines.length > 1 && lines[0]?.value !== undefined) return { lines }
  throw new IsletError(
    'JSON_BROKEN',
    'the JSON document is broken or cut short',
    {},
    {
      at: { ...place, line: breakLine(text) },
      remedy: 'export it again; the download may not have finished',
    },
  )
}

function readLines(text: string, limits: Limits, place: Place): Entry[] {
  const entries: Entry[] = []
  let line = 0
  for (const part of text.split(/\r\n|\n|\r/)) {
    line++
    if (part.trim() === '') continue
    if (entries.length >= limits.rows) {
      throw new IsletError(
        'TOO_MANY_ROWS',
        `the file has more than ${limits.rows} rows`,
        { rows: limits.rows },
        {
          at: { ...place, line },
          remedy: 'split the file, or raise the limit',
        },
      )
    }
    let value: unknown
    try {
      value = JSON.parse(part)
    } catch {
      value = undefined
    }
    entries.push({ line, value: isObject(value) ? value : undefined })
    // A text whose first line is no object is no newline-delimited JSON.
    if (entries.length === 1 && !isObject(value)) break
  }
  return entries
}

function checkDepth(text: string, limits: Limits, place: Place): void {
  let depth = 0
  let line = 1
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === 0x22) {
      // Skips the string; backslashes hide the next character.
      for (i++; i < text.length; i++) {
        const inner = text.charCodeAt(i)
        if (inner === 0x5c) i++
        else if (inner === 0x22) break
      }
    } else if (code === 0x5b || code === 0x7b) {
      depth++
      if (depth > limits.depth) {
        throw new IsletError(
          'JSON_TOO_DEEP',
          `the document nests deeper than ${limits.depth} levels`,
          { depth },
          {
            at: { ...place, line },
            remedy: 'this is no export of a known kind',
          },
        )
      }
    } else if (code === 0x5d || code === 0x7d) depth--
    else if (code === 0x0a) line++
  }
}

/** The last line of a document cut short; a good enough place for one broken elsewhere. */
function breakLine(text: string): number {
  let line = 1
  const end = text.trimEnd().length
  for (let i = text.indexOf('\n'); i !== -1 && i < end; i = text.indexOf('\n', i + 1)) line++
  return line
}

export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** Entries of an array, numbered from 1. */
export function entriesOf(values: readonly unknown[], from = 1): Entry[] {
  return values.map((value, index) => ({ line: from + index, value: isObject(value) ? value : undefined }))
}
