/**
 * One person's windows to learn from and to judge on, without looking at anybody else: what a site cuts at home.
 *
 * Law: the same trace gives the same windows wherever and with whomever it is cut; a person without any is named with
 * the reason.
 */
import { isIsletError } from '../../vocabulary/index.ts'
import { cohortOf, type Member, partOf } from './cohort.ts'
import { type CutOptions, cutWindows } from './cut-windows.ts'
import type { PersonTrace } from './trace.ts'
import type { Windows } from './windows.ts'

export interface PersonWindows {
  readonly train: Windows
  /** The last part in time: never trained on. */
  readonly held: Windows
}

/** A person's windows; undefined where their readings give none to learn from and to judge on. */
export function personWindows(trace: PersonTrace, options: CutOptions): PersonWindows | undefined {
  const members = membersIn(trace)
  if (members.length === 0) return undefined
  return {
    train: cutWindows(partOf(members, 'train'), options),
    held: cutWindows(partOf(members, 'test'), options),
  }
}

function membersIn(trace: PersonTrace): readonly Member[] {
  try {
    return cohortOf([trace]).members
  } catch (error) {
    if (isIsletError(error, 'NO_PEOPLE')) return []
    throw error
  }
}
