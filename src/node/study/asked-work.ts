/**
 * Work of a site that others ask for and that takes longer than an answer may: begun by the first question, told by a
 * later one.
 *
 * Laws: one piece at a time, whoever asks, and one a study; what came of it is told again for an hour and not done anew,
 * so that nobody has a site train at will; work that nobody has asked about for a while is given up; what failed is told
 * once and may be asked for anew.
 */
import { serially } from '../../consent/index.ts'
import type { Hash32 } from '../../vocabulary/index.ts'

/** How long a question waits for what is nearly done, milliseconds; less than an answer may take. */
const ANSWER_AFTER_MS = 4_000
/** After so long without a question work is given up, milliseconds. */
const GIVEN_UP_AFTER_MS = 60_000
/** How long an outcome is told again, milliseconds. */
const TOLD_FOR_MS = 3_600_000

/** What may be asked of the work, again and again: whether somebody still waits for it. */
export type IsAwaited = () => boolean

export interface AskedWork<Outcome> {
  /** What came of it, or undefined while it is under way. Throws what the work throws. */
  ask(study: Hash32): Promise<Outcome | undefined>
  /** Gives up what is under way and waits for its end. */
  close(): Promise<void>
}

interface Begun<Outcome> {
  askedAt: number
  endedAt: number | undefined
  readonly outcome: Promise<Outcome>
}

export interface AskedWorkOptions {
  readonly clock?: () => number
  readonly answerAfterMs?: number
}

export function askedWork<Outcome>(
  work: (study: Hash32, isAwaited: IsAwaited) => Promise<Outcome>,
  { clock = Date.now, answerAfterMs = ANSWER_AFTER_MS }: AskedWorkOptions = {},
): AskedWork<Outcome> {
  const begun = new Map<Hash32, Begun<Outcome>>()
  const one = serially()
  let isClosed = false
  const begin = (study: Hash32): Begun<Outcome> => {
    const isAwaited = (): boolean => !isClosed && clock() - piece.askedAt < GIVEN_UP_AFTER_MS
    const piece: Begun<Outcome> = {
      askedAt: clock(),
      endedAt: undefined,
      outcome: one(() => work(study, isAwaited)).finally(() => {
        piece.endedAt = clock()
      }),
    }
    // Told to whoever asks next.
    piece.outcome.catch(() => undefined)
    begun.set(study, piece)
    return piece
  }
  return {
    ask: async (study) => {
      const known = begun.get(study)
      const isOld = known?.endedAt !== undefined && clock() - known.endedAt >= TOLD_FOR_MS
      const piece = known === undefined || isOld ? begin(study) : known
      piece.askedAt = clock()
      let timer: NodeJS.Timeout | undefined
      const later = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), answerAfterMs)
      })
      return Promise.race([piece.outcome, later])
        .catch((error: unknown) => {
          if (begun.get(study) === piece) begun.delete(study)
          throw error
        })
        .finally(() => clearTimeout(timer))
    },
    close: async () => {
      isClosed = true
      await Promise.allSettled([...begun.values()].map(({ outcome }) => outcome))
    },
  }
}
