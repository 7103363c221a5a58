/**
 * What sites of a masked round say to each other beside the ledger: adverts, sealed shares, revealed shares.
 *
 * Laws: a word belongs to one study, round, site and kind; it is signed by the institution that says it, so that nobody
 * speaks for another; every word follows from the site's secret and the ledger's record, so that saying it again after
 * a crash says the same. A word tells nothing of a person: an advert holds public keys and a count of windows, shares
 * are sealed to their receiver, and what is revealed opens a sum and no summand. Two different words in one place are
 * evidence against the site that signed them, whoever shows them.
 * Source: Bonawitz et al. 2017, figure 4; PROTOCOL 22–23.
 */
import Type, { type Static } from 'typebox'
import { CountField, Hash32Field, InstitutionIdField, KeyField } from '../api/index.ts'
import type { InstitutionId } from '../vocabulary/index.ts'

const record = <Members extends Parameters<typeof Type.Object>[0]>(members: Members) =>
  Type.Object(members, { additionalProperties: false })

/** Base64url of a bounded length. */
const bytes = (most: number) =>
  Type.String({ pattern: '^[A-Za-z0-9_-]*$', maxLength: Math.ceil((most * 4) / 3) })

const MOST_SITES = 256
const PLACE = {
  study: Hash32Field,
  round: Type.Integer({ minimum: 1, maximum: 4_294_967_295 }),
  site: InstitutionIdField,
}

/** A word as it is signed: `islet.study-word/1`. */
export const SiteWordDocument = Type.Union([
  record({
    ...PLACE,
    kind: Type.Literal('advert'),
    /** Public key of the pairwise masks, and what the own mask's seed is committed to by. */
    advert: bytes(48),
    /** X25519 key of this round that shares are sealed to. */
    key: KeyField,
    /** Windows that the site learns from: its weight. */
    examples: CountField,
  }),
  record({
    ...PLACE,
    kind: Type.Literal('shares'),
    /** A sealed pair of shares for each other site that advertised, in their order. */
    sealed: bytes(48 * MOST_SITES),
  }),
  record({
    ...PLACE,
    kind: Type.Literal('unmask'),
    /** Of each site that shared, in their order: its own-mask share where it survived, else its pair share. */
    shares: bytes(16 * MOST_SITES),
  }),
])
export type SiteWord = Static<typeof SiteWordDocument>
export type WordKind = SiteWord['kind']
export const WORD_KINDS = ['advert', 'shares', 'unmask'] as const satisfies readonly WordKind[]
export type WordOf<Kind extends WordKind> = Extract<SiteWord, { readonly kind: Kind }>
/** Whose word, and in which round. */
export type WordPlace = Pick<SiteWord, 'round' | 'site' | 'study'>

/** The round that words are of. */
export type WordRound = Omit<WordPlace, 'site'>

/** Two different words that a site signed for one place: nobody but the site can make this. */
export interface Equivocation {
  readonly site: InstitutionId
  readonly kind: WordKind
  /** Both signed words as they were heard, base64url, in the order of their text. */
  readonly words: readonly [string, string]
}

export interface SiteWords {
  /** Says a word to the other sites; it is kept before this resolves. */
  say(word: SiteWord): Promise<void>
  /** What a site said; undefined while nothing came, or nothing that the site signed for this place. */
  heard<Kind extends WordKind>(place: WordPlace, kind: Kind): Promise<WordOf<Kind> | undefined>
  /** Two different words of a site in one place, where both have come here. */
  equivocation(place: WordPlace, kind: WordKind): Promise<Equivocation | undefined>
  /** Whether two words are what they are said to be, for who was shown them by others. */
  isEquivocation(round: WordRound, shown: Equivocation): Promise<boolean>
  /**
   * Holds what was heard of the sites against what the others have heard; who has not heard it all yet, or gives no
   * answer. Left out where all look at one shelf.
   */
  compare?(
    round: WordRound,
    sites: readonly InstitutionId[],
    kind: WordKind,
  ): Promise<readonly InstitutionId[]>
}

/** The words of one kind of several sites; who has said nothing is not in it. */
export async function heardOf<Kind extends WordKind>(
  words: Pick<SiteWords, 'heard'>,
  { study, round }: WordRound,
  sites: readonly InstitutionId[],
  kind: Kind,
): Promise<ReadonlyMap<InstitutionId, WordOf<Kind>>> {
  const heard = await Promise.all(
    sites.map(async (site) => [site, await words.heard({ study, round, site }, kind)] as const),
  )
  return new Map(heard.flatMap(([site, word]) => (word === undefined ? [] : [[site, word] as const])))
}
