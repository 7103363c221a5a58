/**
 * Puts drafts on the clock: the instant the source told, the local clock in a zone, or the local clock floating.
 *
 * Law: a local clock that occurs twice (autumn) is placed by the device's tick, else by the order of the file; one that
 * does not exist (spring) is moved forward by the jump and counted.
 */
import { type LocalSeconds, quantity, type UnixSeconds } from '../vocabulary/index.ts'
import type { Draft, Outcome } from './draft.ts'
import type { ZoneClock } from './zones.ts'

export interface Placed {
  readonly at: number
  readonly local: number
  readonly repeated: boolean
  readonly skipped: boolean
}

/** Without a zone: the local clock read as UTC. */
export function floating(draft: Draft): Placed | undefined {
  const { instant, local } = draft.moment
  const at = instant ?? local
  if (at === undefined) return undefined
  return { at, local: local ?? at, repeated: false, skipped: false }
}

/** Puts drafts on the clock of a zone; keeps per stream what it needs to tell the two hours of autumn apart. */
export class Placer {
  readonly #clock: ZoneClock
  readonly #chosen: ReadonlyMap<Draft, number>

  constructor(clock: ZoneClock, outcomes: readonly Outcome[]) {
    this.#clock = clock
    this.#chosen = chooseRepeated(clock, outcomes)
  }

  place(draft: Draft): Placed | undefined {
    const { instant, local } = draft.moment
    if (instant !== undefined) {
      const at = quantity<UnixSeconds>(instant)
      return { at: instant, local: this.#clock.localAt(at), repeated: false, skipped: false }
    }
    if (local === undefined) return undefined
    const { first, second, skipped } = this.#clock.instantsOf(quantity<LocalSeconds>(local))
    const at = second === undefined ? first : (this.#chosen.get(draft) ?? first)
    return { at, local, repeated: second !== undefined, skipped }
  }
}

function streamOf(person: string, draft: Draft): string {
  const { body } = draft
  return `${person}|${draft.source ?? ''}|${body.type}|${body.type === 'glucose' ? body.method : ''}`
}

/** For each draft in a repeated hour, the instant that the device tick or the order of the file points to. */
function chooseRepeated(clock: ZoneClock, outcomes: readonly Outcome[]): ReadonlyMap<Draft, number> {
  const streams = new Map<string, Draft[]>()
  let any = false
  for (const outcome of outcomes) {
    if ('drop' in outcome) continue
    for (const draft of outcome.drafts) {
      const { instant, local } = draft.moment
      if (instant !== undefined || local === undefined) continue
      if (clock.instantsOf(quantity<LocalSeconds>(local)).second !== undefined) any = true
      const key = streamOf(outcome.person, draft)
      const stream = streams.get(key)
      if (stream === undefined) streams.set(key, [draft])
      else stream.push(draft)
    }
  }
  const chosen = new Map<Draft, number>()
  if (!any) return chosen
  for (const stream of streams.values()) {
    const ordered = newestFirst(stream) ? stream.toReversed() : stream
    let previousAt = Number.NEGATIVE_INFINITY
    let previousTick: number | undefined
    for (const draft of ordered) {
      const { first, second } = clock.instantsOf(quantity<LocalSeconds>(draft.moment.local ?? 0))
      let at: number = first
      if (second !== undefined) {
        if (draft.tick !== undefined && previousTick !== undefined) {
          const expected = previousAt + (draft.tick - previousTick)
          at = Math.abs(second - expected) < Math.abs(first - expected) ? second : first
        } else if (previousAt > first && previousAt <= second + 3600) at = second
        chosen.set(draft, at)
      }
      previousAt = at
      previousTick = draft.tick
    }
  }
  return chosen
}

function newestFirst(stream: readonly Draft[]): boolean {
  let up = 0
  let down = 0
  for (let i = 1; i < stream.length; i++) {
    const step = (stream[i]?.moment.local ?? 0) - (stream[i - 1]?.moment.local ?? 0)
    if (step > 0) up++
    if (step < 0) down++
  }
  return down > up
}
