/**
 * A masked round's arithmetic at one site and at everybody who recomputes: learning's own round, stage by stage.
 *
 * Laws: every stage stands alone: what a site says follows from its keys, the sites of the round and what others said,
 * so that nothing has to be remembered but what was kept; keys of the latest sums are at hand, which gives the same
 * bytes sooner; weights and ranges are the same for everyone, and no value within the clip is cut; a share that does not open leaves only its sender named. All sites of the round are one
 * group with t = ⌊2n/3⌋ + 1, and fewer than three are refused (PROTOCOL 22).
 */
import {
  agreedOnce,
  type HeardRound,
  type MaskSuite,
  type RoundPlan,
  type ServerMemory,
  type Site,
  SummedMember,
  summedRound,
} from '../learning/index.ts'
import type { Hasher } from '../vault/index.ts'
import {
  type Bytes,
  concat,
  fromHex,
  type Hash32,
  type InstitutionId,
  isIsletError,
  toHex,
  uint32,
  utf8,
} from '../vocabulary/index.ts'
import { notAggregated } from './not-aggregated.ts'

/** What a site shows before the sum. */
export interface MaskAdvert {
  readonly advert: Bytes
  /** X25519 key that shares are sealed to in this round. */
  readonly key: Bytes
  /** Windows that it learns from. */
  readonly examples: number
}

/** The sum of one round, as everybody in it sees it. */
export interface MaskedSum {
  readonly study: Hash32
  readonly round: number
  /** All sites of the round. */
  readonly sites: readonly InstitutionId[]
  /** Of those that have committed a cohort root. */
  readonly adverts: ReadonlyMap<InstitutionId, MaskAdvert>
}

/** A site in a sum. */
export interface OwnMasks {
  readonly site: InstitutionId
  /** 32 bytes of this site for this round. */
  readonly secret: Uint8Array
}

export type BySite = ReadonlyMap<InstitutionId, Bytes>

/** What a masked answer came to, and whose shares did not open here. */
export interface MaskedAnswer {
  readonly answer: Bytes
  readonly refused: readonly InstitutionId[]
}

export interface MaskedMeans {
  readonly hasher: Pick<Hasher, 'hmacSha256' | 'sha256'>
  readonly suite: MaskSuite
  /** The plan of a sum of so many sites, under its name. */
  readonly plan: (sites: number, name: string) => RoundPlan
}

/** What the sum is made of. */
interface SumInputs {
  readonly base: Float32Array
  readonly memory: ServerMemory
  readonly shares: BySite
  readonly updates: BySite
  readonly revealed: BySite
}

export interface MaskedSums {
  /** What a site advertises. Throws `TOO_FEW_SITES`. */
  advert(sum: Omit<MaskedSum, 'adverts'>, own: OwnMasks): Omit<MaskAdvert, 'examples'>
  /** The sealed shares of a site for all others that advertised. Throws `TOO_FEW_SITES`, `ADVERTS_CHANGED`. */
  shares(sum: MaskedSum, own: OwnMasks): Bytes
  /** A site's update under masks. Throws what training throws, and `TOO_FEW_SITES`. */
  update(
    sum: MaskedSum,
    shares: BySite,
    own: OwnMasks,
    training: { readonly site: Site; readonly base: Float32Array },
  ): Promise<MaskedAnswer>
  /** What a site reveals for the final survivors; masks nothing. Throws `TOO_FEW_SITES`, `SURVIVORS_UNKNOWN`. */
  reveal(sum: MaskedSum, shares: BySite, updates: BySite, own: OwnMasks): MaskedAnswer
  /** The model after the sum. Throws `ROUND_NOT_AGGREGATED`, with SHARES_MISSING as `because` while too few are revealed. */
  model(sum: MaskedSum, given: SumInputs): ReturnType<typeof summedRound>
}

/** Members whose keys are at hand: those of a round of many sites. */
const MOST_MEMBERS = 256
const NO_KEY = new Uint8Array(32)
const KEYS = { masks: utf8('islet/v1/study-masks\0'), shares: utf8('islet/v1/study-share-key\0') }

