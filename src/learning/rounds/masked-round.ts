/**
 * A round whose single updates nobody sees: who masks with whom, what members are sent, and the sum of each group.
 *
 * Law: a group below its threshold is lost whole; who survives is final once the masked values are in, before any share
 * is revealed.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, fromBase64Url, IsletError, isIsletError, toHex, utf8 } from '../../vocabulary/index.ts'
import { type MaskGroup, maskGroup, threshold } from '../masking/group.ts'
import { ADVERT_BYTES } from '../masking/mask-member.ts'
import { fromRing, nextRanges, ringElements, spellRange } from '../masking/ranges.ts'
import { SEALED_BYTES } from '../masking/sealed-share.ts'
import { SHARE_BYTES } from '../masking/shamir.ts'
import type { MaskSuite } from '../masking/suite.ts'
import { unmask } from '../masking/unmask.ts'
import { aggregate } from '../robust/rule.ts'
import { norm, type SiteUpdate } from '../robust/update.ts'
import { applyMean } from './apply-step.ts'
import { modelPart } from './down.ts'
import type { Aggregated } from './open-round.ts'
import { slices, toBits } from './places.ts'
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

function answer(state: RoundState, stage: Stage, site: string): Uint8Array {
  return fromBase64Url(state.replies[stage]?.[site] ?? '')
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
  const sites = everPresent(state, groupOf(state, site), 'advertise')
  return [concat(toBits(rosterOf(state), sites), ...sites.map((one) => answer(state, 'advertise', one)))]
}

/** The model; weight (float32) ‖ ranges; who shared ‖ what they sealed for this site. */
export function maskedTrainParts(state: RoundState, site: string): readonly Uint8Array[] {
  const group = groupOf(state, site)
  const sharers = everPresent(state, group, 'share')
  const sealed = sharers
    .filter((from) => from !== site)
    .map((from) => sealedBy(state, from).get(site) ?? new Uint8Array(SEALED_BYTES))
  const weight = new Uint8Array(4)
  new DataView(weight.buffer).setFloat32(0, maskedWeight(state, site))
  const ranges = Uint8Array.from(fromText(state.ranges), spellRange)
  return [modelPart(state, site), concat(weight, ranges), concat(toBits(rosterOf(state), sharers), ...sealed)]
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
      return ADVERT_BYTES
    case 'share':
      return SEALED_BYTES * (everPresent(state, group, 'advertise').length - 1)
    case 'train': {
      const { bits } = sumOf(state, group)
      return Math.ceil((ringElements(state.plan.parameters) * bits) / 8)
    }
    case 'reveal':
      return SHARE_BYTES * everPresent(state, group, 'share').length
    default:
      return 0
  }
}

function sumOf({ plan, round, attempt }: RoundState, sites: readonly string[]): MaskGroup {
  return maskGroup(plan.study, round, attempt, sites, plan.maskDepth)
}

/** Share of a site in the weighted sum, in (0, 1], as float32 tells it. */
function maskedWeight(state: RoundState, site: string): number {
  const weights = weightsOf(state, state.cohort)
  return Math.fround((weights[site] ?? 1) / Math.max(...Object.values(weights)))
}

function sealedBy(state: RoundState, from: string): ReadonlyMap<string, Uint8Array> {
  const others = everPresent(state, groupOf(state, from), 'advertise').filter((site) => site !== from)
  return slices(others, answer(state, 'share', from), SEALED_BYTES)
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
  for (const [index, sites] of state.groups.entries()) {
    const survivors = everPresent(state, sites, 'train')
    const lost = (code: string): void => {
      for (const site of survivors) failures[site] ??= code
    }
    if (survivors.length < threshold(sites.length)) {
      lost('GROUP_LOST')
      continue
    }
    const group = sumOf(state, sites)
    const sharers = everPresent(state, sites, 'share')
    try {
      const { sum, liars } = unmask(suite, {
        group,
        adverts: new Map(sites.map((site) => [site, answer(state, 'advertise', site)])),
        sharers,
        masked: new Map(survivors.map((site) => [site, answer(state, 'train', site)])),
        revealed: new Map(
          everPresent(state, survivors, 'reveal').map((from) => [
            from,
            slices(sharers, answer(state, 'reveal', from), SHARE_BYTES),
          ]),
        ),
        count: ringElements(plan.parameters),
      })
      for (const liar of liars) failures[liar] ??= 'SHARE_TAMPERED'
      lied.push(...liars)
      const summed = fromRing(sum, plan.parameters, ranges, group.bits, plan.maskDepth)
      const weight = survivors.reduce((total, site) => total + maskedWeight(state, site), 0)
      const name = `group ${String(index).padStart(3, '0')}`
      means.push({ site: name, weight, values: Float32Array.from(summed.values, (value) => value / weight) })
      members.set(name, survivors)
      summed.cut.forEach((count, block) => {
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
