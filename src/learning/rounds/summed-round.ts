/**
 * A round in `masked` mode whose answers are at hand: what a site is asked next, and the model after the sum, without
 * the state machine and its text.
 *
 * Laws: questions, model, memory and who revealed a wrong share are those of the state machine's first round, bit for
 * bit; an answer of another length than its stage asks for, or of who is not asked, is no answer; below the threshold of
 * all sites nothing is asked and nothing summed.
 */
import { IsletError } from '../../vocabulary/index.ts'
import { maskGroup } from '../masking/group.ts'
import type { BySite } from '../masking/mask-member.ts'
import { firstRanges } from '../masking/ranges.ts'
import type { MaskSuite } from '../masking/suite.ts'
import { norm } from '../robust/update.ts'
import type { ServerMemory } from '../strategies/strategy.ts'
import { steppedModel } from './apply-step.ts'
import {
  ANSWER_BYTES,
  advertsPart,
  codingPart,
  type GroupAnswers,
  maskedWeight,
  sealedPart,
  unmaskedMean,
} from './masked-group.ts'
import { type AskedStage, encodeAsk, encodeModel } from './messages.ts'
import { toBits } from './places.ts'
import type { RoundPlan } from './plan.ts'
import { weightsOf } from './weights.ts'

export interface SummedRound {
  readonly plan: Pick<
    RoundPlan,
    'down' | 'maskDepth' | 'parameters' | 'range' | 'strategy' | 'study' | 'weightCap'
  >
  /** All sites of the round, with the windows that they weigh by; all are one group. */
  readonly members: readonly { readonly site: string; readonly examples: number }[]
  /** Answers of the stages that are over; the first that is not there is asked for. */
  readonly answers: Partial<GroupAnswers>
}

/** What a site is asked next; undefined for who is asked nothing. Throws `TOO_FEW_SITES`. */
export function summedQuestion(round: SummedRound, site: string): Uint8Array<ArrayBuffer> | undefined {
  const { roster, group, heard, weightOf } = standing(round)
  const { adverts, shares, masked } = round.answers
  const ask = (stage: AskedStage, ...parts: readonly Uint8Array[]) =>
    encodeAsk({ stage, round: 1, attempt: 1, version: 0, parts })
  if (adverts === undefined)
    return roster.includes(site) ? ask('advertise', toBits(roster, roster)) : undefined
  requireEnough(heard.adverts, group.threshold)
  if (shares === undefined)
    return heard.adverts.has(site) ? ask('share', advertsPart(roster, heard.adverts)) : undefined
  requireEnough(heard.shares, group.threshold)
  if (masked === undefined) {
    if (!heard.shares.has(site)) return undefined
    const model = encodeModel('held', new Uint8Array())
    return ask(
      'train',
      model,
      codingPart(weightOf(site), firstRanges(round.plan)),
      sealedPart(roster, heard, site),
    )
  }
  requireEnough(heard.masked, group.threshold)
  return heard.masked.has(site) ? ask('reveal', toBits(roster, [...heard.masked.keys()])) : undefined
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
  const { group, heard, weightOf } = standing(round)
  for (const stage of [heard.adverts, heard.shares, heard.masked]) requireEnough(stage, group.threshold)
  const { values, liars } = unmaskedMean(suite, plan, group, heard, { ranges: firstRanges(plan), weightOf })
  const { model, memory } = steppedModel(plan, from, values)
  return { model, memory, contributors: [...heard.masked.keys()], liars, norm: norm(values) }
}

function standing({ plan, members, answers }: SummedRound) {
  const roster = members.map(({ site }) => site).sort()
  const group = maskGroup(plan.study, 1, 1, roster, plan.maskDepth)
  const adverts = counted(roster, answers.adverts, ANSWER_BYTES.advertise())
  const shares = counted([...adverts.keys()], answers.shares, ANSWER_BYTES.share(adverts.size))
  const masked = counted([...shares.keys()], answers.masked, ANSWER_BYTES.train(plan.parameters, group))
  const revealed = counted([...masked.keys()], answers.revealed, ANSWER_BYTES.reveal(shares.size))
  const heard: GroupAnswers = { adverts, shares, masked, revealed }
  const windows = Object.fromEntries(members.map(({ site, examples }) => [site, { examples }]))
  const weights = weightsOf({ plan, members: windows }, roster)
  return { roster, group, heard, weightOf: (site: string) => maskedWeight(weights, site) }
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

function requireEnough(present: BySite, threshold: number): void {
  if (present.size >= threshold) return
  throw new IsletError(
    'TOO_FEW_SITES',
    `a masked sum needs the answers of ${threshold} sites, ${present.size} came`,
    { needed: threshold, sites: present.size },
  )
}
