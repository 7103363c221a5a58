/**
 * Panel triage: in which order a clinician looks at their patients, and why somebody cannot be looked at.
 *
 * Law: a patient stands in the first section that fits, in the order below; nobody is left out, and whoever cannot be judged
 * stands under `no-data` with the reason. Figures are those of the last 14 days to the instant of the panel; the change is
 * against the 14 days before, in points of percent.
 * Source: sections and borders of Tidepool's TIDE dashboard (tidepool-org/blip, TideDashboard.js, 2026), which follow
 * Battelino et al. 2019, Diabetes Care 42:1593, table 2; wear: Danne et al. 2017, Diabetes Care 40:1631.
 */
import { countAbove, countBelow, gmi, T54, T70, T180, T250, traceOf } from '../glycemia/index.ts'
import type { Glucose } from '../series/index.ts'
import type { UnixSeconds } from '../vocabulary/index.ts'

export const SECTIONS = [
  'very-low',
  'low',
  'range-drop',
  'range-low',
  'very-high',
  'high',
  'wear-low',
  'no-data',
  'meeting',
] as const
export type Section = (typeof SECTIONS)[number]

/** Figures of one patient over the period; shares in percent of its readings. */
export interface PanelFigures {
  readonly readings: number
  readonly mean: number
  readonly gmi: number
  /** Readings present out of those that the whole period could hold, percent. */
  readonly wear: number
  readonly below54: number
  readonly below70: number
  readonly inRange: number
  readonly above180: number
  readonly above250: number
  /** In-range share less that of the period before; null where that one was worn too little to compare. */
  readonly change: number | null
  /** Newest reading. */
  readonly last: UnixSeconds
}

export const PANEL_DAYS = 14
const DAY = 86_400
/** Below this wear, percent, a period is not compared with the next. */
const COMPARABLE_WEAR = 70

type Judged = Exclude<Section, 'no-data' | 'meeting'>
const BORDERS: readonly (readonly [Judged, (figures: PanelFigures) => boolean])[] = [
  ['very-low', ({ below54 }) => below54 >= 1],
  ['low', ({ below70 }) => below70 >= 4],
  ['range-drop', ({ change }) => change !== null && change <= -15],
  ['range-low', ({ inRange }) => inRange < 70],
  ['very-high', ({ above250 }) => above250 >= 5],
  ['high', ({ above180 }) => above180 >= 25],
  ['wear-low', ({ wear }) => wear < COMPARABLE_WEAR],
]

/** The section of a patient; without figures `no-data`. */
export function sectionOf(figures: PanelFigures | undefined): Section {
  if (figures === undefined) return 'no-data'
  return BORDERS.find(([, fits]) => fits(figures))?.[0] ?? 'meeting'
}

/** Figures at an instant of readings that may reach further back and ahead; undefined where none lies in the period. */
export function panelFigures(glucose: readonly Glucose[], at: UnixSeconds): PanelFigures | undefined {
  const now = period(glucose, at - PANEL_DAYS * DAY, at)
  if (now === undefined) return undefined
  const before = period(glucose, at - 2 * PANEL_DAYS * DAY, at - PANEL_DAYS * DAY)
  const comparable = before !== undefined && before.wear >= COMPARABLE_WEAR && now.wear >= COMPARABLE_WEAR
  return { ...now, change: comparable ? now.inRange - before.inRange : null }
}

function period(glucose: readonly Glucose[], from: number, until: number): PanelFigures | undefined {
  const trace = traceOf(glucose.filter((reading) => reading.at >= from && reading.at < until))
  const { samples, judged, step } = trace
  const n = judged.length
  const last = samples.at.at(-1)
  if (n === 0 || last === undefined) return undefined
  const share = (count: number): number => (100 * count) / n
  const mean = samples.value.reduce((sum, value) => sum + value, 0) / n
  const below70 = countBelow(trace, T70)
  const above180 = countAbove(trace, T180)
  return {
    readings: n,
    mean,
    gmi: gmi(mean),
    wear: Math.min(100, (100 * n * step) / (PANEL_DAYS * DAY)),
    below54: share(countBelow(trace, T54)),
    below70: share(below70),
    inRange: share(n - below70 - above180),
    above180: share(above180),
    above250: share(countAbove(trace, T250)),
    change: null,
    last: last as UnixSeconds,
  }
}
