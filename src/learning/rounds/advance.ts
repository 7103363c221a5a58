/**
 * From one stage to the next: who is asked what, what closes a round, when it is tried again and when the run ends.
 */
import { IsletError, isIsletError, toBase64Url } from '../../vocabulary/index.ts'
import type { MaskSuite } from '../masking/suite.ts'
import { modelPart } from './down.ts'
import {
  advertiseParts,
  aggregateMasked,
  drawGroups,
  maskedTrainParts,
  revealParts,
  shareParts,
  withoutLostGroups,
} from './masked-round.ts'
import { type AskedStage, encodeAsk } from './messages.ts'
import { modelDigest } from './model-digest.ts'
import { type Aggregated, aggregateOpen, openTrainParts } from './open-round.ts'
import { readMetrics, repliesOf } from './replies.ts'
import type { Effect, RoundReport, RoundState, StopCode } from './state.ts'

export interface Moved {
  readonly state: RoundState
  readonly effects: readonly Effect[]
}

/** Closes the stage that waits and opens what follows. */
export function advance(waiting: RoundState, suite: MaskSuite): Moved {
  const failures = { ...waiting.failures }
  for (const site of waiting.awaited) failures[site] ??= 'DEADLINE'
  const state: RoundState = { ...waiting, failures, awaited: [], until: null }
  switch (state.stage) {
    case 'gathering':
      return openRound(state, 1, 1)
    case 'advertise': {
      const next = withoutLostGroups(state, 'advertise')
      return enough(next, 'advertise')
        ? ask(next, 'share', answered(next, 'advertise'))
        : again(next, 'QUORUM_NOT_MET')
    }
    case 'share': {
      const next = withoutLostGroups(state, 'share')
      return enough(next, 'share')
        ? ask(next, 'train', answered(next, 'share'))
        : again(next, 'QUORUM_NOT_MET')
    }
    case 'train':
      if (!enough(state, 'train')) return again(state, 'QUORUM_NOT_MET')
      return state.plan.mode === 'open' ? aggregated(state, aggregateOpen, suite) : reveal(state)
    case 'reveal':
      return aggregated(state, (masked) => aggregateMasked(masked, suite), suite)
    case 'evaluate':
      return close(state)
    case 'finished':
    case 'stopped':
      return { state, effects: [] }
    default:
      return state.stage satisfies never
  }
}

/** Sites that answered a stage and have not failed since, in order. */
function answered(state: RoundState, stage: AskedStage): readonly string[] {
  return Object.keys(state.replies[stage] ?? {})
    .filter((site) => state.failures[site] === undefined)
    .sort()
}

function enough(state: RoundState, stage: AskedStage): boolean {
  return answered(state, stage).length >= state.plan.quorum
}

function openRound(state: RoundState, round: number, attempt: number): Moved {
  const cohort = Object.keys(state.members)
    .filter((site) => state.members[site]?.active === true)
    .sort()
  const opened: RoundState = {
    ...state,
    round,
    attempt,
    cohort,
    groups: drawGroups(state.plan, round, cohort),
    opened: state.now,
    replies: {},
    failures: {},
    pending: null,
  }
  if (cohort.length < state.plan.quorum)
    return again({ ...opened, attempt: state.plan.attempts }, 'TOO_FEW_SITES')
  return ask(opened, state.plan.mode === 'open' ? 'train' : 'advertise', cohort)
}

function ask(state: RoundState, stage: AskedStage, sites: readonly string[]): Moved {
  const { seconds } = state.plan
  const wait = stage === 'train' ? seconds.train : stage === 'evaluate' ? seconds.evaluate : seconds.masks
  const until = state.now + wait
  const { round, attempt, version } = state
  const bytes = { ...state.bytes }
  const effects = sites.map((site): Effect => {
    const message = encodeAsk({ stage, round, attempt, version, parts: partsFor(state, stage, site) })
    const { up = 0, down = 0 } = bytes[site] ?? {}
    bytes[site] = { up, down: down + message.length }
    return { type: 'ask', site, round, attempt, stage, payload: toBase64Url(message), until }
  })
  return { state: { ...state, stage, until, awaited: [...sites], bytes }, effects }
}

