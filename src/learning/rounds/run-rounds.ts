/**
 * A whole run in one process: the state machine on one side, the sites on the other, every message encoded between them
 * as it would travel. The clock is simulated: a stage lasts as long as its slowest answer says, one second each.
 *
 * Law: the result depends on plan, first model and sites alone, not on who answers first nor on how many workers train.
 */
import { fromBase64Url, IsletError, toBase64Url } from '../../vocabulary/index.ts'
import type { MaskSuite } from '../masking/suite.ts'
import { beginRounds, modelOf, stepRounds } from './machine.ts'
import { Participant } from './participant.ts'
import { type RoundPlan, roundPlan } from './plan.ts'
import { simulatedMasking } from './simulated-masking.ts'
import type { Site } from './site.ts'
import type { Effect, RoundEvent, RoundReport, RoundState } from './state.ts'

export interface RunOptions {
  readonly sites: readonly Site[]
  /** What differs from the default plan; `parameters` is the first model's length. */
  readonly plan?: Partial<RoundPlan>
  /** The first model: part of the plan, held by every site. */
  readonly initial: Float32Array
  /** Primitives of masked modes; the pure ones unless given. */
  readonly suite?: MaskSuite
  /** Told of every closed round, with the model as it stands. */
  readonly onRound?: (report: RoundReport, model: Float32Array) => void
}

export interface Run {
  readonly plan: RoundPlan
  readonly parameters: Float32Array
  readonly reports: readonly RoundReport[]
  readonly state: RoundState
  /** Everything that moved the machine, to replay it. */
  readonly events: readonly RoundEvent[]
}

/** Runs all rounds of a plan. Throws `BAD_PLAN`, `TOO_FEW_SITES`, `ROUNDS_STOPPED` where no quorum came about. */
export async function runRounds({
  sites,
  plan: given = {},
  initial,
  suite,
  onRound,
}: RunOptions): Promise<Run> {
  const plan = roundPlan(sites.length, { ...given, parameters: initial.length })
  const sides = plan.mode === 'open' ? undefined : simulatedMasking(sites, plan.study, suite)
  const participants = new Map(
    sites.map((site) => [site.id, new Participant(site, plan, initial, sides?.get(site.id))]),
  )
  const events: RoundEvent[] = []
  let state = beginRounds(plan, initial)
  const asked: Extract<Effect, { type: 'ask' }>[] = []
  const take = (event: RoundEvent): void => {
    events.push(event)
    const stepped = stepRounds(state, event, suite)
    state = stepped.state
    for (const effect of stepped.effects) {
      if (effect.type === 'ask') asked.push(effect)
      if (effect.type === 'closed') onRound?.(effect.report, modelOf(state))
    }
  }
  for (const { id, examples } of sites) {
    const key = sides?.get(id)?.peers.get(id)
    take({ type: 'join', site: id, examples, at: 0, ...(key === undefined ? {} : { key: toBase64Url(key) }) })
  }
  take({ type: 'start', at: 0 })
  while (asked.length > 0) {
    const questions = asked.splice(0)
    const answers = await Promise.all(
      questions.map((question) => answerOf(question, participants, state.now + 1)),
    )
    for (const answer of answers) take(answer)
  }
  if (state.stage !== 'finished') {
    const last = state.reports.at(-1)
    throw new IsletError(
      'ROUNDS_STOPPED',
      `the run stopped in round ${state.round} of ${plan.rounds}: ${last?.outcome ?? 'nobody could be asked'}`,
      { round: state.round, outcome: last?.outcome ?? 'NOT_STARTED' },
      { remedy: 'The reports name who was absent and why.' },
    )
  }
  return { plan, parameters: modelOf(state), reports: state.reports, state, events }
}

async function answerOf(
  question: Extract<Effect, { type: 'ask' }>,
  participants: ReadonlyMap<string, Participant>,
  at: number,
): Promise<RoundEvent> {
  const { site, round, attempt, stage } = question
  try {
    const bytes = await participants.get(site)?.answer(fromBase64Url(question.payload))
    if (bytes === undefined) throw new IsletError('UNKNOWN_SITE', 'nobody of this name takes part')
    return { type: 'reply', site, round, attempt, stage, payload: toBase64Url(bytes), at }
  } catch (error) {
    const code = error instanceof IsletError ? error.code : 'SITE_FAILED'
    return { type: 'failure', site, round, attempt, stage, code, at }
  }
}
