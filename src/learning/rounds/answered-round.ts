/**
 * A round in `open` mode whose answers are all at hand: what the state machine would make of it, in one go and without
 * writing its state.
 *
 * Laws: model, memory and who is left out are those of the state machine's round, bit for bit; an answer that cannot be
 * read is no answer, and how many were read decides the rule, so that nobody stops the others by writing nonsense.
 */
import { IsletError } from '../../vocabulary/index.ts'
import type { Rule } from '../robust/rule.ts'
import type { ServerMemory } from '../strategies/strategy.ts'
import { steppedModel } from './apply-step.ts'
import { encodeAsk, encodeModel } from './messages.ts'
import { openMean } from './open-round.ts'
import { Participant } from './participant.ts'
import type { RoundPlan } from './plan.ts'
import { readOpenUpdate } from './replies.ts'
import type { Site } from './site.ts'

export interface AnsweredRound {
  readonly plan: Pick<RoundPlan, 'clip' | 'down' | 'parameters' | 'strategy' | 'up' | 'weightCap'>
  /** The rule for so many answers that were read. */
  readonly rule: (read: number) => Rule
  readonly base: Float32Array
  /** What the server carried to the base. */
  readonly memory: ServerMemory
  readonly answers: readonly {
    readonly site: string
    /** Windows learned from. */
    readonly examples: number
    readonly answer: Uint8Array
  }[]
}

/** What a site that holds the base answers to a round in `open` mode that stands alone. Throws what its training throws. */
export function loneAnswer(site: Site, plan: RoundPlan, base: Float32Array): Promise<Uint8Array> {
  const parts = [encodeModel('held', new Uint8Array())]
  const question = encodeAsk({ stage: 'train', round: 1, attempt: 1, version: 0, parts })
  return new Participant(site, plan, base).answer(question)
}

/** The next model. Throws `TOO_FEW_SITES`, `NO_ROOT` of the rule. */
export function answeredRound({ plan, rule, base, memory, answers }: AnsweredRound): {
  readonly model: Float32Array
  readonly memory: ServerMemory
  /** Sites whose update is in the model. */
  readonly counted: readonly string[]
} {
  const read = answers.flatMap(({ site, answer }) => {
    try {
      return [{ site, ...readOpenUpdate(plan, answer) }]
    } catch (error) {
      if (error instanceof IsletError) return []
      throw error
    }
  })
  const members = Object.fromEntries(answers.map(({ site, examples }) => [site, { examples }]))
  const { values, change, excluded } = openMean({ ...plan, rule: rule(read.length) }, members, read)
  const variates =
    change === undefined ? undefined : { change: change.mean, share: change.sites / answers.length }
  const residual = new Float32Array(plan.parameters)
  const made = steppedModel(plan, { model: base, memory, residual }, values, variates)
  const counted = read.map(({ site }) => site).filter((site) => !excluded.includes(site))
  return { model: made.model, memory: made.memory, counted }
}
