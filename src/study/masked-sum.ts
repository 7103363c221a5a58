/**
 * A masked round's arithmetic at one site and at everybody who recomputes: learning's machine, asked stage by stage.
 *
 * Laws: every function stands alone: what a site says follows from its keys, the sites of the round and what others
 * said, so that nothing has to be remembered but what was kept; weights and ranges are the same for everyone, and no
 * value within the clip is cut; a share that does not open leaves only its sender named. All sites of the round are one
 * group with t = ⌊2n/3⌋ + 1, and fewer than three are refused (PROTOCOL 22).
 */
import {
  type MaskingSide,
  type MaskSuite,
  Participant,
  type RoundPlan,
  type ServerMemory,
  type Site,
} from '../learning/index.ts'
import type { Hasher } from '../vault/index.ts'
import {
  type Bytes,
  concat,
  fromHex,
  type Hash32,
  type InstitutionId,
  IsletError,
  uint32,
  utf8,
} from '../vocabulary/index.ts'
import { type RoundMember, roundStanding } from './round-machine.ts'

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
  readonly hasher: Pick<Hasher, 'hmacSha256'>
  readonly suite: MaskSuite
  /** The plan of a sum of so many sites, under its name. */
  readonly plan: (sites: number, name: string) => RoundPlan
}

const NO_KEY = new Uint8Array(32)
const KEYS = { masks: utf8('islet/v1/study-masks\0'), shares: utf8('islet/v1/study-share-key\0') }

/** The keys of a site in one round. */
function keysOf(
  means: MaskedMeans,
  { study, round }: Pick<MaskedSum, 'round' | 'study'>,
  secret: Uint8Array,
): MaskingSide['keys'] {
  const place = concat(fromHex(study), uint32(round))
  return {
    masks: means.hasher.hmacSha256(secret, concat(KEYS.masks, place)),
    shares: means.hasher.hmacSha256(secret, concat(KEYS.shares, place)),
  }
}

/** What a site advertises. Throws `TOO_FEW_SITES`. */
export async function advertOf(
  means: MaskedMeans,
  sum: Omit<MaskedSum, 'adverts'>,
  own: OwnMasks,
): Promise<Omit<MaskAdvert, 'examples'>> {
  const bare = { ...sum, adverts: new Map() }
  const { participant } = memberOf(means, bare, own)
  const advert = await participant.answer(questionOf(means, bare, {}, own.site))
  return {
    advert: Uint8Array.from(advert),
    key: means.suite.publicKey(keysOf(means, sum, own.secret).shares).slice(),
  }
}

/** The sealed shares of a site for all others that advertised. Throws `TOO_FEW_SITES`, `ADVERTS_CHANGED`. */
export async function sharesOf(means: MaskedMeans, sum: MaskedSum, own: OwnMasks): Promise<Bytes> {
  const { participant } = await advertised(means, sum, own)
  return Uint8Array.from(await participant.answer(questionOf(means, sum, {}, own.site)))
}

/** A site's update under masks. Throws what training throws, and `TOO_FEW_SITES`. */
export async function maskedUpdate(
  means: MaskedMeans,
  sum: MaskedSum,
  shares: BySite,
  own: OwnMasks,
  training: { readonly site: Site; readonly base: Float32Array },
): Promise<MaskedAnswer> {
  const { participant, refused } = await shared(means, sum, own, training)
  const question = questionOf(means, sum, { shares, base: training.base }, own.site)
  return { answer: Uint8Array.from(await participant.answer(question)), refused }
}

/** What a site reveals for the final survivors; masks nothing. Throws `TOO_FEW_SITES`, `SURVIVORS_UNKNOWN`. */
export async function revealedShares(
  means: MaskedMeans,
  sum: MaskedSum,
  shares: BySite,
  updates: BySite,
  own: OwnMasks,
): Promise<MaskedAnswer> {
  const { participant, refused } = await shared(means, sum, own)
  participant.resume(questionOf(means, sum, { shares }, own.site))
  const question = questionOf(means, sum, { shares, updates }, own.site)
  return { answer: Uint8Array.from(await participant.answer(question)), refused }
}

export interface MaskedModel {
  readonly model: Float32Array
  readonly memory: ServerMemory
  readonly contributors: readonly string[]
  /** Who revealed a share that does not belong; the sum stands without it. */
  readonly liars: readonly string[]
  /** Euclidean norm of the mean update. */
  readonly norm?: number
}

