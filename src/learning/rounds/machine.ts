/**
 * The round state machine: configure → collect → aggregate → evaluate. Events in, state and effects out; no clock, no
 * network, no randomness.
 *
 * Laws: every stage that waits has a deadline and says whom it awaits; a deadline that has passed closes its stage before
 * anything else is heard, so that a late answer is never stored; the same answer twice is one answer; one site's failure
 * changes nothing for the others; a round below the quorum is reported as such and never as a round.
 */
import { fromBase64Url, isIsletError } from '../../vocabulary/index.ts'
import { firstRanges } from '../masking/ranges.ts'
import { type MaskSuite, nobleMaskSuite } from '../masking/suite.ts'
import { fewestSites } from '../robust/rule.ts'
import type { ServerMemory } from '../strategies/strategy.ts'
import { advance, type Moved } from './advance.ts'
import { FEWEST_MASKED, type RoundPlan } from './plan.ts'
import { readReply } from './replies.ts'
import { memoryText, memoryVectors } from './server-memory.ts'
import type { Effect, OutcomeCode, RoundEvent, RoundState } from './state.ts'
import { fromText, toText } from './vectors.ts'

export interface Stepped {
  readonly state: RoundState
  readonly outcome: OutcomeCode
  readonly effects: readonly Effect[]
}

/**
 * A run that nobody has joined yet. The first model is part of the plan: who joins before the first round holds it.
 *
 * @param memory what the server carried to this model, where the run goes on from an earlier one
 */
export function beginRounds(plan: RoundPlan, model: Float32Array, memory: ServerMemory = {}): RoundState {
  const zeros = toText(new Float32Array(plan.parameters))
  return {
    schema: 'islet.rounds/1',
    plan,
    stage: 'gathering',
    round: 0,
    attempt: 0,
    now: 0,
    opened: 0,
    until: null,
    awaited: [],
    members: {},
    cohort: [],
    groups: [],
    replies: {},
    failures: {},
    bytes: {},
    version: 0,
    model: toText(model),
    step: zeros,
    residual: zeros,
    memory: memoryText(memory),
    ranges: toText(firstRanges(plan)),
    pending: null,
    reports: [],
  }
}

/** The model as it stands. */
export function modelOf(state: RoundState): Float32Array {
  return fromText(state.model)
}

/** What the server carries beside it. */
export function memoryOf(state: RoundState): ServerMemory {
  return memoryVectors(state.memory)
}

/** Takes one event; suites of masks differ in speed alone. Never throws on what a site sends: its fault is the outcome's code. */
export function stepRounds(
  before: RoundState,
  event: RoundEvent,
  suite: MaskSuite = nobleMaskSuite,
): Stepped {
  const at = Math.max(before.now, event.at)
  let moved: Moved = { state: { ...before, now: at }, effects: [] }
  if (moved.state.until !== null && at >= moved.state.until) moved = advance(moved.state, suite)
  const { outcome, state } = take(moved.state, event)
  const after = ready(state) ? advance(state, suite) : { state, effects: [] }
  return { state: after.state, outcome, effects: [...moved.effects, ...after.effects] }
}

/** Whether a stage that waited has everybody's answer. */
function ready(state: RoundState): boolean {
  return state.until !== null && state.awaited.length === 0
}

interface Taken {
  readonly state: RoundState
  readonly outcome: OutcomeCode
}

function take(state: RoundState, event: RoundEvent): Taken {
  switch (event.type) {
    case 'tick':
      return { state, outcome: 'NOTED' }
    case 'join':
      return join(state, event)
    case 'leave': {
      const member = state.members[event.site]
      if (member === undefined) return { state, outcome: 'UNKNOWN_SITE' }
      const members = { ...state.members, [event.site]: { ...member, active: false, holds: -1 } }
      return { state: fail({ ...state, members }, event.site, 'LEFT'), outcome: 'LEFT' }
    }
    case 'start':
      return start(state)
    case 'failure': {
      const refusal = misplaced(state, event)
      if (refusal !== undefined) return { state, outcome: refusal }
      return { state: fail(state, event.site, event.code), outcome: 'ACCEPTED' }
    }
    case 'reply':
      return reply(state, event)
    default:
      return event satisfies never
  }
}

