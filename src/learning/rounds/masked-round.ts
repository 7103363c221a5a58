/**
 * A round whose single updates nobody sees: who masks with whom, what members are sent, and the sum of each group.
 *
 * Law: a group below its threshold is lost whole; who survives is final once the masked values are in, before any share
 * is revealed.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { fromBase64Url, IsletError, isIsletError, toHex, utf8 } from '../../vocabulary/index.ts'
import { type MaskGroup, maskGroup, threshold } from '../masking/group.ts'
import { nextRanges } from '../masking/ranges.ts'
import type { MaskSuite } from '../masking/suite.ts'
import type { BySite } from '../masking/sum-member.ts'
import { aggregate } from '../robust/rule.ts'
import { norm, type SiteUpdate } from '../robust/update.ts'
import { applyMean } from './apply-step.ts'
import { modelPart } from './down.ts'
import {
  ANSWER_BYTES,
  advertsPart,
  codingPart,
  maskedWeight,
  sealedPart,
  unmaskedMean,
} from './masked-group.ts'
import type { Aggregated } from './open-round.ts'
import { toBits } from './places.ts'
import { FEWEST_MASKED, type RoundPlan } from './plan.ts'
import type { RoundState, Stage } from './state.ts'
import { fromText, toText } from './vectors.ts'
import { weightsOf } from './weights.ts'

/** One group in `masked` mode; groups of three or more, drawn anew each round, in `grouped` mode. */
export function drawGroups(
  plan: RoundPlan,
  round: number,
  cohort: readonly string[],
): readonly (readonly string[])[] {
  if (plan.mode === 'open') return []
  if (plan.mode === 'masked') return [cohort]
  const lot = (site: string): string => toHex(sha256(utf8(`${plan.study} ${round} ${site}`)))
  const drawn = cohort.toSorted((a, b) => (lot(a) < lot(b) ? -1 : 1))
  const groups = Math.max(1, Math.floor(cohort.length / FEWEST_MASKED))
  return Array.from({ length: groups }, (_, group) => drawn.filter((_, i) => i % groups === group).sort())
}

/** Enrolled sites in order: the places of all bit sets. */
function rosterOf(state: RoundState): readonly string[] {
  return Object.keys(state.members).sort()
}

/** Members of a site's group who answered a stage and did not fail since. */
function present(state: RoundState, sites: readonly string[], stage: Stage): readonly string[] {
  const answers = state.replies[stage] ?? {}
  return sites.filter((site) => answers[site] !== undefined && state.failures[site] === undefined)
}

/** Members who answered a stage, whatever became of them later. */
function everPresent(state: RoundState, sites: readonly string[], stage: Stage): readonly string[] {
  const answers = state.replies[stage] ?? {}
  return sites.filter((site) => answers[site] !== undefined)
}

function groupOf(state: RoundState, site: string): readonly string[] {
  return state.groups.find((sites) => sites.includes(site)) ?? []
}

/** What members of a group answered to a stage, whatever became of them later. */
function answers(state: RoundState, sites: readonly string[], stage: Stage): BySite {
  const stored = state.replies[stage] ?? {}
  return new Map(everPresent(state, sites, stage).map((site) => [site, fromBase64Url(stored[site] ?? '')]))
}

/** Groups that fell below their threshold in a stage are lost whole. */
export function withoutLostGroups(state: RoundState, stage: Stage): RoundState {
  const failures = { ...state.failures }
  for (const sites of state.groups) {
    const left = present(state, sites, stage)
    if (left.length < threshold(sites.length)) for (const site of left) failures[site] = 'GROUP_LOST'
  }
  return { ...state, failures }
}

/** The members of the site's group. */
export function advertiseParts(state: RoundState, site: string): readonly Uint8Array[] {
  return [toBits(rosterOf(state), groupOf(state, site))]
}

/** Who advertised ‖ their adverts. */
export function shareParts(state: RoundState, site: string): readonly Uint8Array[] {
  return [advertsPart(rosterOf(state), answers(state, groupOf(state, site), 'advertise'))]
}

