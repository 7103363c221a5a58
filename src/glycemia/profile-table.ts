/**
 * The drawn curve as a table: the twin that a screen reader, or a person who prefers numbers, reads instead.
 *
 * Law: it holds every number that the drawing shows by its shape.
 */
import { shownGlucose, shownMinute } from './draw-words.ts'
import type { Report } from './report.ts'

export interface ProfileTable {
  readonly caption: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** 24 rows, one per hour of the local day. */
export function profileTable(report: Report): ProfileTable {
  return {
    caption: `Percentiles of glucose by hour of the day, ${report.unit}, smoothed as drawn`,
    head: ['hour', 'days', '5 %', '25 %', 'median', '75 %', '95 %'],
    rows: report.curve.map((point) => [
      `${shownMinute(point.minute - 30)}–${shownMinute(point.minute + 30)}`,
      String(point.days),
      ...[0, 1, 2, 3, 4].map((k) => {
        const level = point.levels?.[k]
        return level === undefined ? '–' : shownGlucose(level, report.unit)
      }),
    ]),
  }
}

/** The table as aligned plain text. */
export function profileTableText(report: Report): string {
  const { caption, head, rows } = profileTable(report)
  const widths = head.map((name, k) => Math.max(name.length, ...rows.map((row) => row[k]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells.map((cell, k) => (k === 0 ? cell.padEnd(widths[k] ?? 0) : cell.padStart(widths[k] ?? 0))).join('  ')
  return [caption, line(head), ...rows.map((row) => line(row))].join('\n')
}