function join(state: RoundState, event: RoundEvent & { readonly type: 'join' }): Taken {
  const { site, examples, key } = event
  if (!Number.isInteger(examples) || examples < 1) return { state, outcome: 'NO_EXAMPLES' }
  if (state.plan.mode !== 'open' && (key === undefined || key.length !== 43))
    return { state, outcome: 'BAD_KEY' }
  const known = state.members[site]
  // A site keeps the key that others sealed shares to; another key is another site.
  if (known?.key !== undefined && known.key !== key) return { state, outcome: 'BAD_KEY' }
  if (known?.active === true) return { state, outcome: 'DUPLICATE' }
  const holds = state.version === 0 ? 0 : -1
  const member = { examples, active: true, holds, ...(key === undefined ? {} : { key }) }
  return { state: { ...state, members: { ...state.members, [site]: member } }, outcome: 'JOINED' }
}

function start(state: RoundState): Taken {
  if (state.stage !== 'gathering' || state.until !== null) return { state, outcome: 'ALREADY_STARTED' }
  const { plan, members } = state
  const active = Object.values(members).filter((member) => member.active).length
  const least = plan.mode === 'open' ? fewestSites(plan.rule) : FEWEST_MASKED
  if (active < Math.max(plan.quorum, least)) return { state, outcome: 'TOO_FEW_SITES' }
  // Nobody is awaited: the first round opens in this same step.
  return { state: { ...state, until: state.now }, outcome: 'STARTED' }
}

function reply(state: RoundState, event: RoundEvent & { readonly type: 'reply' }): Taken {
  const { site, stage, payload } = event
  const counted = count(state, site, payload)
  const refusal = misplaced(state, event)
  if (refusal !== undefined) {
    const earlier = state.replies[stage]?.[site]
    const same = event.round === state.round && event.attempt === state.attempt && earlier !== undefined
    if (!same) return { state: counted, outcome: refusal }
    return { state: counted, outcome: earlier === payload ? 'DUPLICATE' : 'CONFLICTING_REPLY' }
  }
  try {
    readReply(state, site, fromBase64Url(payload))
  } catch (error) {
    const code = isIsletError(error, 'NOT_FINITE') ? 'NOT_FINITE' : 'WRONG_SHAPE'
    return { state: fail(counted, site, code), outcome: code }
  }
  const member = state.members[site]
  const carriesModel = stage === 'train' || stage === 'evaluate'
  return {
    state: {
      ...counted,
      awaited: state.awaited.filter((other) => other !== site),
      replies: { ...state.replies, [stage]: { ...state.replies[stage], [site]: payload } },
      members:
        member === undefined || !carriesModel
          ? state.members
          : { ...state.members, [site]: { ...member, holds: state.version } },
    },
    outcome: 'ACCEPTED',
  }
}

/** Why an answer is not one to what is being asked. */
function misplaced(
  state: RoundState,
  event: RoundEvent & { readonly type: 'reply' | 'failure' },
): OutcomeCode | undefined {
  if (state.members[event.site] === undefined) return 'UNKNOWN_SITE'
  const current =
    event.round === state.round && event.attempt === state.attempt && event.stage === state.stage
  if (!current) return 'STALE_ROUND'
  return state.awaited.includes(event.site) ? undefined : 'NOT_AWAITED'
}

/** A site has no part in the rest of this attempt. */
function fail(state: RoundState, site: string, code: string): RoundState {
  if (!state.awaited.includes(site)) return state
  return {
    ...state,
    awaited: state.awaited.filter((other) => other !== site),
    failures: { ...state.failures, [site]: code },
  }
}

function count(state: RoundState, site: string, payload: string): RoundState {
  if (state.members[site] === undefined) return state
  const { up = 0, down = 0 } = state.bytes[site] ?? {}
  const bytes = Math.floor((payload.length * 3) / 4)
  return { ...state, bytes: { ...state.bytes, [site]: { up: up + bytes, down } } }
}
