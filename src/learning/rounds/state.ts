/**
 * The state of a federated run and what moves it: plain JSON throughout, vectors as base64url of little-endian float32.
 *
 * Law: the state is a function of the plan, the first model and the events in their order; whoever replays any part of
 * the event log from a stored state stands where the first coordinator stood, byte for byte in canonical JSON.
 */
import type { RoundPlan } from './plan.ts'

export type Stage =
  | 'gathering'
  | 'advertise'
  | 'share'
  | 'train'
  | 'reveal'
  | 'evaluate'
  | 'finished'
  | 'stopped'

interface FromSite {
  readonly site: string
  /** Seconds, on the coordinator's clock. */
  readonly at: number
}

export type RoundEvent =
  /** A site takes part from the next round on; `key`: its X25519 key for sealed shares, base64url. */
  | ({ readonly type: 'join'; readonly examples: number; readonly key?: string } & FromSite)
  | ({ readonly type: 'leave' } & FromSite)
  | { readonly type: 'start'; readonly at: number }
  /** A site's answer, base64url. */
  | ({
      readonly type: 'reply'
      readonly round: number
      readonly attempt: number
      readonly stage: Stage
      readonly payload: string
    } & FromSite)
  /** A site that cannot answer says so. */
  | ({
      readonly type: 'failure'
      readonly round: number
      readonly attempt: number
      readonly stage: Stage
      readonly code: string
    } & FromSite)
  /** Time passed. */
  | { readonly type: 'tick'; readonly at: number }

/** What became of an event; only ACCEPTED, JOINED, LEFT and STARTED changed what is awaited. */
export type OutcomeCode =
  | 'ACCEPTED'
  | 'JOINED'
  | 'LEFT'
  | 'STARTED'
  | 'NOTED'
  | 'DUPLICATE'
  | 'CONFLICTING_REPLY'
  | 'UNKNOWN_SITE'
  | 'STALE_ROUND'
  | 'NOT_AWAITED'
  | 'WRONG_SHAPE'
  | 'NOT_FINITE'
  | 'NO_EXAMPLES'
  | 'TOO_FEW_SITES'
  | 'ALREADY_STARTED'
  | 'BAD_KEY'
  | 'REFUSED'

export type Effect =
  /** Ask a site; it is awaited until the instant. */
  | {
      readonly type: 'ask'
      readonly site: string
      readonly round: number
      readonly attempt: number
      readonly stage: Stage
      readonly payload: string
      readonly until: number
    }
  | { readonly type: 'closed'; readonly report: RoundReport }
  | { readonly type: 'ended'; readonly code: 'FINISHED' | StopCode }

export type StopCode = 'QUORUM_NOT_MET' | 'TOO_FEW_SITES' | 'NO_ROOT' | 'SHARES_MISSING'

export interface Member {
  readonly examples: number
  readonly key?: string
  readonly active: boolean
  /** Version of the model that it is known to hold; −1: none. */
  readonly holds: number
}

export interface SiteBytes {
  readonly up: number
  readonly down: number
}

export interface RoundReport {
  readonly round: number
  readonly attempt: number
  readonly outcome: 'AGGREGATED' | StopCode
  /** Sites that were asked. */
  readonly cohort: readonly string[]
  /** Sites whose answer reached the aggregation, excluded ones included. */
  readonly contributors: readonly string[]
  /** Every asked site took part and none was excluded or lost. */
  readonly whole: boolean
  /** Why a site of the cohort did not contribute. */
  readonly absent: Readonly<Record<string, string>>
  readonly excluded: readonly string[]
  /** What the rule measured; empty where single updates are hidden. */
  readonly scores: Readonly<Record<string, number>>
  /** What the sites found of the new model on data of their own. */
  readonly metrics: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly bytes: Readonly<Record<string, SiteBytes>>
  /** Masked ways: share of coordinates cut at the range, in [0, 1]. */
  readonly cut?: number
  /** Masked ways: who revealed a share that does not belong; the sum stands without it. Absent: nobody. */
  readonly liars?: readonly string[]
  /** Masked ways: Euclidean norm of the mean update; no mean of clipped updates is longer than their clip. */
  readonly norm?: number
  /** SHA-256 of the model after the round, hex. */
  readonly model: string
  readonly opened: number
  readonly closed: number
}

export interface RoundState {
  readonly schema: 'islet.rounds/1'
  readonly plan: RoundPlan
  readonly stage: Stage
  readonly round: number
  readonly attempt: number
  /** Latest instant seen, seconds. */
  readonly now: number
  readonly opened: number
  /** When the stage ends by itself; null while nothing is awaited. */
  readonly until: number | null
  /** Who has not answered the stage yet, in order. */
  readonly awaited: readonly string[]
  readonly members: Readonly<Record<string, Member>>
  readonly cohort: readonly string[]
  /** Masked ways: who masks with whom. */
  readonly groups: readonly (readonly string[])[]
  /** Answers of the stages of this attempt. */
  readonly replies: Readonly<Partial<Record<Stage, Readonly<Record<string, string>>>>>
  readonly failures: Readonly<Record<string, string>>
  readonly bytes: Readonly<Record<string, SiteBytes>>
  readonly version: number
  readonly model: string
  /** The step from the version before to this one, as sent down. */
  readonly step: string
  /** What the way down left over. */
  readonly residual: string
  readonly memory: { readonly momentum?: string; readonly square?: string; readonly variate?: string }
  /** Masked ways: largest absolute value per block of 256 coordinates. */
  readonly ranges: string
  /** The aggregation that the evaluation is of. */
  readonly pending: Omit<RoundReport, 'metrics' | 'bytes' | 'closed'> | null
  readonly reports: readonly RoundReport[]
}
