/**
 * The split by time within each person: first 70 % of their cells to learn from, 15 % to choose by, 15 % to be judged on.
 *
 * Law: parts follow one another in time and share no cell; a window lies wholly inside one of them.
 * Source: Protocol W (70/15/15 at the person's own grid quantiles).
 */
import type { Run } from './runs.ts'

export const PARTS = ['train', 'validation', 'test'] as const
export type Part = (typeof PARTS)[number]

/** Shares of a person's cells after which validation and test begin. */
const PART_BEGINS = { validation: 0.7, test: 0.85 } as const

/** A stretch of one run inside one part: cells first ≤ k < end. */
export interface Stretch {
  readonly run: Run
  readonly first: number
  readonly end: number
}

/** Cuts a person's runs into the three parts, by their count of cells. */
export function partsOf(runs: readonly Run[]): Readonly<Record<Part, readonly Stretch[]>> {
  const cells = runs.reduce((sum, { at }) => sum + at.length, 0)
  const validation = Math.floor(cells * PART_BEGINS.validation)
  const test = Math.floor(cells * PART_BEGINS.test)
  return {
    train: between(runs, 0, validation),
    validation: between(runs, validation, test),
    test: between(runs, test, cells),
  }
}

/** All cells as one part, for splits by person. */
export function wholeOf(runs: readonly Run[]): readonly Stretch[] {
  return runs.map((run) => ({ run, first: 0, end: run.at.length }))
}

function between(runs: readonly Run[], from: number, to: number): readonly Stretch[] {
  const found: Stretch[] = []
  let offset = 0
  for (const run of runs) {
    const first = Math.max(0, from - offset)
    const end = Math.min(run.at.length, to - offset)
    if (first < end) found.push({ run, first, end })
    offset += run.at.length
  }
  return found
}
