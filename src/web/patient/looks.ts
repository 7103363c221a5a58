/**
 * One line of the log as a person reads it: who, what, when, how much.
 *
 * Law: the details were sealed by the custodian and opened here; what is missing in them stays missing on the screen.
 */
import type { Access, GrantState } from '../../consent/browser.door.ts'
import { KINDS, type Kind } from '../../vocabulary/index.ts'
import { readerName } from './reader-name.ts'

export interface Look {
  readonly index: number
  readonly at: number
  readonly action: Access['clear']['action']
  /** Name of who read or added, or undefined where the patient did. */
  readonly who: string | undefined
  readonly kinds: readonly Kind[]
  /** Chunks that left. */
  readonly count: number
  /** Why an emergency envelope was opened, and which institution released it. */
  readonly emergency: { readonly reason: string; readonly second: string } | undefined
}

/** Newest first. Who added data stands in no entry, but under which grant: its holder is named. */
export function looksOf(accesses: readonly Access[], grants: readonly GrantState[]): readonly Look[] {
  const holders = new Map(grants.map(({ handOver }) => [handOver.consentId, readerName(handOver)]))
  return accesses
    .map(({ index, clear, details }): Look => {
      const { action, at, count, consent } = clear
      const holder = consent === undefined ? undefined : holders.get(consent)
      const [who, kinds, emergency] = [whoOf(details) ?? holder, kindsOf(details), emergencyOf(details)]
      return { index, at, action, count, who, kinds, emergency }
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

function emergencyOf(details: unknown): Look['emergency'] {
  const emergency = memberOf(details, 'emergency')
  const reason = memberOf(memberOf(memberOf(emergency, 'call'), 'body'), 'reason')
  const second = memberOf(emergency, 'secondName')
  return typeof reason === 'string' && typeof second === 'string' ? { reason, second } : undefined
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