export function maskedSums({ hasher, suite: beneath, plan }: MaskedMeans): MaskedSums {
  const suite = agreedOnce({ ...beneath, hmac: hasher.hmacSha256, digest: hasher.sha256 })
  const planOf = ({ study, round, sites }: Omit<MaskedSum, 'adverts'>) =>
    plan(sites.length, `${study} ${round}`)
  const members = new Map<string, { readonly member: SummedMember; readonly key: Bytes }>()
  const memberOf = (sum: Omit<MaskedSum, 'adverts'>, own: OwnMasks) => {
    const { study, round, sites } = sum
    const place = concat(fromHex(study), uint32(round))
    const keyFor = (use: Bytes) => hasher.hmacSha256(own.secret, concat(use, place))
    const keys = { masks: keyFor(KEYS.masks), shares: keyFor(KEYS.shares) }
    const name = `${own.site} ${toHex(keys.masks)} ${sites.join()}`
    const known = members.get(name)
    if (known !== undefined) return known
    const member = new SummedMember(planOf(sum), sites, own.site, { suite, keys })
    const made = { member, key: suite.publicKey(keys.shares).slice() }
    if (members.size >= MOST_MEMBERS) members.clear()
    members.set(name, made)
    return made
  }
  const isOf = (sum: MaskedSum, refused: readonly string[]) =>
    sum.sites.filter((site) => refused.includes(site))
  return {
    advert: (sum, own) => {
      const { member, key } = memberOf(sum, own)
      return { advert: member.advert, key }
    },
    shares: (sum, own) => counted(sum, () => memberOf(sum, own).member.shares(heardOf(sum, {}))),
    update: async (sum, shares, own, { site, base }) => {
      const { member } = memberOf(sum, own)
      const { answer, refused } = await member.update(heardOf(sum, { shares }), site, base)
      return { answer, refused: isOf(sum, refused) }
    },
    reveal: (sum, shares, updates, own) => {
      const { member } = memberOf(sum, own)
      const { answer, refused } = counted(sum, () => member.reveal(heardOf(sum, { shares, masked: updates })))
      return { answer, refused: isOf(sum, refused) }
    },
    model: (sum, { base, memory, shares, updates, revealed }) => {
      const { members, answers } = heardOf(sum, { shares, masked: updates, revealed })
      return counted(sum, () =>
        summedRound({ plan: planOf(sum), members, answers }, { model: base, memory }, suite),
      )
    },
  }
}

/** What was heard of a sum, as learning counts it. */
function heardOf({ sites, adverts }: MaskedSum, answers: HeardRound['answers']): HeardRound {
  return {
    members: membersOf(sites, adverts),
    answers: { ...answers, adverts: new Map([...adverts].map(([site, { advert }]) => [site, advert])) },
    peers: new Map(sites.map((site) => [site, adverts.get(site)?.key ?? NO_KEY])),
  }
}

/** Throws `ROUND_NOT_AGGREGATED` where too few answered. */
function counted<T>({ sites }: Pick<MaskedSum, 'sites'>, work: () => T): T {
  try {
    return work()
  } catch (cause) {
    if (!isIsletError(cause, 'SHARES_MISSING', 'TOO_FEW_SITES')) throw cause
    throw notAggregated(cause.code, sites.length, cause)
  }
}

/** All sites: who has not advertised weighs as the middle one and stays away, so that others weigh the same; nobody weighs nothing. */
function membersOf(sites: readonly InstitutionId[], adverts: MaskedSum['adverts']): HeardRound['members'] {
  const counts = [...adverts.values()].map(({ examples }) => examples).sort((a, b) => a - b)
  const middle = Math.max(1, counts[Math.floor(counts.length / 2)] ?? 1)
  return sites.map((site) => ({ site, examples: Math.max(1, adverts.get(site)?.examples ?? middle) }))
}
