/**
 * The report as a few lines of text to copy: in the order in which clinicians are taught to read.
 *
 * Order: wear and sufficiency, low glucose, time in range, high glucose, variability, pattern by time of day.
 * Source: order and goals: Battelino et al. 2019; peers-data-platforms 7.
 */
import {
  shownCount,
  shownDate,
  shownFigure,
  shownGlucose,
  shownGoal,
  shownMinute,
  shownShare,
} from './draw-words.ts'
import { CV_GOAL_PERCENT } from './presets.ts'
import type { Report } from './report.ts'
import type { GoalResult } from './time-in-range.ts'

/** Plain text, no line longer than about 100 characters. */
export function summaryText(report: Report): string {
  if (report.readings === 0) return 'No glucose readings.'
  return [
    headline(report),
    ...denseLines(report),
    `Goals for ${report.preset.label}:`,
    ...report.goals.map((result) => `  ${goalLine(report, result)}`),
    `Mean ${glucose(report, report.distribution.mean)} · GMI ${shownFigure(report.gmi, 1)} % · ` +
      `SD ${glucose(report, report.distribution.sd)} · CV ${shownShare(report.cv)} (goal at most ${CV_GOAL_PERCENT} %)`,
    `Glycemia risk index ${shownFigure(report.gri?.gri ?? null, 0)}` +
      `${report.gri === null ? '' : ` (zone ${report.gri.zone})`} · ` +
      `LBGI ${shownFigure(report.risk.lbgi, 1)} · HBGI ${shownFigure(report.risk.hbgi, 1)}`,
    episodeLine(report),
    ...patternLines(report),
    ...textualLines(report),
  ].join('\n')
}

function headline(report: Report): string {
  const period = `${shownDate(report.fromLocal)} to ${shownDate(report.toLocal)}`
  const judged = report.sufficient ? 'enough to judge' : 'less than 14 days at 70 %: read with care'
  return (
    `Glucose profile report · ${period} · ${shownFigure(report.days, 1)} days\n` +
    `${shownCount(report.readings)} readings · sensor active ${shownShare(report.wear.percent)} · ${judged}`
  )
}

function denseLines(report: Report): readonly string[] {
  if (report.dense === null) return []
  const { dense } = report
  return [
    `Worn with long pauses: the fullest 14 days begin ${shownDate(dense.fromLocal)} and hold ` +
      `${shownCount(dense.wear.readings)} readings (${shownShare(dense.wear.percent)} of that stretch).`,
  ]
}

function goalLine(report: Report, { goal, percent, met }: GoalResult): string {
  const mark = met === null ? '' : met ? 'met' : 'not met'
  const aim = `goal ${goal.relation} ${goal.percent} %`
  return `${shownGoal(goal, report.unit).padEnd(24)} ${shownShare(percent).padStart(8)}   ${aim.padEnd(13)} ${mark}`.trimEnd()
}

function episodeLine(report: Report): string {
  const count = (type: 'hypo' | 'hyper', level: 1 | 2): string =>
    String(report.episodes.find((episode) => episode.type === type && episode.level === level)?.count ?? 0)
  return (
    `Episodes of 15 minutes or more: low ${count('hypo', 1)} (very low ${count('hypo', 2)}), ` +
    `high ${count('hyper', 1)} (very high ${count('hyper', 2)})`
  )
}

function patternLines(report: Report): readonly string[] {
  const hours = report.curve.filter((point) => point.levels !== null)
  if (hours.length < 6) return []
  const by = (k: 2 | 4 | 0, sign: 1 | -1): (typeof hours)[number] | undefined =>
    hours.reduce((best, point) =>
      sign * ((point.levels?.[k] ?? 0) - (best.levels?.[k] ?? 0)) > 0 ? point : best,
    )
  const highest = by(2, 1)
  const lowest = by(0, -1)
  if (highest === undefined || lowest === undefined) return []
  const hour = (minute: number): string => `${shownMinute(minute - 30)}–${shownMinute(minute + 30)}`
  return [
    `Usual day: median highest ${hour(highest.minute)} (${glucose(report, highest.levels?.[2] ?? null)}); ` +
      `lowest values ${hour(lowest.minute)} (5th percentile ${glucose(report, lowest.levels?.[0] ?? null)})`,
  ]
}

function textualLines(report: Report): readonly string[] {
  if (report.low + report.high === 0) return []
  return [`Counted as below or above the sensor's limits: ${report.low} Low, ${report.high} High.`]
}

function glucose(report: Report, mgPerDl: number | null): string {
  return mgPerDl === null ? '–' : `${shownGlucose(mgPerDl, report.unit)} ${report.unit}`
}
