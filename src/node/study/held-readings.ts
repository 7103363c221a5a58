/**
 * Readings of people that a site opened and still holds in memory, so that the next round need not open them again.
 *
 * Laws: what is held is handed out only by a caller who has just been allowed to read it once more; who is let go, or
 * refused, is held no longer; what nobody asks for is gone after a time; how much is held is bounded.
 */
import type { HeldAnswer } from '../../consent/index.ts'
import type { PersonTrace } from '../../learning/index.ts'
import type { ConsentId } from '../../vocabulary/index.ts'

export interface HeldReading {
  /** Names the answer to the custodian. */
  readonly answer: HeldAnswer
  readonly trace: PersonTrace
}

export interface HeldReadings {
  get(consent: ConsentId): HeldReading | undefined
  /** Holds it, if there is room. */
  hold(consent: ConsentId, reading: HeldReading): void
  drop(consent: ConsentId): void
  /** Drops everybody who is not among these. */
  keepOnly(consents: readonly ConsentId[]): void
}

export interface HoldLimits {
  /** Readings, boluses and meals of everybody together. */
  readonly most: number
  /** Milliseconds after which nothing is held of what was not asked for. */
  readonly lasting: number
}

/** Some 1,700 days of one person; ten minutes. */
const LIMITS: HoldLimits = { most: 500_000, lasting: 600_000 }

export function heldReadings({ most, lasting }: HoldLimits = LIMITS): HeldReadings {
  const held = new Map<ConsentId, HeldReading>()
  let size = 0
  let ending: NodeJS.Timeout | undefined
  const drop = (consent: ConsentId): void => {
    const reading = held.get(consent)
    if (reading === undefined) return
    size -= sizeOf(reading)
    held.delete(consent)
  }
  const last = (): void => {
    clearTimeout(ending)
    ending = setTimeout(() => {
      held.clear()
      size = 0
    }, lasting)
    ending.unref()
  }
  return {
    get: (consent) => {
      const reading = held.get(consent)
      if (reading !== undefined) last()
      return reading
    },
    hold: (consent, reading) => {
      drop(consent)
      if (size + sizeOf(reading) > most) return
      size += sizeOf(reading)
      held.set(consent, reading)
      last()
    },
    drop,
    keepOnly: (consents) => {
      const kept = new Set(consents)
      for (const consent of [...held.keys()]) if (!kept.has(consent)) drop(consent)
    },
  }
}

function sizeOf({ trace: { glucose, boluses, meals } }: HeldReading): number {
  return glucose.at.length + (boluses?.at.length ?? 0) + (meals?.at.length ?? 0)
}