/** The model; weight (float32) ‖ ranges; who shared ‖ what they sealed for this site. */
export function maskedTrainParts(state: RoundState, site: string): readonly Uint8Array[] {
  const group = groupOf(state, site)
  const heard = { adverts: answers(state, group, 'advertise'), shares: answers(state, group, 'share') }
  const weight = maskedWeight(weightsOf(state, state.cohort), site)
  return [
    modelPart(state, site),
    codingPart(weight, fromText(state.ranges)),
    sealedPart(rosterOf(state), heard, site),
  ]
}

/** The final set of survivors of the site's group. */
export function revealParts(state: RoundState, site: string): readonly Uint8Array[] {
  return [toBits(rosterOf(state), everPresent(state, groupOf(state, site), 'train'))]
}

/** Bytes that a stage's answer has. */
export function maskedReplyBytes(state: RoundState, site: string): number {
  const group = groupOf(state, site)
  switch (state.stage) {
    case 'advertise':
      return ANSWER_BYTES.advertise()
    case 'share':
      return ANSWER_BYTES.share(everPresent(state, group, 'advertise').length)
    case 'train':
      return ANSWER_BYTES.train(state.plan.parameters, sumOf(state, group))
    case 'reveal':
      return ANSWER_BYTES.reveal(everPresent(state, group, 'share').length)
    default:
      return 0
  }
}

function sumOf({ plan, round, attempt }: RoundState, sites: readonly string[]): MaskGroup {
  return maskGroup(plan.study, round, attempt, sites, plan.maskDepth)
}

/** Unmasks each group, then takes the rule across groups. Throws `SHARES_MISSING`, `TOO_FEW_SITES`. */
export function aggregateMasked(
  state: RoundState,
  suite: MaskSuite,
): { readonly state: RoundState; readonly report: Aggregated } {
  const { plan } = state
  const ranges = fromText(state.ranges)
  const means: SiteUpdate[] = []
  const members = new Map<string, readonly string[]>()
  const failures = { ...state.failures }
  const cut = ranges.slice().fill(0)
  const lied: string[] = []
  const weights = weightsOf(state, state.cohort)
  const weightOf = (site: string): number => maskedWeight(weights, site)
  for (const [index, sites] of state.groups.entries()) {
    const survivors = everPresent(state, sites, 'train')
    const lost = (code: string): void => {
      for (const site of survivors) failures[site] ??= code
    }
    if (survivors.length < threshold(sites.length)) {
      lost('GROUP_LOST')
      continue
    }
    const heard = {
      adverts: answers(state, sites, 'advertise'),
      shares: answers(state, sites, 'share'),
      masked: answers(state, sites, 'train'),
      revealed: answers(state, survivors, 'reveal'),
    }
    try {
      const made = unmaskedMean(suite, plan, sumOf(state, sites), heard, { ranges, weightOf })
      for (const liar of made.liars) failures[liar] ??= 'SHARE_TAMPERED'
      lied.push(...made.liars)
      const name = `group ${String(index).padStart(3, '0')}`
      means.push({ site: name, weight: made.weight, values: made.values })
      members.set(name, survivors)
      made.cut.forEach((count, block) => {
        cut[block] = (cut[block] ?? 0) + count
      })
    } catch (error) {
      if (!isIsletError(error, 'SHARES_MISSING')) throw error
      lost('SHARES_MISSING')
    }
  }
  if (means.length === 0) throw new IsletError('SHARES_MISSING', 'no group’s sum could be unmasked')
  const { values, excluded, scores } = aggregate(plan.rule, means)
  const contributors = means.flatMap(({ site }) => members.get(site) ?? []).sort()
  const moved = applyMean({ ...state, failures }, values)
  return {
    state: { ...moved, ranges: toText(nextRanges(ranges, values, Array.from(cut), contributors.length)) },
    report: {
      contributors,
      excluded: excluded.flatMap((name) => members.get(name) ?? []).sort(),
      // A score of a sum is nobody's; groups are named by their place.
      scores: plan.mode === 'grouped' ? scores : {},
      cut: cut.reduce((sum, count) => sum + count, 0) / (plan.parameters * contributors.length),
      norm: norm(values),
      ...(lied.length === 0 ? {} : { liars: lied.sort() }),
    },
  }
}
