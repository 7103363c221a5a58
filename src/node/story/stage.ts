/**
 * What the steps of the story share: the institutions, the people, what earlier steps left, and the notebook of checks.
 */
import type { Check } from '../../api/documents.door.ts'
import type { Reading, SignedRequest } from '../../consent/index.ts'
import type { IntakeDocument } from '../../intake/index.ts'
import { type ConsentId, isIsletError } from '../../vocabulary/index.ts'
import type { Party } from '../institution/party.ts'
import type { PlayedStudy } from '../study/played-study.ts'
import type { VirtualStudyOptions } from '../study/virtual-study.ts'
import type { World } from '../world/world.ts'
import type { Material } from './material.ts'
import type { PersonHere } from './person.ts'

/** What steps hand to later steps. */
export interface Progress {
  request?: { readonly id: string; readonly request: SignedRequest }
  /** Consent of the reader that is revoked later. */
  consent?: ConsentId
  /** Consent of the reader that remains. */
  remaining?: ConsentId
  opened?: Reading
  study?: PlayedStudy
  dump?: string
  /** A dump from before the revoke. */
  earlyDump?: string
}

export interface Stage {
  readonly consortium: World
  /** Plays a study of its institutions. */
  readonly playStudy: (options: VirtualStudyOptions) => Promise<PlayedStudy>
  readonly material: Material
  readonly source: Source
  readonly person: PersonHere
  /** A persona that is erased at the end. */
  readonly leaving: PersonHere
  readonly leavingRecords: Material
  readonly custodian: Party
  readonly reader: Party
  readonly remainingReader: Party
  readonly progress: Progress
  /** Where the dump goes. */
  readonly dumpDirectory: string
  readonly signal: AbortSignal
  check(what: string, ok: boolean, saw: string): void
  note(counts: Partial<Counts>): void
  /** Says what a long step is about just now. */
  underway(words: string): void
  /** Told what a step threw, for `--debug`. */
  readonly failed?: (error: unknown) => void
}

/** Where the records come from: the reports of the files read, or the seed of the virtual patients. */
export interface Source {
  readonly reports: readonly Pick<IntakeDocument, 'format' | 'rows' | 'kept' | 'other' | 'dropped'>[]
  readonly seed: number
}

/** Running totals that the landing page shows. */
export interface Counts {
  patients: number
  readings: number
  grants: number
  revokes: number
  accesses: number
  refusals: number
  anchors: number
}

export type Notebook = Check[]

/** The code with which a promise was refused, or what it gave instead. */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'NOT_REFUSED'
  } catch (error) {
    return isIsletError(error) ? error.code : 'UNEXPECTED'
  }
}

/** A value that an earlier step must have left. */
export function need<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the story lost ${what}`)
  return value
}
