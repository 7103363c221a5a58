/**
 * A masked round's arithmetic at one site and at everybody who recomputes: learning's own round, asked stage by stage.
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
  type SummedRound,
  summedQuestion,
  summedRound,
} from '../learning/index.ts'
import type { Hasher } from '../vault/index.ts'
import {
  type Bytes,
  concat,
  fromHex,
  type Hash32,
  type InstitutionId,
  IsletError,
  isIsletError,
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
  const { participant } = memberOf(means, sum, own)
  participant.resume(questionOf(means, sum, {}, own.site))
  const adverts = advertsOf(sum)
  return Uint8Array.from(await participant.answer(questionOf(means, sum, { adverts }, own.site)))
}

/** A site's update under masks. Throws what training throws, and `TOO_FEW_SITES`. */
export async function maskedUpdate(
  means: MaskedMeans,
  sum: MaskedSum,
  shares: BySite,
  own: OwnMasks,
  training: { readonly site: Site; readonly base: Float32Array },
): Promise<MaskedAnswer> {
  const { participant, refused } = shared(means, sum, own, training)
  const question = questionOf(means, sum, { adverts: advertsOf(sum), shares }, own.site)
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
  const { participant, refused } = shared(means, sum, own)
  const adverts = advertsOf(sum)
  participant.resume(questionOf(means, sum, { adverts, shares }, own.site))
  const question = questionOf(means, sum, { adverts, shares, masked: updates }, own.site)
  return { answer: Uint8Array.from(await participant.answer(question)), refused }
}

export type MaskedModel = ReturnType<typeof summedRound>

/** What the sum is made of. */
export interface SumInputs {
  readonly base: Float32Array
  readonly memory: ServerMemory
  readonly shares: BySite
  readonly updates: BySite
  readonly revealed: BySite
}

/** The model after the sum. Throws `ROUND_NOT_AGGREGATED`, with SHARES_MISSING as `because` while too few are revealed. */
export function unmaskedModel(
  means: MaskedMeans,
  sum: MaskedSum,
  { base, memory, shares, updates, revealed }: SumInputs,
): MaskedModel {
  const answers = { adverts: advertsOf(sum), shares, masked: updates, revealed }
  return counted(sum, () => summedRound(roundOf(means, sum, answers), { model: base, memory }, means.suite))
}

function advertsOf({ adverts }: MaskedSum): BySite {
  return new Map([...adverts].map(([site, { advert }]) => [site, advert]))
}

function roundOf(means: MaskedMeans, sum: MaskedSum, answers: SummedRound['answers']): SummedRound {
  return { plan: planOf(means, sum), members: membersOf(sum.sites, sum.adverts), answers }
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
function membersOf(sites: readonly InstitutionId[], adverts: MaskedSum['adverts']): SummedRound['members'] {
  const counts = [...adverts.values()].map(({ examples }) => examples).sort((a, b) => a - b)
  const middle = Math.max(1, counts[Math.floor(counts.length / 2)] ?? 1)
  return sites.map((site) => ({ site, examples: Math.max(1, adverts.get(site)?.examples ?? middle) }))
}

function planOf(means: MaskedMeans, { study, round, sites }: Omit<MaskedSum, 'adverts'>): RoundPlan {
  return means.plan(sites.length, `${study} ${round}`)
}

function questionOf(
  means: MaskedMeans,
  sum: MaskedSum,
  answers: SummedRound['answers'],
  site: InstitutionId,
): Uint8Array {
  const question = counted(sum, () => summedQuestion(roundOf(means, sum, answers), site))
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

/** A member that said its advert and its shares before. */
function shared(
  means: MaskedMeans,
  sum: MaskedSum,
  own: OwnMasks,
  training?: Parameters<typeof memberOf>[3],
): ReturnType<typeof memberOf> {
  const member = memberOf(means, sum, own, training)
  member.participant.resume(questionOf(means, sum, {}, own.site))
  member.participant.resume(questionOf(means, sum, { adverts: advertsOf(sum) }, own.site))
  return member
}

function untrained(): never {
  throw new IsletError('ROUND_NOT_AGGREGATED', 'this site trains nothing at this point')
}
