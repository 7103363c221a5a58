/**
 * A cohort: the people of the input with their runs, those left out with the reason, and the division into sites.
 *
 * Law: everybody of the input is either used or counted with a reason. Sites are made unlike on purpose: people sorted by
 * the mean glucose of their training part and cut into equal blocks, so that no site is a sample of the whole.
 * Source: Protocol W (non-IID blocks).
 */
import { IsletError } from '../../vocabulary/index.ts'
import type { PersonPart } from './cut-windows.ts'
import { type Part, partsOf, type Stretch } from './parts.ts'
import { RUN_CELLS, type Run, runsOf } from './runs.ts'
import type { PersonTrace } from './trace.ts'

/** Why a person is left out. */
const EXCLUSIONS = [
  /** No glucose at all. */
  'NO_READINGS',
  /** No three hours without a silence of more than 45 minutes. */
  'NO_RUN',
  /** Every reading is the same: a broken sensor or a filler. */
  'CONSTANT_TRACE',
  /** No window fits into the training or the test part. */
  'NO_WINDOW',
] as const
export type Exclusion = (typeof EXCLUSIONS)[number]

export interface Member {
  readonly trace: PersonTrace
  readonly runs: readonly Run[]
  readonly parts: Readonly<Record<Part, readonly Stretch[]>>
  /** Mean of the training part's cells, mg/dL; sorts people into sites. */
  readonly trainMean: number
}

export interface Cohort {
  /** In the order of the input. */
  readonly members: readonly Member[]
  readonly excluded: Readonly<Record<Exclusion, number>>
}

export type CohortCode = 'NO_PEOPLE' | 'TOO_FEW_PEOPLE'

/**
 * The usable people of the input. `whole` keeps people whose parts are too short for a split by time (splits by person).
 * Throws `NO_PEOPLE` when nobody remains.
 */
export function cohortOf(traces: readonly PersonTrace[], whole = false): Cohort {
  const excluded: Record<Exclusion, number> = { NO_READINGS: 0, NO_RUN: 0, CONSTANT_TRACE: 0, NO_WINDOW: 0 }
  const members: Member[] = []
  for (const trace of traces) {
    const made = memberOf(trace, whole)
    if (typeof made === 'string') excluded[made]++
    else members.push(made)
  }
  if (members.length === 0) {
    const counts = EXCLUSIONS.filter((reason) => excluded[reason] > 0).map((r) => `${excluded[r]} ${r}`)
    throw new IsletError<CohortCode>(
      'NO_PEOPLE',
      `nobody in the input has enough glucose to forecast from (${counts.join(', ') || 'it names nobody'})`,
      { people: traces.length, ...excluded },
      { remedy: 'give exports with at least a day of sensor glucose per person' },
    )
  }
  return { members, excluded }
}

/** How many people of the input can be used. Throws `NO_PEOPLE`. */
export function usablePeople(traces: readonly PersonTrace[], protocol: 'W' | 'F' | 'subject'): number {
  return cohortOf(traces, protocol === 'subject').members.length
}

function memberOf(trace: PersonTrace, whole: boolean): Member | Exclusion {
  const { value } = trace.glucose
  if (value.length === 0) return 'NO_READINGS'
  const runs = runsOf(trace.glucose)
  if (runs.length === 0) return 'NO_RUN'
  if (value.every((v) => v === value[0])) return 'CONSTANT_TRACE'
  const parts = partsOf(runs)
  if (!whole && (!hasWindow(parts.train) || !hasWindow(parts.test))) return 'NO_WINDOW'
  return { trace, runs, parts, trainMean: meanOf(parts.train) }
}

function hasWindow(stretches: readonly Stretch[]): boolean {
  return stretches.some(({ first, end }) => end - first >= RUN_CELLS)
}

function meanOf(stretches: readonly Stretch[]): number {
  let sum = 0
  let n = 0
  for (const { run, first, end } of stretches) {
    for (let k = first; k < end; k++) sum += run.value[k] ?? 0
    n += end - first
  }
  return n === 0 ? 0 : sum / n
}

/** One part of everybody, ready to be cut into windows. */
export function partOf(members: readonly Member[], part: Part): readonly PersonPart[] {
  return members.map(({ trace, parts }) => ({ trace, stretches: parts[part] }))
}

/**
 * People in `sites` blocks by mean glucose; the first blocks are one larger where it does not divide.
 * Throws `TOO_FEW_PEOPLE`.
 */
export function sitesOf(members: readonly Member[], sites: number): readonly (readonly Member[])[] {
  if (sites < 1 || members.length < sites) {
    throw new IsletError<CohortCode>(
      'TOO_FEW_PEOPLE',
      `${sites} sites need at least ${sites} usable people, and the input has ${members.length}`,
      { sites, people: members.length },
      { remedy: `ask for at most ${members.length} sites (--sites ${members.length}), or give more people` },
    )
  }
  const sorted = [...members].sort(
    (a, b) => a.trainMean - b.trainMean || (a.trace.id < b.trace.id ? -1 : a.trace.id > b.trace.id ? 1 : 0),
  )
  const small = Math.floor(sorted.length / sites)
  const larger = sorted.length % sites
  let next = 0
  return Array.from({ length: sites }, (_, site) => {
    const size = small + (site < larger ? 1 : 0)
    next += size
    return sorted.slice(next - size, next)
  })
}
