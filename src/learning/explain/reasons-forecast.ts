/**
 * Reasons of a forecast in plain words: what the trace did in each stretch of the context and how far it moved the
 * forecast, strongest first.
 *
 * Law: the effects of all stretches and of what is on board add up to forecast − baseline; what is left unsaid is under
 * 1 mg/dL. The words say what the model saw, never a cause. They hold health values: for the person's record only.
 */
import { CARBS, CARBS_SCALE, INSULIN, INSULIN_SCALE, LEVEL, LEVEL_SCALE } from '../data/features.ts'
import type { Windows } from '../data/windows.ts'
import type { Attribution } from './integrated-gradients.ts'

export interface ForecastReason {
  /** mg/dL by which it moves the forecast away from that of a flat trace. */
  readonly effect: number
  readonly words: string
}

/** Below this a reason is not worth a line, mg/dL. */
const LEAST_EFFECT = 1
/** Slower than this is called steady, mg/dL a minute: a quarter of the slowest trend arrow that sensors show. */
const STEADY = 0.25
const CELL_MINUTES = 5

/** Stretches of the context, newest first: cells before the anchor at which each begins, and its name. */
const STRETCHES = [
  { cells: 3, words: 'over the last 15 minutes' },
  { cells: 12, words: 'over the 45 minutes before' },
  { cells: Number.POSITIVE_INFINITY, words: 'earlier' },
] as const

/** The reasons of `attribution`, which explains window `window` of `windows`. */
export function forecastReasons(
  windows: Windows,
  window: number,
  { contributions }: Attribution,
): readonly ForecastReason[] {
  const { steps, features } = windows
  const first = window * steps * features
  const input = (step: number, feature: number): number =>
    windows.inputs[first + step * features + feature] ?? 0
  const effectOf = (from: number, to: number, chosen: (feature: number) => boolean): number => {
    let sum = 0
    for (let i = from * features; i < to * features; i++)
      if (chosen(i % features)) sum += contributions[i] ?? 0
    return sum
  }
  const reasons: ForecastReason[] = []
  let end = steps
  for (const { cells, words } of STRETCHES) {
    const begin = Math.max(0, steps - cells)
    if (begin >= end) break
    // Slopes of the first cell reach back to the cell before it.
    const before = Math.max(0, begin - 1)
    const rise = (input(end - 1, LEVEL) - input(before, LEVEL)) * LEVEL_SCALE
    const rate = rise / (CELL_MINUTES * Math.max(1, end - 1 - before))
    const effect = effectOf(begin, end, (feature) => feature !== INSULIN && feature !== CARBS)
    reasons.push({ effect, words: `${trend(rate)} ${words} ${moves(effect)}` })
    end = begin
  }
  const newest = steps - 1
  if (features > INSULIN) {
    const units = (input(newest, INSULIN) * INSULIN_SCALE).toFixed(1)
    const effect = effectOf(0, steps, (feature) => feature === INSULIN)
    reasons.push({ effect, words: `insulin on board, ${units} U now, ${moves(effect)}` })
  }
  if (features > CARBS) {
    const grams = Math.round(input(newest, CARBS) * CARBS_SCALE)
    const effect = effectOf(0, steps, (feature) => feature === CARBS)
    reasons.push({ effect, words: `carbohydrate on board, ${grams} g now, ${moves(effect)}` })
  }
  return reasons
    .filter(({ effect }) => Math.abs(effect) >= LEAST_EFFECT)
    .sort((a, b) => Math.abs(b.effect) - Math.abs(a.effect))
}

function trend(rate: number): string {
  if (Math.abs(rate) < STEADY) return 'holding steady'
  const speed = Math.abs(rate).toFixed(1).replace(/\.0$/, '')
  return `${rate < 0 ? 'falling' : 'rising'} ${speed} mg/dL a minute`
}

function moves(effect: number): string {
  return `${effect < 0 ? 'lowers' : 'raises'} the forecast by ${Math.round(Math.abs(effect))} mg/dL`
}
