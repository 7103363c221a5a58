/**
 * Words of sites wherever they lie: on the own shelf, or at another site of the study.
 *
 * Laws: a word is kept only with the signature of its site for the very place; who said it is asked first, and its
 * answer is enough: others are asked only where it is silent, so that waiting costs one question a site. What the others
 * heard is held against what came here by its hash; where it differs their word is fetched too, and a site that signed
 * both has shown itself. A hash without the word behind it accuses nobody.
 */
import type { Shelf } from '../consent/browser.door.ts'
import type { Ed25519 } from '../identity/index.ts'
import type { Hasher } from '../vault/index.ts'
import { type Bytes, type Hash32, hash32, type InstitutionId, toHex } from '../vocabulary/index.ts'
import { type HeardWord, type PeerTurns, peerAnswerWrong } from './peer-turns.ts'
import { keepOther, placeOf, signedWord, wordsIn } from './signed-words.ts'
import {
  type SiteWord,
  type SiteWords,
  WORD_KINDS,
  type WordKind,
  type WordOf,
  type WordPlace,
  type WordRound,
} from './site-words.ts'

export interface CarriedWordsParts {
  readonly own: InstitutionId
  readonly shelf: Pick<Shelf, 'get' | 'put'>
  /** The words over that shelf. */
  readonly words: SiteWords
  readonly turns: PeerTurns
  readonly ed: Ed25519
  readonly hasher: Pick<Hasher, 'sha256'>
  readonly keyOf: (site: InstitutionId) => Promise<Hash32 | undefined>
}

/** Throws the codes of the own shelf. */
export function carriedWords(parts: CarriedWordsParts): SiteWords {
  const { own, shelf, words, turns, ed, hasher, keyOf } = parts
  /** Asks a peer for the words of a place and keeps them; the kinds that it had. */
  const bring = async (site: InstitutionId, place: WordPlace, key: Hash32): Promise<readonly WordKind[]> => {
    const brought: WordKind[] = []
    for (const bytes of await turns.peers.words(site, place)) {
      const word = signedWord(bytes, key, ed)
      if (word === undefined || !isOf(word, place)) throw peerAnswerWrong('WORD_NOT_SIGNED')
      if ((await words.heard(place, word.kind)) === undefined)
        await shelf.put(placeOf(place, word.kind), bytes)
      else await keepOther(shelf, place, word.kind, bytes)
      brought.push(word.kind)
    }
    return brought
  }
  const fetch = async (place: WordPlace, wanted: WordKind): Promise<boolean> => {
    const key = await keyOf(place.site)
    if (key === undefined) return false
    const found = await turns.first(
      async (site) => (await bring(site, place, key)).includes(wanted) || undefined,
      { site: place.site, isEnough: true },
    )
    return found === true
  }
  return {
    ...words,
    heard: async <Kind extends WordKind>(place: WordPlace, kind: Kind): Promise<WordOf<Kind> | undefined> => {
      const here = await words.heard(place, kind)
      if (here !== undefined || place.site === own) return here
      return (await fetch(place, kind)) ? words.heard(place, kind) : undefined
    },
    compare: async (round, sites, kind) => {
      let read: Promise<readonly HeardWord[]> | undefined
      const behind: InstitutionId[] = []
      const silent = await turns.each(sites, async (peer) => {
        read ??= heardIn(shelf, hasher, round, sites)
        const here = await read
        const ours = new Set(here.map(nameOf))
        const wanted = here.filter((word) => word.kind === kind).map(({ site }) => site)
        const theirs = await turns.peers.heard(peer, round)
        const has = new Set(theirs.flatMap((word) => (word.kind === kind ? [word.site] : [])))
        if (wanted.some((site) => !has.has(site))) behind.push(peer)
        const differing = theirs.filter((word) => sites.includes(word.site) && isAnother(word, here, ours))
        for (const site of new Set(differing.map((word) => word.site))) {
          const key = await keyOf(site)
          if (key !== undefined) await bring(peer, { ...round, site }, key)
        }
      })
      return [...behind, ...silent]
    },
  }
}

/** Every word of a round that lies on a shelf, by its hash. */
export async function heardIn(
  shelf: Pick<Shelf, 'get'>,
  hasher: Pick<Hasher, 'sha256'>,
  round: WordRound,
  sites: readonly InstitutionId[],
): Promise<readonly HeardWord[]> {
  const places = sites.flatMap((site) => WORD_KINDS.map((kind) => ({ site, kind })))
  const found = await Promise.all(
    places.map(async ({ site, kind }) => {
      const words: readonly Bytes[] = await wordsIn(shelf, { ...round, site }, kind)
      return words.map((bytes) => ({ site, kind, sha256: hash32(toHex(hasher.sha256(bytes))) }))
    }),
  )
  return found.flat()
}

/** Whether a peer has another word for a place that has one here. */
function isAnother(word: HeardWord, here: readonly HeardWord[], ours: ReadonlySet<string>): boolean {
  return here.some(({ site, kind }) => site === word.site && kind === word.kind) && !ours.has(nameOf(word))
}

function nameOf({ site, kind, sha256 }: HeardWord): string {
  return `${kind} ${site} ${sha256}`
}

function isOf({ study, round, site }: SiteWord, place: WordPlace): boolean {
  return study === place.study && round === place.round && site === place.site
}
