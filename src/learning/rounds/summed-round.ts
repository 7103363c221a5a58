/**
 * A round in `masked` mode whose answers are at hand: who counts in each stage, and the model after the sum, without the
 * state machine and its text.
 *
 * Laws: model, memory and who revealed a wrong share are those of the state machine's first round, bit for bit; an
 * answer of another length than its stage asks for, or of who is not asked, is no answer; below the threshold of all
 * sites nothing is summed.
 */
import { IsletError } from '../../vocabulary/index.ts'
import { type MaskGroup, maskGroup } from '../masking/group.ts'
import { firstRanges } from '../masking/ranges.ts'
import type { MaskSuite } from '../masking/suite.ts'
import type { BySite } from '../masking/sum-member.ts'
import { norm } from '../robust/update.ts'
import type { ServerMemory } from '../strategies/strategy.ts'
import { steppedModel } from './apply-step.ts'
import { ANSWER_BYTES, type GroupAnswers, maskedWeight, unmaskedMean } from './masked-group.ts'
import type { RoundPlan } from './plan.ts'
import { weightsOf } from './weights.ts'

export interface SummedRound {
  readonly plan: Pick<
    RoundPlan,
    'down' | 'maskDepth' | 'parameters' | 'range' | 'strategy' | 'study' | 'weightCap'
  >
  /** All sites of the round, with the windows that they weigh by; all are one group. */
  readonly members: readonly { readonly site: string; readonly examples: number }[]
  /** Answers of the stages that are over. */
  readonly answers: Partial<GroupAnswers>
}

/** The next model. Throws `TOO_FEW_SITES`, and `SHARES_MISSING` while too few are revealed. */
export function summedRound(
  round: SummedRound,
  from: { readonly model: Float32Array; readonly memory: ServerMemory },
  suite: MaskSuite,
): {
  readonly model: Float32Array
  readonly memory: ServerMemory
  /** Sites whose update is in the model. */
  readonly contributors: readonly string[]
  /** Who revealed a share that does not belong; the sum stands without it. */
  readonly liars: readonly string[]
  /** Euclidean norm of the mean update. */
  readonly norm: number
} {
  const { plan } = round
  const group = summedGroup(plan, round.members)
  const { heard, weightOf } = countedAnswers(round, group)
  for (const stage of [heard.adverts, heard.shares, heard.masked]) requireEnough(stage, group)
  const { values, liars } = unmaskedMean(suite, plan, group, heard, { ranges: firstRanges(plan), weightOf })
  const { model, memory } = steppedModel(plan, from, values)
  return { model, memory, contributors: [...heard.masked.keys()], liars, norm: norm(values) }
}

/** All sites of a round, as the one group that they are. Throws `TOO_FEW_SITES`. */
export function summedGroup(
  { study, maskDepth }: Pick<RoundPlan, 'maskDepth' | 'study'>,
  members: readonly { readonly site: string }[],
): MaskGroup {
  return maskGroup(
    study,
    1,
    1,
    members.map(({ site }) => site),
    maskDepth,
  )
}

/** The answers that count, and what share of the sum a site weighs. */
export function countedAnswers(
  { plan, members, answers }: SummedRound,
  group: MaskGroup,
): { readonly heard: GroupAnswers; readonly weightOf: (site: string) => number } {
  const adverts = counted(group.sites, answers.adverts, ANSWER_BYTES.advertise())
  const shares = counted([...adverts.keys()], answers.shares, ANSWER_BYTES.share(adverts.size))
  const masked = counted([...shares.keys()], answers.masked, ANSWER_BYTES.train(plan.parameters, group))
  const revealed = counted([...masked.keys()], answers.revealed, ANSWER_BYTES.reveal(shares.size))
  const windows = Object.fromEntries(members.map(({ site, examples }) => [site, { examples }]))
  const weights = weightsOf({ plan, members: windows }, group.sites)
  return {
    heard: { adverts, shares, masked, revealed },
    weightOf: (site) => maskedWeight(weights, site),
  }
}

/** Of those who were asked, the answers of the right length. */
function counted(asked: readonly string[], given: BySite = new Map(), bytes: number): BySite {
  return new Map(
    asked.flatMap((site) => {
      const answer = given.get(site)
      return answer?.length === bytes ? [[site, answer] as const] : []
    }),
  )
}

/** Throws `TOO_FEW_SITES`. */
export function requireEnough(present: BySite, { threshold }: MaskGroup): void {
  if (present.size >= threshold) return
  throw new IsletError(
    'TOO_FEW_SITES',
    `a masked sum needs the answers of ${threshold} sites, ${present.size} came`,
    { needed: threshold, sites: present.size },
  )
}
