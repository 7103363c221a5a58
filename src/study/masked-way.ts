/**
 * A round in `masked` mode at a site: advert with the cohort root, shares and masked update with the commitment, revealed
 * shares once the ledger holds who survived.
 *
 * Laws: the survivors are final on the ledger before any share is revealed; a site reveals for one set of survivors in a
 * round, and for one set on one base model, because two sums of the same updates over two sets differ by what one site
 * said (PROTOCOL 23); it notes for whom before it says it. What it says after a crash is what it said before. Shares are
 * said in the first third of their step and waited for until its half: who comes later takes itself out, and the others
 * go on without it. Before shares are sealed, and before anything is masked, sites hold what they heard against each
 * other: who said two different things is left out by all, and both words stand in the updates that leave it out.
 */

import { maskThreshold } from '../learning/index.ts'
import {
  canonicalJson,
  fromUtf8,
  type InstitutionId,
  IsletError,
  isIsletError,
  quantity,
  toBase64Url,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import type { Aggregation, MaskedLearner, PersonData } from './learner.ts'
import type { BySite, MaskedSum, OwnMasks } from './masked-sum.ts'
import {
  heardReveals,
  heardShares,
  heardSum,
  heardTwice,
  leftOutBy,
  type SummedSites,
  summedSites,
} from './masked-words.ts'
import type { RoundWay } from './round-way.ts'
import { type NamedPart, roundSecret, type SiteRound } from './site-round.ts'
import type { SiteStep, VoidCode } from './site-step.ts'
import type { Equivocation, SiteWords, WordKind } from './site-words.ts'
import { readEquivocations } from './update-document.ts'

export function maskedWay<Data extends PersonData>(): RoundWay<Data> {
  /** What was ready, for the training of the same step. */
  const found = new WeakMap<SiteRound<Data>, Shared>()
  return {
    prepare: advertise,
    ready: async (at) => {
      const heard = await sharing(at)
      if ('did' in heard) return heard
      found.set(at, heard)
      return undefined
    },
    update: async (at, people) => {
      const { masked } = meansOf(at)
      const heard = found.get(at) ?? (await sharing(at))
      if ('did' in heard) throw new IsletError('SHARES_MISSING', 'the site trains before it has all shares')
      const { sum, shares, equivocations } = heard
      const task = await at.task(people)
      at.notice('TRAINING')
      const { refused, ...training } = await masked.train(task, sum, shares, ownOf(at))
      at.notice('TRAINED')
      const update = await at.keep({
        ...training,
        sharers: [...shares.keys()].sort(),
        ...(equivocations.length === 0 ? {} : { equivocations }),
      })
      return { update, refused, equivocated: sitesOf(equivocations) }
    },
    aggregate: async (at, parts) => (await unmask(at, parts)) ?? sumUp(at, parts),
  }
}

async function advertise<Data extends PersonData>(
  at: SiteRound<Data>,
  people: readonly Data[],
): Promise<VoidCode | undefined> {
  const { words, masked } = meansOf(at)
  const { study, round, expected } = at.round
  const { advert, key } = await masked.advertise({ study, round, sites: expected }, ownOf(at))
  const place = at.place(at.ports.own)
  const word = {
    ...place,
    kind: 'advert',
    advert: toBase64Url(advert),
    key: toBase64Url(key),
    examples: masked.weight(people),
  } as const
  const before = await words.heard(place, 'advert')
  if (before !== undefined && canonicalJson(before) !== canonicalJson(word)) return 'ADVERT_SAID'
  await words.say(word)
  at.notice('ADVERTISED')
  return undefined
}

/** Says the own shares; then the sum and all shares, or what is awaited. */
async function sharing<Data extends PersonData>(at: SiteRound<Data>): Promise<SiteStep | Shared> {
  const { ports, round, study } = at
  const { words, masked } = meansOf(at)
  const step = study.plan.deadlines.step_seconds
  const after = (part: number) => quantity<UnixSeconds>(Math.floor(round.deadline - step * (1 - part)))
  const now = ports.clock()
  const behind = async (kind: WordKind, until: number) => {
    const silent = now > after(until) ? [] : ((await words.compare?.(round, round.cohorts, kind)) ?? [])
    return silent.filter((site) => !round.voided.includes(site))
  }
  const noted = await notedOut(at, words)
  const everybody = await heardSum(words, round)
  if (noted === undefined) {
    const { missing } = everybody
    if (missing.length > 0) return at.waiting('ADVERT_MISSING', missing)
    const uncompared = await behind('advert', COMPARE_UNTIL)
    if (uncompared.length > 0) return at.waiting('WORDS_COMPARED', uncompared, after(COMPARE_UNTIL))
  }
  const early = noted ?? (await heardTwice(words, round, others(at), 'advert'))
  const out = leftOutBy(early)
  const { sum } = out.length === 0 ? everybody : await heardSum(words, round, out)
  const fewest = maskThreshold(round.expected.length)
  if (sum.adverts.size < fewest) return at.waiting('TOO_FEW_SITES')
  const partners = round.cohorts.filter((site) => !out.includes(site))
  const heard = await heardShares(words, round, partners)
  if (!heard.has(ports.own)) {
    if (now > after(SAY_UNTIL)) return { did: 'void', round: at.number, because: 'SHARES_LATE' }
    if (early.length > 0) await noteOut(at, early)
    const sealed = await masked.share(sum, ownOf(at))
    at.notice('SHARES_MADE')
    await words.say({ ...at.place(ports.own), kind: 'shares', sealed: toBase64Url(sealed) })
    at.notice('SHARES_SAID')
    return { did: 'share', round: at.number, ...(out.length === 0 ? {} : { equivocated: out }) }
  }
  const awaited = partners.filter((site) => !heard.has(site) && !round.voided.includes(site))
  if (awaited.length > 0 && now <= after(WAIT_UNTIL))
    return at.waiting('SHARES_MISSING', awaited, after(WAIT_UNTIL))
  const uncompared = (await behind('shares', WAIT_UNTIL)).filter((site) => heard.has(site))
  if (uncompared.length > 0) return at.waiting('WORDS_COMPARED', uncompared, after(WAIT_UNTIL))
  const late = await heardTwice(words, round, others(at), 'shares')
  const shares = new Map([...heard].filter(([site]) => late.every((one) => one.site !== site)))
  return shares.size < fewest
    ? at.waiting('TOO_FEW_SITES')
    : { sum, shares, equivocations: [...early, ...late] }
}

/** What a site masks with: the sum, the shares of its partners, and whom it leaves out and why. */
interface Shared {
  readonly sum: MaskedSum
  readonly shares: BySite
  readonly equivocations: readonly Equivocation[]
}

const COMPARE_UNTIL = 1 / 6
const SAY_UNTIL = 1 / 3
const WAIT_UNTIL = 1 / 2

function others<Data extends PersonData>({ ports, round }: SiteRound<Data>): readonly InstitutionId[] {
  return round.cohorts.filter((site) => site !== ports.own)
}

function sitesOf(equivocations: readonly Equivocation[]): readonly InstitutionId[] {
  return [...new Set(equivocations.map(({ site }) => site))].sort()
}

/** Whose adverts did not count as the own shares were sealed: with others, none of them would open. No note: nobody's. */
async function notedOut<Data extends PersonData>(
  at: SiteRound<Data>,
  words: SiteWords,
): Promise<readonly Equivocation[] | undefined> {
  const kept = await at.ports.journal.get(outName(at.number))
  if (kept !== undefined) return readEquivocations(kept)
  return (await words.heard(at.place(at.ports.own), 'shares')) === undefined ? undefined : []
}

async function noteOut<Data extends PersonData>(
  at: SiteRound<Data>,
  equivocations: readonly Equivocation[],
): Promise<void> {
  await at.ports.journal.put(outName(at.number), utf8(JSON.stringify(equivocations)))
}

function outName(round: number): string {
  return `left-out-${round}`
}

/** Reveals the own shares for the final survivors; undefined when there is nothing to reveal any more. */
async function unmask<Data extends PersonData>(
  at: SiteRound<Data>,
  named: readonly NamedPart[],
): Promise<SiteStep | undefined> {
  const { ports, round } = at
  const { words, masked } = meansOf(at)
  const { sharers, parts, equivocations } = await summedSites(words, round, named)
  const isIn = parts.some(({ site }) => site === ports.own)
  if (!isIn || (await words.heard(at.place(ports.own), 'unmask')) !== undefined) return undefined
  const survivors = parts.map(({ site }) => site).sort()
  // The ledger counts those who committed, the sum all who might have: below its threshold nobody could open it.
  if (survivors.length < maskThreshold(round.expected.length)) return at.waiting('TOO_FEW_SITES')
  const before = await revealedFor(at)
  if (before !== undefined && before.join() !== survivors.join()) return at.waiting('SURVIVORS_CHANGED')
  const { sum } = await heardSum(words, round, leftOutBy(equivocations))
  const shares = await heardShares(words, round, sharers)
  const { answer, refused } = await masked.reveal(sum, shares, updatesOf(parts), ownOf(at))
  await ports.journal.put(revealName(round.base), utf8(canonicalJson(survivors)))
  at.notice('UNMASK_KEPT')
  await words.say({ ...at.place(ports.own), kind: 'unmask', shares: toBase64Url(answer) })
  at.notice('UNMASK_SAID')
  return { did: 'unmask', round: at.number, ...(refused.length === 0 ? {} : { refused }) }
}

async function sumUp<Data extends PersonData>(
  at: SiteRound<Data>,
  named: readonly NamedPart[],
): Promise<Aggregation | SiteStep> {
  const { words, masked } = meansOf(at)
  const summed = await summedSites(words, at.round, named)
  const survivors = summed.parts.map(({ site }) => site)
  const { base } = await at.base()
  try {
    const added = await addedUp({ masked, words }, at.round, base, summed)
    // Every share in the sum was held against its commitment: what differs changes nothing and is kept.
    await words.compare?.(at.round, survivors, 'unmask')
    return added
  } catch (error) {
    if (!isIsletError(error, 'ROUND_NOT_AGGREGATED')) throw error
    const { because } = error.facts
    if (because === 'SUM_BEYOND_CLIP' || because === 'SUM_IMPOSSIBLE') return at.waiting(because)
    const revealed = await heardReveals(words, at.round, survivors)
    return at.waiting(
      'SHARES_MISSING',
      survivors.filter((site) => !revealed.has(site)),
    )
  }
}

/** The sum of a round from its words and updates, for members and for those who verify. Throws `ROUND_NOT_AGGREGATED`. */
export async function addedUp(
  {
    masked,
    words,
  }: { readonly masked: Pick<MaskedLearner, 'aggregate'>; readonly words: Pick<SiteWords, 'heard'> },
  round: SiteRound['round'],
  base: Uint8Array<ArrayBuffer>,
  { sharers, parts, equivocations }: SummedSites,
): Promise<Aggregation> {
  const { sum } = await heardSum(words, round, leftOutBy(equivocations))
  const survivors = parts.map(({ site }) => site)
  const [shares, revealed] = await Promise.all([
    heardShares(words, round, sharers),
    heardReveals(words, round, survivors),
  ])
  const added = masked.aggregate(base, sum, { shares, parts, revealed })
  const equivocated = sitesOf(equivocations)
  return equivocated.length === 0 ? added : { ...added, equivocated }
}

function updatesOf(parts: SummedSites['parts']): BySite {
  return new Map(parts.map(({ site, answer }) => [site, answer]))
}

/** For whom shares of updates on this base were revealed before, in this round or an earlier one. */
async function revealedFor<Data extends PersonData>({
  ports,
  round,
}: SiteRound<Data>): Promise<readonly string[] | undefined> {
  const kept = await ports.journal.get(revealName(round.base))
  const value: unknown = kept === undefined ? undefined : JSON.parse(fromUtf8(kept))
  return Array.isArray(value) ? value.map(String) : undefined
}

function revealName(base: number): string {
  return `revealed-${base}`
}

function ownOf<Data extends PersonData>({ ports, round }: SiteRound<Data>): OwnMasks {
  return { site: ports.own, secret: roundSecret(ports, round) }
}

function meansOf<Data extends PersonData>({
  ports,
}: SiteRound<Data>): {
  readonly words: SiteWords
  readonly masked: MaskedLearner<Data>
} {
  const { words, learner } = ports
  if (words !== undefined && learner.masked !== undefined) return { words, masked: learner.masked }
  throw new IsletError(
    'PRIVACY_UNSUPPORTED',
    'this site cannot take part in masked rounds',
    { field: 'aggregation' },
    { at: { field: 'privacy.aggregation' }, remedy: 'Give the site a way to say words to the others.' },
  )
}