/** The model after the sum. Throws `ROUND_NOT_AGGREGATED`, with SHARES_MISSING as `because` while too few are revealed. */
export function unmaskedModel(means: MaskedMeans, sum: MaskedSum, given: Required<Given>): MaskedModel {
  const standing = standingOf(means, sum, given)
  if (standing.code !== 'AGGREGATED')
    throw new IsletError('ROUND_NOT_AGGREGATED', 'the sum waits for more than was given', {
      because: standing.stage,
    })
  return standing
}

interface Given {
  readonly base?: Float32Array
  readonly memory?: ServerMemory
  readonly shares?: BySite
  readonly updates?: BySite
  readonly revealed?: BySite
}

function standingOf(
  means: MaskedMeans,
  sum: MaskedSum,
  { base, memory = {}, shares, updates, revealed }: Given,
) {
  const { sites, adverts } = sum
  const plan = planOf(means, sum)
  const answers = {
    ...(adverts.size === 0
      ? {}
      : { advertise: new Map([...adverts].map(([site, { advert }]) => [site, advert])) }),
    ...(shares === undefined ? {} : { share: shares }),
    ...(updates === undefined ? {} : { train: updates }),
    ...(revealed === undefined ? {} : { reveal: revealed }),
  }
  return roundStanding({
    plan,
    base: base ?? new Float32Array(plan.parameters),
    memory,
    members: membersOf(sites, adverts),
    answers,
    suite: means.suite,
  })
}

/** All sites: who has not advertised weighs as the middle one and stays away, so that others weigh the same. */
function membersOf(sites: readonly InstitutionId[], adverts: MaskedSum['adverts']): readonly RoundMember[] {
  const counts = [...adverts.values()].map(({ examples }) => examples).sort((a, b) => a - b)
  const middle = Math.max(1, counts[Math.floor(counts.length / 2)] ?? 1)
  return sites.map((site) => {
    const { examples = middle, key = NO_KEY } = adverts.get(site) ?? {}
    return { site, examples, key }
  })
}

function planOf(means: MaskedMeans, { study, round, sites }: Omit<MaskedSum, 'adverts'>): RoundPlan {
  return means.plan(sites.length, `${study} ${round}`)
}

function questionOf(means: MaskedMeans, sum: MaskedSum, given: Given, site: InstitutionId): Uint8Array {
  const standing = standingOf(means, sum, given)
  const question = standing.code === 'ASKED' ? standing.questionTo(site) : undefined
  if (question === undefined)
    throw new IsletError('ROUND_NOT_AGGREGATED', 'the site is asked nothing in this sum', {
      because: 'NOT_ASKED',
    })
  return question
}

function memberOf(
  means: MaskedMeans,
  sum: MaskedSum,
  own: OwnMasks,
  training?: { readonly site: Site; readonly base: Float32Array },
): { readonly participant: Participant; readonly refused: readonly InstitutionId[] } {
  const plan = planOf(means, sum)
  const refused: InstitutionId[] = []
  const side: MaskingSide = {
    suite: means.suite,
    keys: keysOf(means, sum, own.secret),
    peers: new Map(sum.sites.map((site) => [site, sum.adverts.get(site)?.key ?? NO_KEY])),
    refused: (from) => refused.push(...sum.sites.filter((site) => site === from)),
  }
  const site = training?.site ?? { id: own.site, examples: 1, train: untrained }
  return {
    participant: new Participant(site, plan, training?.base ?? new Float32Array(plan.parameters), side),
    refused,
  }
}

async function advertised(
  means: MaskedMeans,
  sum: MaskedSum,
  own: OwnMasks,
  training?: Parameters<typeof memberOf>[3],
) {
  const member = memberOf(means, sum, own, training)
  await member.participant.answer(questionOf(means, { ...sum, adverts: new Map() }, {}, own.site))
  return member
}

async function shared(
  means: MaskedMeans,
  sum: MaskedSum,
  own: OwnMasks,
  training?: Parameters<typeof memberOf>[3],
) {
  const member = await advertised(means, sum, own, training)
  await member.participant.answer(questionOf(means, sum, {}, own.site))
  return member
}

function untrained(): never {
  throw new IsletError('ROUND_NOT_AGGREGATED', 'this site trains nothing at this point')
}
