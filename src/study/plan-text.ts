/**
 * The text of a plan or a sheet, as YAML 1.2 (JSON is a part of it), with the line of every field.
 *
 * Laws: plain data only: the core schema, one document, no tags, no anchors and aliases, no key twice, bounded size, so
 * that no text means more than it shows; a fault is named by its line.
 * Source: YAML 1.2.2 section 10.3 (core schema), by way of the `yaml` package.
 */
import { isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml'
import { IsletError, isIsletError, type Json } from '../vocabulary/index.ts'

/** Longest text, characters: a plan takes about two thousand. */
const LONGEST_TEXT = 64 * 1024

export interface PlainText {
  readonly value: unknown
  /** 1-based line of a field such as `data.kinds.0`, or of the nearest part around it that is there. */
  lineOf(field: string): number
  /** What was written at a field, where YAML read a number: a hash without quotes is one. */
  numberAt(field: string): string | undefined
}

/** Reads a text as plain data. Throws `TEXT_UNREADABLE` with the line at fault. */
export function readPlainText(text: string): PlainText {
  if (text.length > LONGEST_TEXT) throw unreadable('the text is longer than 64 KiB', 1)
  const counter = new LineCounter()
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter: counter,
  })
  const lineAt = (offset: number | undefined): number => Math.max(1, counter.linePos(offset ?? 0).line)
  const [fault] = [...document.errors, ...document.warnings]
  if (fault !== undefined) throw unreadable(`the text is no plain YAML (${fault.code})`, lineAt(fault.pos[0]))
  visit(document, {
    Alias: (_, node) => {
      throw unreadable('the text refers to another part of itself', lineAt(node.range?.[0]))
    },
    Value: (_, node) => {
      const line = lineAt(node.range?.[0])
      if (node.anchor !== undefined) throw unreadable('the text names a part of itself to refer to', line)
      if (node.tag !== undefined) throw unreadable('the text gives a value a type of its own', line)
    },
    Pair: (_, { key }) => {
      if (!isScalar(key))
        throw unreadable('a name is no plain text', lineAt(isNode(key) ? key.range?.[0] : 0))
    },
  })
  const nodeAt = (parts: readonly string[]): unknown =>
    parts.length === 0
      ? document.contents
      : document.getIn(
          parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part)),
          true,
        )
  return {
    value: document.toJS({ maxAliasCount: 0 }),
    lineOf: (field) => {
      const parts = field.split('.')
      for (let count = parts.length; count > 0; count -= 1) {
        const node = nodeAt(parts.slice(0, count))
        if (isNode(node)) return lineAt(node.range?.[0])
      }
      return lineAt(document.contents?.range?.[0])
    },
    numberAt: (field) => {
      const node = nodeAt(field.split('.'))
      return isScalar(node) && typeof node.value === 'number' ? (node.source ?? '') : undefined
    },
  }
}

/** The text with some fields changed and everything else, comments too, as it stood. Throws `TEXT_UNREADABLE`. */
export function withFields(text: string, fields: Readonly<Record<string, Json>>): string {
  // Read first: what means more than it shows is never written on.
  readPlainText(text)
  const document = parseDocument(text, { version: '1.2', schema: 'core' })
  for (const [field, value] of Object.entries(fields)) document.setIn(field.split('.'), value)
  return document.toString({ lineWidth: 0 })
}

/** Runs a check of the text's value; what it refuses is named by its line too. */
export function atItsLine<T>(plain: PlainText, check: () => T): T {
  try {
    return check()
  } catch (error) {
    if (!isIsletError(error)) throw error
    const field = error.at?.field ?? ''
    const number = plain.numberAt(field)
    const remedy =
      number?.startsWith('0x') === true ? 'Put the hash in quotes: YAML reads it as a number.' : error.remedy
    throw new IsletError(error.code, error.message, error.facts, {
      at: { ...error.at, line: plain.lineOf(field) },
      ...(remedy === undefined ? {} : { remedy }),
      cause: error,
    })
  }
}

function unreadable(message: string, line: number): IsletError {
  return new IsletError(
    'TEXT_UNREADABLE',
    message,
    {},
    { at: { line }, remedy: 'Write plain YAML or JSON: no anchors, no tags, no name twice.' },
  )
}
