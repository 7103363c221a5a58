/**
 * Words of sites wherever they lie: on the own shelf, or at another site of the study.
 *
 * Laws: a word is kept only with the signature of its site for the very place; who said it is asked first, and its
 * answer is enough: others are asked only where it is silent, so that waiting costs one question a site.
 */
import type { Shelf } from '../consent/browser.door.ts'
import type { Ed25519 } from '../identity/index.ts'
import type { Hash32, InstitutionId } from '../vocabulary/index.ts'
import { type PeerTurns, peerAnswerWrong } from './peer-turns.ts'
import { placeOf, signedWord } from './signed-words.ts'
import type { SiteWords, WordKind, WordOf, WordPlace } from './site-words.ts'

export interface CarriedWordsParts {
  readonly own: InstitutionId
  readonly shelf: Pick<Shelf, 'get' | 'put'>
  /** The words over that shelf. */
  readonly words: SiteWords
  readonly turns: PeerTurns
  readonly ed: Ed25519
  readonly keyOf: (site: InstitutionId) => Promise<Hash32 | undefined>
}

/** Throws the codes of the own shelf. */
export function carriedWords({ own, shelf, words, turns, ed, keyOf }: CarriedWordsParts): SiteWords {
  const fetch = async (place: WordPlace, wanted: WordKind): Promise<boolean> => {
    const key = await keyOf(place.site)
    if (key === undefined) return false
    const found = await turns.first(
      async (site) => {
        let isThere = false
        for (const bytes of await turns.peers.words(site, place)) {
          const word = signedWord(bytes, key, ed)
          const { study, round, site: by } = word ?? {}
          if (word === undefined || study !== place.study || round !== place.round || by !== place.site)
            throw peerAnswerWrong('WORD_NOT_SIGNED')
          if ((await words.heard(place, word.kind)) === undefined)
            await shelf.put(placeOf(word, word.kind), bytes)
          if (word.kind === wanted) isThere = true
        }
        return isThere || undefined
      },
      { site: place.site, isEnough: true },
    )
    return found === true
  }
  return {
    say: (word) => words.say(word),
    heard: async <Kind extends WordKind>(place: WordPlace, kind: Kind): Promise<WordOf<Kind> | undefined> => {
      const here = await words.heard(place, kind)
      if (here !== undefined || place.site === own) return here
      return (await fetch(place, kind)) ? words.heard(place, kind) : undefined
    },
  }
}
