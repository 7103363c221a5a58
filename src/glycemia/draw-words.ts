/**
 * The words and numbers that drawings and text share: names of bands and goals, units, whole percents that add up.
 *
 * Law: percents shown side by side sum to 100 (largest remainder); a share that exists is never shown as 0 %.
 */
import {
  type GlucoseUnit,
  type LocalSeconds,
  type MgPerDl,
  quantity,
  toMmolPerL,
} from '../vocabulary/index.ts'
import type { Band, BandName, Goal } from './presets.ts'
import type { Threshold } from './thresholds.ts'

export const BAND_WORDS: Readonly<Record<BandName, string>> = {
  'very-low': 'very low',
  low: 'low',
  target: 'in range',
  high: 'high',
  'very-high': 'very high',
}

/** A value in mg/dL as it is shown in a unit: whole mg/dL, or mmol/L with one decimal. */
export function shownGlucose(mgPerDl: number, unit: GlucoseUnit): string {
  if (unit === 'mg/dL') return String(Math.round(mgPerDl))
  return toMmolPerL(quantity<MgPerDl>(mgPerDl)).toFixed(1)
}

/** A border as the consensus writes it in that unit. */
export function shownThreshold(threshold: Threshold, unit: GlucoseUnit): string {
  return unit === 'mg/dL' ? String(threshold.mgdl) : threshold.mmol.toFixed(1)
}

/** `below 54`, `70–180`, `above 250`, without the unit. */
export function shownBand(band: Band, unit: GlucoseUnit): string {
  if (band.from === undefined) return band.to === undefined ? 'all' : `below ${shownThreshold(band.to, unit)}`
  if (band.to === undefined) return `above ${shownThreshold(band.from, unit)}`
  return `${shownThreshold(band.from, unit)}–${shownThreshold(band.to, unit)}`
}

export function shownGoal(goal: Goal, unit: GlucoseUnit): string {
  const { border } = goal
  if ('mgdl' in border) {
    const side = goal.what === 'above' || goal.what === 'very-high' ? 'above' : 'below'
    return `${side} ${shownThreshold(border, unit)} ${unit}`
  }
  return `within ${shownThreshold(border[0], unit)}–${shownThreshold(border[1], unit)} ${unit}`
}

/** Whole percents that sum to 100: floors, then the largest remainders get the rest. */
export function wholePercents(shares: readonly number[]): readonly number[] {
  const floors = shares.map((share) => Math.floor(share))
  const rest =
    Math.round(shares.reduce((sum, share) => sum + share, 0)) - floors.reduce((sum, n) => sum + n, 0)
  const byRemainder = shares
    .map((share, i) => ({ i, remainder: share - Math.floor(share) }))
    .sort((a, b) => b.remainder - a.remainder || a.i - b.i)
  for (const { i } of byRemainder.slice(0, Math.max(0, rest))) floors[i] = (floors[i] ?? 0) + 1
  return floors
}

/** A whole percent beside the share it stands for. */
export function shownWhole(whole: number, share: number): string {
  return whole === 0 && share > 0 ? '<1 %' : `${whole} %`
}

/** One decimal, or a dash when unknown. */
export function shownShare(percent: number | null): string {
  if (percent === null) return '–'
  if (percent > 0 && percent < 0.05) return '<0.1 %'
  return `${percent.toFixed(1)} %`
}

export function shownFigure(value: number | null, decimals: number): string {
  return value === null ? '–' : value.toFixed(decimals)
}

/** `2026-01-05` on the wall clock. */
export function shownDate(local: LocalSeconds | null): string {
  return local === null ? '–' : new Date(local * 1000).toISOString().slice(0, 10)
}

/** `06:30` of a minute of the day. */
export function shownMinute(minute: number): string {
  const two = (n: number): string => String(n).padStart(2, '0')
  return `${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`
}

/** `12,345`. */
export function shownCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}
