/**
 * The information sheet a person reads before they consent, and what changed since the one they read.
 *
 * Law: the plan names the sheet by its hash, so another sheet is another plan and every approval of the old one is
 * void; a consent names the sheet it was given on, and asking again shows the difference, never the new text alone.
 */
import { Compile, type Validator } from 'typebox/compile'
import { InformationSheetDocument } from '../api/study.door.ts'
import { type Hash32, IsletError } from '../vocabulary/index.ts'
import { faultOf } from './field-at-fault.ts'
import { atItsLine, readPlainText } from './plan-text.ts'
import { documentHash } from './study-hash.ts'

export type InformationSheet = InformationSheetDocument
type SheetSection = InformationSheet['sections'][number]

let validator: Validator<Record<never, never>, typeof InformationSheetDocument> | undefined

/** Reads a sheet in YAML or JSON. Throws `TEXT_UNREADABLE`, `SHEET_REFUSED` with line and field at fault. */
export function readSheet(text: string): InformationSheet {
  const plain = readPlainText(text)
  return atItsLine(plain, () => checkedSheet(plain.value))
}

/** A value as a sheet. Throws `SHEET_REFUSED` with the field at fault. */
export function checkedSheet(value: unknown): InformationSheet {
  validator ??= Compile(InformationSheetDocument)
  if (!validator.Check(value)) {
    const { field, words } = faultOf(validator.Errors(value))
    throw refused(field, words)
  }
  const ids = value.sections.map(({ id }) => id)
  const twice = ids.findIndex((id, index) => ids.indexOf(id) !== index)
  if (twice >= 0) throw refused(`sections.${twice}.id`, 'stands at two sections')
  return value
}

function refused(field: string, words: string): IsletError {
  return new IsletError(
    'SHEET_REFUSED',
    `the sheet's ${field === '' ? 'document' : field} ${words}`,
    {},
    { at: { field }, remedy: 'Correct the field; another sheet is another plan and needs new approvals.' },
  )
}

/** Hash by which a plan and a consent name the sheet. */
export function sheetHash(sheet: InformationSheet): Hash32 {
  return documentHash('sheet', {
    schema: sheet.schema,
    language: sheet.language,
    sections: sheet.sections.map(({ id, title, text }) => ({ id, title, text })),
  })
}

/** One section as it differs between two sheets. */
export interface SheetChange {
  readonly kind: 'ADDED' | 'CHANGED' | 'REMOVED'
  readonly id: string
  readonly title: string
  /** Paragraphs only in the new sheet, and only in the old one; both empty when only order or title changed. */
  readonly added: readonly string[]
  readonly removed: readonly string[]
}

/** What a person who read `before` has not read of `after`; empty exactly when the sheets are the same. */
export function sheetDifference(before: InformationSheet, after: InformationSheet): readonly SheetChange[] {
  const changes: SheetChange[] = []
  const old = new Map(before.sections.map((section, index) => [section.id, { section, index }]))
  after.sections.forEach((section, index) => {
    const known = old.get(section.id)
    old.delete(section.id)
    if (known === undefined) changes.push(wholly('ADDED', section))
    else if (known.index !== index || !isSame(known.section, section))
      changes.push(changed(known.section, section))
  })
  for (const { section } of old.values()) changes.push(wholly('REMOVED', section))
  if (before.language === after.language) return changes
  return [{ kind: 'CHANGED', id: 'language', title: after.language, added: [], removed: [] }, ...changes]
}

function wholly(kind: 'ADDED' | 'REMOVED', { id, title, text }: SheetSection): SheetChange {
  return { kind, id, title, added: kind === 'ADDED' ? text : [], removed: kind === 'REMOVED' ? text : [] }
}

function isSame(a: SheetSection, b: SheetSection): boolean {
  return (
    a.title === b.title && a.text.length === b.text.length && a.text.every((line, i) => line === b.text[i])
  )
}

function changed(before: SheetSection, after: SheetSection): SheetChange {
  const added = after.text.filter((line) => !before.text.includes(line))
  const removed = before.text.filter((line) => !after.text.includes(line))
  return { kind: 'CHANGED', id: after.id, title: after.title, added, removed }
}
