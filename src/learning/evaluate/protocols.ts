/**
 * The three protocols: how a cohort becomes windows to learn from, to choose by and to be judged on.
 *
 * Law: no model sees a test window before it is judged, and no window of a held-out person at all under `subject`.
 * `W`: split by time within each person, people cut into unlike sites. `F`: the cold start, 3 people a site and their last 3 days (or as many as asked).
 * `subject`: every person once held out (in tenths of the people where there are more than 20).
 */
import { type Cohort, cohortOf, type Member, partOf, sitesOf } from '../data/cohort.ts'
import { type ContextMode, countWindows, cutWindows, type PersonPart } from '../data/cut-windows.ts'
import type { OutlierRule } from '../data/outlier-readings.ts'
import type { Stretch } from '../data/parts.ts'
import type { PersonTrace } from '../data/trace.ts'
import { outlierName, steppedTraces, type TraceStep } from '../data/trace-steps.ts'
import type { Windows } from '../data/windows.ts'
import { type NormalEquations, normalEquations } from '../ridge/normal-equations.ts'

export const PROTOCOLS = ['W', 'F', 'subject'] as const
export type ProtocolName = (typeof PROTOCOLS)[number]

/** Names the protocol and every number of it, for the data hash; a changed rule is a new number. */
export function protocolVersion({
  protocol,
  mode,
  outliers = [],
  coldDays = COLD_DAYS,
}: Pick<DivisionOptions, 'protocol' | 'mode' | 'outliers' | 'coldDays'>): string {
  // The study's three days need no word, so that its figures keep their hash.
  const days = protocol === 'F' && coldDays !== COLD_DAYS ? ` days=${coldDays}` : ''
  return `islet-forecast/1 ${protocol} ${mode} step=300 gap=2700 context=24 horizon=12 parts=70/15/15 real=150${outlierName(outliers)}${days}`
}

/** One site's own windows. */
export interface SiteWindows {
  /** Every `stride`th window of the training part. */
  readonly train: Windows
  readonly validation: Windows
  /** Summed over every window of the training part. */
  readonly equations: NormalEquations
}

/** One division into learning and judging. */
export interface Fold {
  readonly sites: readonly SiteWindows[]
  /** Judged windows; `person` indexes its own `people`. */
  readonly test: Windows
  /** The site of each test window; −1 where its person belongs to none (held out). */
  readonly testSite: Int32Array
  /** Every training window of a person of `test.people`; none where held out. Cut on demand: they are many. */
  ownTrain(person: number): Windows
}

export interface Division {
  readonly folds: readonly Fold[]
  readonly cohort: Cohort
  /** Cells between two training windows of the networks. */
  readonly stride: number
  /** What was done to the readings first. */
  readonly steps: readonly TraceStep[]
}

export interface DivisionOptions {
  readonly protocol: ProtocolName
  readonly sites: number
  readonly mode: ContextMode
  readonly withEvents: boolean
  /** Overrides the stride that grows with the root of the data. */
  readonly stride?: number
  /** Readings that are taken away first; none unless given. */
  readonly outliers?: readonly OutlierRule[]
  /** Days of data a site learns from under Protocol F; the study's three unless given. */
  readonly coldDays?: number
}

/** People of a site under Protocol F. */
const COLD_PEOPLE = 3
/** Days of the training part that Protocol F keeps unless asked otherwise. */
const COLD_DAYS = 3
/** Above so many people `subject` holds out tenths. */
const LEAVE_ONE_OUT_UP_TO = 20
const TENTHS = 10
/** Training windows at which every second is left out begins: stride = round(√(windows / this)), at least 1. */
const STRIDE_ROOT = 27_000

/** Divides a cohort by a protocol. Throws `NO_PEOPLE`, `TOO_FEW_PEOPLE`. */
export function divide(traces: readonly PersonTrace[], options: DivisionOptions): Division {
  const { traces: ready, steps } = steppedTraces(traces, options.outliers ?? [])
  const cohort = cohortOf(ready, options.protocol === 'subject')
  switch (options.protocol) {
    case 'W': {
      const stride = options.stride ?? strideFor(partOf(cohort.members, 'train'))
      return {
        cohort,
        steps,
        stride,
        folds: [timeFold(sitesOf(cohort.members, options.sites), options, stride)],
      }
    }
    case 'F': {
      const chosen = spread(cohort.members, options.sites * COLD_PEOPLE)
      const sites = sitesOf(chosen, options.sites).map((site) =>
        site.map((member) => lastDays(member, options.coldDays ?? COLD_DAYS)),
      )
      return {
        cohort: { ...cohort, members: chosen },
        steps,
        stride: 1,
        folds: [timeFold(sites, options, 1)],
      }
    }
    case 'subject': {
      const stride = options.stride ?? strideFor(learnable(cohort.members))
      return { cohort, steps, stride, folds: personFolds(cohort.members, options, stride) }
    }
    default:
      return options.protocol satisfies never
  }
}

