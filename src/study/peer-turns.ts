/**
 * The other sites of a study, asked one after the other for what is not at hand.
 *
 * Laws: what a peer brings counts only when it proves itself; who brings anything else is named and the next one is
 * asked; who is silent is left alone for a while, so that one silent site costs the others one time limit and not one a
 * question. Nobody is asked who is no site of the study on the ledger.
 */
import {
  type Bytes,
  type Hash32,
  type InstitutionId,
  IsletError,
  isIsletError,
  type UnixSeconds,
} from '../vocabulary/index.ts'
import type { WordKind, WordPlace, WordRound } from './site-words.ts'

/** A part of an object, and how long the object is, in bytes. */
export interface ObjectPart {
  readonly length: number
  readonly part: Uint8Array
}

/** How a site asks another one; both throw the other's code, or why there was no answer. */
export interface StudyPeers {
  object(site: InstitutionId, object: Hash32, offset: number): Promise<ObjectPart>
  /** The words that this site has of the place's site and round, as signed bytes. */
  words(site: InstitutionId, place: WordPlace): Promise<readonly Bytes[]>
  /** SHA-256 of every word that this site has heard in a round. */
  heard(site: InstitutionId, round: WordRound): Promise<readonly HeardWord[]>
}

/** That a site has a word, and which. */
export interface HeardWord {
  readonly site: InstitutionId
  readonly kind: WordKind
  readonly sha256: Hash32
}

export interface PeerTurnsParts {
  readonly own: InstitutionId
  readonly peers: StudyPeers
  /** Sites of the study on the ledger. */
  readonly sites: () => Promise<readonly InstitutionId[]>
  readonly clock: () => UnixSeconds
  /** Told whose answer was refused, or who gave none, and why. */
  readonly told?: (site: InstitutionId, code: string) => void
}

/** How long a silent peer is left alone, seconds. */
const LEFT_ALONE_SECONDS = 5

export interface PeerTurns {
  readonly peers: StudyPeers
  /**
   * What the first peer brought of which `ask` makes something; undefined where none did. `ask` throws the code that a
   * peer is named with; `isEnough`: nobody else is asked once the one named first has answered.
   */
  first<T>(
    ask: (site: InstitutionId) => Promise<T | undefined>,
    named?: { readonly site: InstitutionId; readonly isEnough: boolean },
  ): Promise<T | undefined>
  /** Asks every peer of these; who gave no answer, or one that `ask` refused by a throw, is in the answer. */
  each(
    sites: readonly InstitutionId[],
    ask: (site: InstitutionId) => Promise<void>,
  ): Promise<readonly InstitutionId[]>
}

export function peerTurns({ own, peers, sites, clock, told }: PeerTurnsParts): PeerTurns {
  const leftAlone = new Map<InstitutionId, number>()
  const note = (site: InstitutionId, error: unknown): void => {
    if (!isIsletError(error)) throw error
    if (error.code !== KNOWS_NOT) told?.(site, error.code)
    if (SILENT.includes(error.code)) leftAlone.set(site, clock() + LEFT_ALONE_SECONDS)
  }
  return {
    peers,
    each: async (asked, ask) => {
      const others = (await sites()).filter((site) => asked.includes(site) && site !== own)
      const without = await Promise.all(
        others.map(async (site) => {
          if ((leftAlone.get(site) ?? 0) > clock()) return [site]
          try {
            await ask(site)
            leftAlone.delete(site)
            return []
          } catch (error) {
            note(site, error)
            return [site]
          }
        }),
      )
      return without.flat()
    },
    first: async (ask, named) => {
      const others = (await sites()).filter((site) => site !== own)
      const order = others.filter((site) => site === named?.site)
      order.push(...others.filter((site) => site !== named?.site))
      for (const site of order) {
        if ((leftAlone.get(site) ?? 0) > clock()) continue
        try {
          const brought = await ask(site)
          leftAlone.delete(site)
          if (brought !== undefined) return brought
          if (named?.isEnough === true && site === named.site) return undefined
        } catch (error) {
          note(site, error)
        }
      }
      return undefined
    },
  }
}

/** A peer's answer that it has nothing. */
const KNOWS_NOT = 'OBJECT_MISSING'
/** No answer. */
const SILENT: readonly string[] = [
  'PEER_CERTIFICATE_WRONG',
  'PEER_TOO_SLOW',
  'PEER_UNKNOWN',
  'PEER_UNREACHABLE',
  'QUOTA_SPENT',
]

/** A peer's answer that is not what was asked for. */
export function peerAnswerWrong(because: string): IsletError {
  return new IsletError('PEER_ANSWER_WRONG', 'a site of the study answered with something else', { because })
}