function partsFor(state: RoundState, stage: AskedStage, site: string): readonly Uint8Array[] {
  switch (stage) {
    case 'advertise':
      return advertiseParts(state, site)
    case 'share':
      return shareParts(state, site)
    case 'train':
      return state.plan.mode === 'open' ? openTrainParts(state, site) : maskedTrainParts(state, site)
    case 'reveal':
      return revealParts(state, site)
    case 'evaluate':
      return [modelPart(state, site)]
    default:
      return stage satisfies never
  }
}

/** Who sent a masked update is now the final set of survivors. */
function reveal(state: RoundState): Moved {
  const next = withoutLostGroups(state, 'train')
  return enough(next, 'train') ? ask(next, 'reveal', answered(next, 'train')) : again(next, 'QUORUM_NOT_MET')
}

const STOPS: readonly StopCode[] = ['QUORUM_NOT_MET', 'TOO_FEW_SITES', 'NO_ROOT', 'SHARES_MISSING']

function aggregated(
  state: RoundState,
  how: (state: RoundState) => { readonly state: RoundState; readonly report: Aggregated },
  suite: MaskSuite,
): Moved {
  let made: { readonly state: RoundState; readonly report: Aggregated }
  try {
    made = how(state)
  } catch (error) {
    const code = error instanceof IsletError ? STOPS.find((stop) => isIsletError(error, stop)) : undefined
    if (code === undefined) throw error
    return again(state, code)
  }
  const { round, attempt, cohort, failures, opened } = made.state
  const { contributors, excluded } = made.report
  const absent = Object.fromEntries(
    cohort.flatMap((site) => (contributors.includes(site) ? [] : [[site, failures[site] ?? 'DEADLINE']])),
  )
  const pending = {
    ...made.report,
    round,
    attempt,
    outcome: 'AGGREGATED' as const,
    cohort,
    absent,
    whole: contributors.length === cohort.length && excluded.length === 0,
    model: modelDigest(made.state.model, suite),
    opened,
  }
  const next: RoundState = { ...made.state, pending, failures: {} }
  const judges = cohort.filter((site) => next.members[site]?.active === true)
  return next.plan.evaluate && judges.length > 0 ? ask(next, 'evaluate', judges) : close(next)
}

function close(state: RoundState): Moved {
  const { pending } = state
  if (pending === null) return { state, effects: [] }
  const metrics = Object.fromEntries(
    repliesOf(state, 'evaluate').map(([site, bytes]) => [site, readMetrics(bytes)] as const),
  )
  const report: RoundReport = { ...pending, metrics, bytes: state.bytes, closed: state.now }
  const reported: RoundState = { ...state, pending: null, bytes: {}, reports: [...state.reports, report] }
  const closed: Effect = { type: 'closed', report }
  if (state.round < state.plan.rounds) {
    const next = openRound(reported, state.round + 1, 1)
    return { state: next.state, effects: [closed, ...next.effects] }
  }
  return { state: { ...reported, stage: 'finished' }, effects: [closed, { type: 'ended', code: 'FINISHED' }] }
}

/** A round that did not come about is reported, then tried again, or the run stops. */
function again(state: RoundState, code: StopCode): Moved {
  const { round, attempt, cohort, failures, opened } = state
  const report: RoundReport = {
    round,
    attempt,
    outcome: code,
    cohort,
    contributors: [],
    whole: false,
    absent: failures,
    excluded: [],
    scores: {},
    metrics: {},
    bytes: state.bytes,
    model: modelDigest(state.model),
    opened,
    closed: state.now,
  }
  const reported: RoundState = { ...state, bytes: {}, reports: [...state.reports, report] }
  const closed: Effect = { type: 'closed', report }
  if (attempt < state.plan.attempts) {
    const next = openRound(reported, round, attempt + 1)
    return { state: next.state, effects: [closed, ...next.effects] }
  }
  const stopped: RoundState = { ...reported, stage: 'stopped', awaited: [], until: null }
  return { state: stopped, effects: [closed, { type: 'ended', code }] }
}
