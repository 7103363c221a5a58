/**
 * A round in `masked` mode at a site: advert with the cohort root, shares and masked update with the commitment, revealed
 * shares once the ledger holds who survived.
 *
 * Laws: the survivors are final on the ledger before any share is revealed; a site reveals for one set of survivors in a
 * round, and for one set on one base model, because two sums of the same updates over two sets differ by what one site
 * said (PROTOCOL 23); it notes for whom before it says it. What it says after a crash is what it said before. Shares are
 * said in the first third of their step and waited for until its half: who comes later takes itself out, and the others
 * go on without it.
 */

import { maskThreshold } from '../learning/index.ts'
import {
  canonicalJson,
  fromUtf8,
  IsletError,
  isIsletError,
  quantity,
  toBase64Url,
  type UnixSeconds,
  utf8,
} from '../vocabulary/index.ts'
import type { Aggregation, MaskedLearner, PersonData } from './learner.ts'
import type { BySite, MaskedSum, OwnMasks } from './masked-sum.ts'
import { heardReveals, heardShares, heardSum, type SummedSites, summedSites } from './masked-words.ts'
import type { RoundWay } from './round-way.ts'
import { type NamedPart, roundSecret, type SiteRound } from './site-round.ts'
import type { SiteStep } from './site-step.ts'
import type { SiteWords } from './site-words.ts'

export function maskedWay<Data extends PersonData>(): RoundWay<Data> {
  return {
    prepare: advertise,
    ready: async (at) => {
      const heard = await sharing(at)
      return 'did' in heard ? heard : undefined
    },
    update: async (at, people) => {
      const { masked } = meansOf(at)
      const heard = await sharing(at)
      if ('did' in heard) throw new IsletError('SHARES_MISSING', 'the site trains before it has all shares')
      const task = await at.task(people)
      at.notice('TRAINING')
      const { refused, ...training } = await masked.train(task, heard.sum, heard.shares, ownOf(at))
      at.notice('TRAINED')
      return { update: await at.keep({ ...training, sharers: [...heard.shares.keys()].sort() }), refused }
    },
    aggregate: async (at, parts) => (await unmask(at, parts)) ?? sumUp(at, parts),
  }
}

async function advertise<Data extends PersonData>(
  at: SiteRound<Data>,
  people: readonly Data[],
): Promise<void> {
  const { words, masked } = meansOf(at)
  const { study, round, expected } = at.round
  const { advert, key } = await masked.advertise({ study, round, sites: expected }, ownOf(at))
  await words.say({
    ...at.place(at.ports.own),
    kind: 'advert',
    advert: toBase64Url(advert),
    key: toBase64Url(key),
    examples: masked.weight(people),
  })
  at.notice('ADVERTISED')
}

/** Says the own shares; then the sum and all shares, or what is awaited. */
async function sharing<Data extends PersonData>(
  at: SiteRound<Data>,
): Promise<SiteStep | { readonly sum: MaskedSum; readonly shares: BySite }> {
  const { ports, round, study } = at
  const { words, masked } = meansOf(at)
  const { sum, missing } = await heardSum(words, round)
  if (missing.length > 0) return at.waiting('ADVERT_MISSING', missing)
  const fewest = maskThreshold(round.expected.length)
  if (sum.adverts.size < fewest) return at.waiting('TOO_FEW_SITES')
  const shares = await heardShares(words, round, round.cohorts)
  const step = study.plan.deadlines.step_seconds
  const after = (part: number) => quantity<UnixSeconds>(Math.floor(round.deadline - step * (1 - part)))
  const now = ports.clock()
  if (!shares.has(ports.own)) {
    if (now > after(SAY_UNTIL)) return { did: 'void', round: at.number, because: 'SHARES_LATE' }
    const sealed = await masked.share(sum, ownOf(at))
    at.notice('SHARES_MADE')
    await words.say({ ...at.place(ports.own), kind: 'shares', sealed: toBase64Url(sealed) })
    at.notice('SHARES_SAID')
    return { did: 'share', round: at.number }
  }
  const awaited = round.cohorts.filter((site) => !shares.has(site) && !round.voided.includes(site))
  if (awaited.length > 0 && now <= after(WAIT_UNTIL))
    return at.waiting('SHARES_MISSING', awaited, after(WAIT_UNTIL))
  return shares.size < fewest ? at.waiting('TOO_FEW_SITES') : { sum, shares }
}

const SAY_UNTIL = 1 / 3
const WAIT_UNTIL = 1 / 2

/** Reveals the own shares for the final survivors; undefined when there is nothing to reveal any more. */
async function unmask<Data extends PersonData>(
  at: SiteRound<Data>,
  named: readonly NamedPart[],
): Promise<SiteStep | undefined> {
  const { ports, round } = at
  const { words, masked } = meansOf(at)
  const { sharers, parts } = summedSites(named)
  const isIn = parts.some(({ site }) => site === ports.own)
  if (!isIn || (await words.heard(at.place(ports.own), 'unmask')) !== undefined) return undefined
  const survivors = parts.map(({ site }) => site).sort()
  // The ledger counts those who committed, the sum all who might have: below its threshold nobody could open it.
  if (survivors.length < maskThreshold(round.expected.length)) return at.waiting('TOO_FEW_SITES')
  const before = await revealedFor(at)
  if (before !== undefined && before.join() !== survivors.join()) return at.waiting('SURVIVORS_CHANGED')
  const { sum } = await heardSum(words, round)
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
  const summed = summedSites(named)
  const survivors = summed.parts.map(({ site }) => site)
  const { base } = await at.base()
  try {
    return await addedUp({ masked, words }, at.round, base, summed)
  } catch (error) {
    if (!isIsletError(error, 'ROUND_NOT_AGGREGATED')) throw error
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
  { sharers, parts }: SummedSites,
): Promise<Aggregation> {
  const { sum } = await heardSum(words, round)
  const survivors = parts.map(({ site }) => site)
  const [shares, revealed] = await Promise.all([
    heardShares(words, round, sharers),
    heardReveals(words, round, survivors),
  ])
  return masked.aggregate(base, sum, { shares, parts, revealed })
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
