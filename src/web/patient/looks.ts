/**
 * One line of the log as a person reads it: who, what, when, how much.
 *
 * Law: the details were sealed by the custodian and opened here; what is missing in them stays missing on the screen.
 */
import type { Access } from '../../consent/browser.door.ts'
import { KINDS, type Kind } from '../../vocabulary/index.ts'

export interface Look {
  readonly index: number
  readonly at: number
  readonly action: Access['clear']['action']
  /** Name of the reader, or undefined where the patient looked. */
  readonly who: string | undefined
  readonly kinds: readonly Kind[]
  /** Chunks that left. */
  readonly count: number
}

/** Newest first. */
export function looksOf(accesses: readonly Access[]): readonly Look[] {
  return accesses
    .map(({ index, clear, details }): Look => {
      const { action, at, count } = clear
      return { index, at, action, count, who: whoOf(details), kinds: kindsOf(details) }
    })
    .sort((a, b) => b.index - a.index)
}

function whoOf(details: unknown): string | undefined {
  const institution = memberOf(details, 'readerName')
  if (typeof institution !== 'string') return undefined
  const person = memberOf(memberOf(details, 'actor'), 'name')
  return typeof person === 'string' ? `${person}, ${institution}` : institution
}

function kindsOf(details: unknown): readonly Kind[] {
  const kinds = memberOf(details, 'kinds')
  return Array.isArray(kinds) ? KINDS.filter((kind) => kinds.includes(kind)) : []
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
