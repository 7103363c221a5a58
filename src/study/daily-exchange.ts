/**
 * Daily data of a study at one site: each complete day of each consenting person comes in once, through the consent gate.
 *
 * Laws: a day is asked for when it is complete (UTC, and an hour for devices to deliver), while the study is open and the
 * consent holds, and never again once it came in; nobody of the person's side is needed; it stops by itself at the
 * person's withdrawal, at the end of consent, approval or plan, because every day is judged anew; what is kept is kept
 * in one piece with its note, so that after a crash a day is there whole or is asked for again.
 * Limits: a day that was read and not yet kept when the power went is read, and logged, a second time. Readings that
 * arrive after their day came in are not fetched. What came in before a person stopped stays at the site (PROTOCOL 2);
 * it goes when the person is erased.
 */
import type { ConsentClaim } from '../consent/browser.door.ts'
import {
  type ConsentId,
  formatInstant,
  type HourWindow,
  hoursInside,
  isIsletError,
  parseInstant,
  quantity,
  startOfHour,
  type UnixSeconds,
  type UtcHour,
} from '../vocabulary/index.ts'
import type { LeftOut } from './cohort.ts'
import type { StudyPlan } from './plan.ts'
import { presentCohort } from './present-cohort.ts'
import type { SitePorts, SiteStudy } from './site-ports.ts'

/** A day of UTC, as `2026-01-05`. */
export type Day = string

export interface ReceivedDay<Records> {
  readonly consent: ConsentId
  readonly day: Day
  readonly records: Records
}

export interface ExchangePorts<Records> extends Pick<SitePorts, 'chain' | 'history' | 'own' | 'people'> {
  /** Reads a window of one person through the gate. Throws the custodian's code. */
  readonly read: (claim: ConsentClaim, window: HourWindow) => Promise<Records>
  readonly book: {
    has(day: Day, consent: ConsentId): Promise<boolean>
    /** Keeps a day and the note that it came in, in one piece. */
    keep(received: ReceivedDay<Records>): Promise<void>
  }
}

export type ExchangeState = 'RUNNING' | 'ENDED' | 'NOT_OPEN' | 'NOT_PLANNED'

export interface ExchangeOutcome {
  readonly state: ExchangeState
  /** Days that came in now. */
  readonly received: readonly { readonly day: Day; readonly consent: ConsentId }[]
  /** Days that the gate refused now; they are asked for again as long as the consent holds. */
  readonly refused: readonly { readonly day: Day; readonly code: string }[]
  /** Grants for the study that bring nothing now, with why. */
  readonly leftOut: readonly LeftOut[]
}

const HOUR = 3_600
const DAY = 86_400
const HOURS = 24
/** What devices and gateways have to deliver a day after its end. */
const DELIVERY_SECONDS = HOUR

/** Fetches what is due at one site. Throws the codes of ledger and book. */
export async function exchangeDays<Records>(
  ports: ExchangePorts<Records>,
  study: SiteStudy,
  now: UnixSeconds,
): Promise<ExchangeOutcome> {
  const state = await exchangeState(ports, study, now)
  if (state !== 'RUNNING') return { state, received: [], refused: [], leftOut: [] }
  const { included, leftOut } = await presentCohort(ports, study, now)
  const received: { readonly day: Day; readonly consent: ConsentId }[] = []
  const refused: { readonly day: Day; readonly code: string }[] = []
  for (const claim of included) {
    for (const { day, window } of completeDays(study.plan, claim.opening.window, now)) {
      const { consentId: consent } = claim
      if (await ports.book.has(day, consent)) continue
      try {
        await ports.book.keep({ consent, day, records: await ports.read(claim, window) })
        received.push({ day, consent })
      } catch (error) {
        if (!isIsletError(error)) throw error
        refused.push({ day, code: error.code })
      }
    }
  }
  return { state, received, refused, leftOut }
}

/** Whether a study has days come in at an instant. */
async function exchangeState(
  { chain }: Pick<ExchangePorts<unknown>, 'chain'>,
  { id, plan }: Pick<SiteStudy, 'id' | 'plan'>,
  now: UnixSeconds,
): Promise<ExchangeState> {
  if (plan.exchange === undefined) return 'NOT_PLANNED'
  const { state, until } = await chain.study(id)
  switch (state) {
    case 'OPEN':
      return now < until && now < parseInstant(plan.expires) ? 'RUNNING' : 'ENDED'
    case 'NONE':
    case 'SUBMITTED':
    case 'CONDITIONAL':
    case 'APPROVED':
      return 'NOT_OPEN'
    case 'CLOSED':
    case 'REJECTED':
    case 'REVOKED':
    case 'WITHDRAWN':
      return 'ENDED'
    default:
      return state satisfies never
  }
}

/** First instant after `now` at which another day of the plan is complete, or undefined when none will be. */
export function nextDay({ data, expires }: Pick<StudyPlan, 'data' | 'expires'>, now: UnixSeconds) {
  const { first, end } = hoursInside(parseInstant(data.from), parseInstant(data.until))
  const after = Math.max(now - DELIVERY_SECONDS, startOfHour(first))
  const at = Math.min((Math.floor(after / DAY) + 1) * DAY, startOfHour(end)) + DELIVERY_SECONDS
  return at > now && at < parseInstant(expires) ? quantity<UnixSeconds>(at) : undefined
}

/** The days that are complete, each cut to what plan and consent both allow. */
function completeDays(
  { data }: Pick<StudyPlan, 'data'>,
  granted: HourWindow,
  now: UnixSeconds,
): readonly { readonly day: Day; readonly window: HourWindow }[] {
  const planned = hoursInside(parseInstant(data.from), parseInstant(data.until))
  const [first, end] = [Math.max(planned.first, granted.first), Math.min(planned.end, granted.end)]
  const days: { readonly day: Day; readonly window: HourWindow }[] = []
  for (let hour = first; hour < end; ) {
    const next = Math.min(end, (Math.floor(hour / HOURS) + 1) * HOURS)
    if (startOfHour(quantity<UtcHour>(next)) + DELIVERY_SECONDS > now) break
    const window = { first: quantity<UtcHour>(hour), end: quantity<UtcHour>(next) }
    days.push({ day: formatInstant(startOfHour(window.first)).slice(0, 10), window })
    hour = next
  }
  return days
}