function strideFor(parts: readonly PersonPart[]): number {
  return Math.max(1, Math.round(Math.sqrt((8 * countWindows(parts, 8)) / STRIDE_ROOT)))
}

function timeFold(sites: readonly (readonly Member[])[], options: DivisionOptions, stride: number): Fold {
  const members = sites.flat()
  const siteOf = Int32Array.from(sites.flatMap((site, index) => site.map(() => index)))
  const test = cutWindows(partOf(members, 'test'), { ...options, stride: 1 })
  const made = sites.map((site) =>
    siteWindows(partOf(site, 'train'), partOf(site, 'validation'), options, stride),
  )
  return {
    sites: made,
    test,
    testSite: test.person.map((person) => siteOf[person] ?? -1),
    ownTrain: (person) =>
      cutWindows(partOf(members.slice(person, person + 1), 'train'), { ...options, stride: 1 }),
  }
}

function siteWindows(
  train: readonly PersonPart[],
  validation: readonly PersonPart[],
  options: DivisionOptions,
  stride: number,
): SiteWindows {
  const dense = cutWindows(train, { ...options, stride: 1 })
  return {
    equations: normalEquations(dense),
    train: stride === 1 ? dense : cutWindows(train, { ...options, stride }),
    validation: cutWindows(validation, { ...options, stride: 1 }),
  }
}

/** The first 85 % of everybody, to learn from where people are held out. */
function learnable(members: readonly Member[]): readonly PersonPart[] {
  return members.map(({ trace, parts }) => ({ trace, stretches: [...parts.train, ...parts.validation] }))
}

function personFolds(members: readonly Member[], options: DivisionOptions, stride: number): readonly Fold[] {
  const sorted = [...members].sort((a, b) => a.trainMean - b.trainMean)
  const folds = sorted.length <= LEAVE_ONE_OUT_UP_TO ? sorted.length : TENTHS
  if (sorted.length < 2) sitesOf(sorted, 2)
  return Array.from({ length: folds }, (_, fold) => {
    const held = sorted.filter((_member, i) => i % folds === fold)
    const kept = sorted.filter((_member, i) => i % folds !== fold)
    const sites = sitesOf(kept, Math.min(options.sites, kept.length))
    const test = cutWindows(
      held.map(({ trace, runs }) => ({
        trace,
        stretches: runs.map((run): Stretch => ({ run, first: 0, end: run.at.length })),
      })),
      { ...options, stride: 1 },
    )
    return {
      sites: sites.map((site) => siteWindows(learnable(site), partOf(site, 'test'), options, stride)),
      test,
      testSite: new Int32Array(test.count).fill(-1),
      ownTrain: () => cutWindows([], { ...options, stride: 1 }),
    }
  })
}

/** `wanted` people evenly spread over mean glucose. Throws `TOO_FEW_PEOPLE`. */
function spread(members: readonly Member[], wanted: number): readonly Member[] {
  if (members.length < wanted) sitesOf(members, wanted)
  const sorted = [...members].sort((a, b) => a.trainMean - b.trainMean)
  return Array.from(
    { length: wanted },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / Math.max(1, wanted - 1))],
  ).filter((member) => member !== undefined)
}

/** A member whose training part is its last days. */
function lastDays(member: Member, days: number): Member {
  const last = member.parts.train.at(-1)
  const end = last === undefined ? 0 : (last.run.at[last.end - 1] ?? 0)
  const from = end - days * 86_400
  const train = member.parts.train.flatMap((stretch) => {
    let { first } = stretch
    while (first < stretch.end && (stretch.run.at[first] ?? 0) <= from) first++
    return first < stretch.end ? [{ ...stretch, first }] : []
  })
  return { ...member, parts: { ...member.parts, train } }
}
