/**
 * The arithmetic of a round under masks, and what a site is asked: learning's own state machine fed with what the ledger
 * fixed.
 *
 * Law: plan, base model, members and answers alone decide what comes out, byte for byte; who is missing among those who
 * were asked has failed, and is named.
 */
import {
  beginRounds,
  type Effect,
  type MaskSuite,
  memoryOf,
  modelOf,
  nobleMaskSuite,
  type RoundEvent,
  type RoundPlan,
  type RoundState,
  type ServerMemory,
  stepRounds,
} from '../learning/index.ts'
import { fromBase64Url, IsletError, toBase64Url } from '../vocabulary/index.ts'

type Stage = RoundState['stage']
type Ask = Extract<Effect, { readonly type: 'ask' }>

/** A site as the machine knows it: `key` is the X25519 key that shares are sealed to, where updates are masked. */
export interface RoundMember {
  readonly site: string
  /** Windows that it learned from. */
  readonly examples: number
  readonly key?: Uint8Array
}

export interface RoundInputs {
  readonly plan: RoundPlan
  readonly base: Float32Array
  /** What the server carried to the base. */
  readonly memory?: ServerMemory
  readonly members: readonly RoundMember[]
  /** Stages that are over, with the answers that count. */
  readonly answers: Readonly<Partial<Record<Stage, ReadonlyMap<string, Uint8Array>>>>
  readonly suite?: MaskSuite
}

export type RoundStanding =
  /** What a site is asked next; undefined for one that is not asked. */
  | {
      readonly code: 'ASKED'
      readonly stage: Stage
      readonly questionTo: (site: string) => Uint8Array | undefined
    }
  | {
      readonly code: 'AGGREGATED'
      readonly model: Float32Array
      /** What the server carries on with it. */
      readonly memory: ServerMemory
      readonly contributors: readonly string[]
      /** Under masks: who revealed a share that does not belong. */
      readonly liars: readonly string[]
      /** Under masks: Euclidean norm of the mean update. */
      readonly norm?: number
    }

/** Where a round stands after the given answers. Throws `ROUND_NOT_AGGREGATED` where too few of them are of use. */
export function roundStanding({
  plan,
  base,
  memory,
  members,
  answers,
  suite = nobleMaskSuite,
}: RoundInputs): RoundStanding {
  let state = beginRounds(plan, base, memory)
  let asked: readonly Ask[] = []
  const take = (event: RoundEvent): void => {
    const stepped = stepRounds(state, event, suite)
    state = stepped.state
    const asks = stepped.effects.filter((effect) => effect.type === 'ask')
    if (asks.length > 0) asked = asks
  }
  for (const { site, examples, key } of members)
    take({ type: 'join', site, examples, at: 0, ...(key === undefined ? {} : { key: toBase64Url(key) }) })
  take({ type: 'start', at: 0 })
  while (state.stage !== 'finished' && state.stage !== 'stopped') {
    const given = answers[state.stage]
    if (given === undefined) {
      const asks = asked
      const questionTo = (site: string) => {
        const ask = asks.find((one) => one.site === site)
        return ask === undefined ? undefined : fromBase64Url(ask.payload)
      }
      return { code: 'ASKED', stage: state.stage, questionTo }
    }
    for (const { site, round, attempt, stage } of asked) {
      const bytes = given.get(site)
      take(
        bytes === undefined
          ? { type: 'failure', site, round, attempt, stage, code: 'ABSENT', at: 0 }
          : { type: 'reply', site, round, attempt, stage, payload: toBase64Url(bytes), at: 0 },
      )
    }
  }
  const report = state.reports.at(-1)
  if (state.stage === 'stopped' || report === undefined) {
    throw notAggregated(report?.outcome ?? 'NOBODY_ASKED', members.length)
  }
  const { contributors, liars = [], norm } = report
  return {
    code: 'AGGREGATED',
    model: modelOf(state),
    memory: memoryOf(state),
    contributors,
    liars,
    ...(norm === undefined ? {} : { norm }),
  }
}

/** Why the updates of so many sites give no model. */
export function notAggregated(because: string, sites: number, cause?: unknown): IsletError {
  return new IsletError(
    'ROUND_NOT_AGGREGATED',
    'the updates of this round give no model',
    { because, sites },
    { remedy: 'Open another round; the report of this one names who was missing.', cause },
  )
}
