/**
 * The masked sum of a round as a member finds it: adverts and shares from the words of sites, sharers and survivors from
 * the updates that the ledger names.
 *
 * Law: who is in the sum follows from the ledger's record and from bytes that it names, so that all who look agree: an
 * update that cannot be read, or that was masked with other partners than most, counts as a site that dropped out after
 * it had shared, and no share of its own mask is revealed (PROTOCOL 23). Whom an update leaves out because they said two
 * different things it shows with both, so that whoever adds up, then or later, leaves out the same.
 */
import { type Bytes, fromBase64Url, type InstitutionId } from '../vocabulary/index.ts'
import type { SitePart } from './learner.ts'
import type { BySite, MaskAdvert, MaskedSum } from './masked-sum.ts'
import type { NamedPart } from './site-round.ts'
import {
  type Equivocation,
  heardOf,
  type SiteWords,
  type WordKind,
  type WordOf,
  type WordRound,
} from './site-words.ts'
import type { LedgerRound } from './study-chain.ts'

/**
 * The sum with the adverts of those who committed a cohort root, but for those left out of it; `missing`: whose advert
 * has not come.
 */
export async function heardSum(
  words: Pick<SiteWords, 'heard'>,
  round: LedgerRound,
  without: readonly InstitutionId[] = [],
): Promise<{ readonly sum: MaskedSum; readonly missing: readonly InstitutionId[] }> {
  const cohorts = round.cohorts.filter((site) => !without.includes(site))
  const heard = await heardOf(words, round, cohorts, 'advert')
  const adverts = new Map<InstitutionId, MaskAdvert>()
  for (const [site, word] of heard) adverts.set(site, advertIn(word))
  const missing = cohorts.filter((site) => !adverts.has(site))
  return { sum: { study: round.study, round: round.round, sites: round.expected, adverts }, missing }
}

/** The sealed shares of the given sites; who has sent none is not in it. */
export async function heardShares(
  words: Pick<SiteWords, 'heard'>,
  round: LedgerRound,
  sites: readonly InstitutionId[],
): Promise<BySite> {
  const heard = await heardOf(words, round, sites, 'shares')
  return new Map([...heard].map(([site, word]) => [site, sealedIn(word)]))
}

/** The shares that survivors have revealed. */
export async function heardReveals(
  words: Pick<SiteWords, 'heard'>,
  round: LedgerRound,
  survivors: readonly InstitutionId[],
): Promise<BySite> {
  const heard = await heardOf(words, round, survivors, 'unmask')
  return new Map([...heard].map(([site, word]) => [site, revealedIn(word)]))
}

const advertIn = ofEach(
  ({ advert, key, examples }: WordOf<'advert'>): MaskAdvert => ({
    advert: fromBase64Url(advert),
    key: fromBase64Url(key),
    examples,
  }),
)
const sealedIn = ofEach(({ sealed }: WordOf<'shares'>): Bytes => fromBase64Url(sealed))
const revealedIn = ofEach(({ shares }: WordOf<'unmask'>): Bytes => fromBase64Url(shares))
const sharersIn = ofEach((sharers: readonly InstitutionId[]): string => sharers.toSorted().join())

/** What follows from a value that many look at, made once while somebody holds it. */
function ofEach<From extends object, Made>(make: (from: From) => Made): (from: From) => Made {
  const known = new WeakMap<From, { readonly made: Made }>()
  return (from) => {
    const one = known.get(from) ?? { made: make(from) }
    known.set(from, one)
    return one.made
  }
}

export interface SummedSites {
  /** Who masked with whom, in order. */
  readonly sharers: readonly InstitutionId[]
  /** Survivors whose update is in the sum. */
  readonly parts: readonly SitePart[]
  /** Who said two different things and was left out, with both; the same at every part of the sum. */
  readonly equivocations: readonly Equivocation[]
}

/**
 * Whose updates make the sum: those masked with the same partners as most are, the first in order where two are most. An
 * update that leaves somebody out without both words of theirs is nobody's.
 */
export async function summedSites(
  words: Pick<SiteWords, 'isEquivocation'>,
  round: WordRound,
  named: readonly NamedPart[],
): Promise<SummedSites> {
  const groups = new Map<string, SitePart[]>()
  for (const { part } of named) {
    if (part?.sharers?.includes(part.site) !== true) continue
    const { equivocations = [] } = part
    const isShown = await Promise.all(equivocations.map((shown) => words.isEquivocation(round, shown)))
    if (isShown.includes(false)) continue
    const key = [sharersIn(part.sharers), ...leftOutBy(equivocations).map((site) => `not ${site}`)].join()
    groups.set(key, [...(groups.get(key) ?? []), part])
  }
  const [most] = [...groups].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
  if (most === undefined) return { sharers: [], parts: [], equivocations: [] }
  const [, parts] = most
  const [first] = parts
  return {
    sharers: [...(first?.sharers ?? [])].sort(),
    parts,
    equivocations: parts.flatMap((part) => part.equivocations ?? []),
  }
}

/** Whose advert does not count, because they made two; in order. */
export function leftOutBy(equivocations: readonly Equivocation[]): readonly InstitutionId[] {
  const sites = equivocations.filter(({ kind }) => kind === 'advert').map(({ site }) => site)
  return [...new Set(sites)].sort()
}

/** Two different words of a kind that sites of a round said, as far as both have come here. */
export async function heardTwice(
  words: Pick<SiteWords, 'equivocation'>,
  { study, round }: WordRound,
  sites: readonly InstitutionId[],
  kind: WordKind,
): Promise<readonly Equivocation[]> {
  const found = await Promise.all(sites.map((site) => words.equivocation({ study, round, site }, kind)))
  return found.flatMap((one) => one ?? [])
}
