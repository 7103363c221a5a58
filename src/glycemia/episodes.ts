/**
 * Episodes of low and high glucose.
 *
 * Law: an episode begins with at least 15 minutes beyond the border and ends with at least 15 minutes back at or within
 * it; a silence longer than the gap rule ends it too. Level 2 episodes lie inside level 1 time; "1-exclusive" are level 1
 * episodes that hold no level 2 episode; "extended" are at least 120 minutes below 70 mg/dL.
 * Source: Battelino et al. 2023, Lancet Diabetes Endocrinol 11:42, panel on episodes.
 */
import { type Grid, gridRuns } from '../series/index.ts'

export type EpisodeLevel = 1 | 2 | '1-exclusive' | 'extended'

/** One episode: grid positions first ≤ i < end, all of one run of cells. */
export interface Episode {
  readonly first: number
  readonly end: number
}

export interface EpisodeSummary {
  readonly type: 'hypo' | 'hyper'
  readonly level: EpisodeLevel
  readonly count: number
  /** Per 24 h of grid cells that are there; null without cells. */
  readonly perDay: number | null
  /** Null without an episode. */
  readonly meanMinutes: number | null
  /** Mean over the episodes of each one's mean, unit of the grid; null without an episode. */
  readonly meanGlucose: number | null
}

const MINIMUM_SECONDS = 15 * 60
const EXTENDED_SECONDS = 120 * 60

/** Episodes beyond a border on the grid; `isBeyond` says whether a value is out. */
export function episodes(
  grid: Grid,
  isBeyond: (value: number) => boolean,
  minimumSeconds: number = MINIMUM_SECONDS,
): readonly Episode[] {
  const toStart = Math.max(1, Math.ceil(minimumSeconds / grid.step))
  const toEnd = Math.max(1, Math.ceil(MINIMUM_SECONDS / grid.step))
  const found: Episode[] = []
  for (const run of gridRuns(grid)) {
    let first = -1
    let out = 0
    let back = 0
    for (let i = run.first; i < run.end; i++) {
      const beyond = isBeyond(grid.value[i] ?? 0)
      if (first < 0) {
        out = beyond ? out + 1 : 0
        if (out >= toStart) {
          first = i - out + 1
          back = 0
        }
      } else {
        back = beyond ? 0 : back + 1
        if (back >= toEnd) {
          found.push({ first, end: i - back + 1 })
          first = -1
          out = 0
        }
      }
    }
    // The end was not seen: the episode lasts as long as the trace does.
    if (first >= 0) found.push({ first, end: run.end })
  }
  return found
}

const BORDERS = { hypo: { 1: 70, 2: 54 }, hyper: { 1: 180, 2: 250 } } as const

/** All seven summaries of a grid in mg/dL, hypo first. */
export function episodeSummaries(grid: Grid): readonly EpisodeSummary[] {
  const below = (border: number) => (value: number) => value < border
  const above = (border: number) => (value: number) => value > border
  const hypo1 = episodes(grid, below(BORDERS.hypo[1]))
  const hypo2 = episodes(grid, below(BORDERS.hypo[2]))
  const hyper1 = episodes(grid, above(BORDERS.hyper[1]))
  const hyper2 = episodes(grid, above(BORDERS.hyper[2]))
  const extended = episodes(grid, below(BORDERS.hypo[1]), EXTENDED_SECONDS)
  return [
    summary(grid, 'hypo', 1, hypo1),
    summary(grid, 'hypo', 2, hypo2),
    summary(grid, 'hypo', '1-exclusive', without(hypo1, hypo2)),
    summary(grid, 'hypo', 'extended', extended),
    summary(grid, 'hyper', 1, hyper1),
    summary(grid, 'hyper', 2, hyper2),
    summary(grid, 'hyper', '1-exclusive', without(hyper1, hyper2)),
  ]
}

/** The episodes that touch none of the others; both lists ascend. */
function without(all: readonly Episode[], others: readonly Episode[]): readonly Episode[] {
  let next = 0
  return all.filter((episode) => {
    while (next < others.length && (others[next]?.end ?? 0) <= episode.first) next++
    const other = others[next]
    return other === undefined || other.first >= episode.end
  })
}

function summary(
  grid: Grid,
  type: 'hypo' | 'hyper',
  level: EpisodeLevel,
  found: readonly Episode[],
): EpisodeSummary {
  const days = (grid.index.length * grid.step) / 86_400
  let cells = 0
  let means = 0
  for (const { first, end } of found) {
    let sum = 0
    for (let i = first; i < end; i++) sum += grid.value[i] ?? 0
    means += sum / (end - first)
    cells += end - first
  }
  const count = found.length
  return {
    type,
    level,
    count,
    perDay: days === 0 ? null : count / days,
    meanMinutes: count === 0 ? null : (cells * grid.step) / 60 / count,
    meanGlucose: count === 0 ? null : means / count,
  }
}
