/**
 * What an institution answers the other sites of a study: objects by their hash, and words of masked rounds.
 *
 * Laws: whoever is no site of the study on the ledger gets nothing (`NOT_A_SITE`), whatever they know of it; only what
 * lies in the study's own folder of this institution is given, never another study's, and nothing is fetched from elsewhere
 * to answer. What lies there its own law let out already: an update once it is revealed, a word once it is said.
 */
import { type Arrival, type MessageHandlers, STUDY_PART_BYTES } from '../../api/index.ts'
import type { Shelf } from '../../consent/browser.door.ts'
import { heardIn, MOST_OBJECT_BYTES, type StudyReads, WORD_KINDS, wordsIn } from '../../study/index.ts'
import { nodeHasher } from '../../vault/node-cipher.door.ts'
import { type Hash32, type InstitutionId, IsletError, toBase64Url } from '../../vocabulary/index.ts'

/** What an institution keeps of one study for others. */
export interface StudyShelves {
  readonly objects: Pick<Shelf, 'get' | 'put'>
  readonly words: Pick<Shelf, 'get' | 'put'>
}

export interface AnswerPeersParts {
  readonly own: InstitutionId
  readonly chain: Pick<StudyReads, 'approvedSites'>
  /** Of a study that this institution is a site of. */
  readonly shelvesOf: (study: Hash32) => Promise<StudyShelves>
}

/** Refuses with `NOT_A_SITE`, `STUDY_UNKNOWN`, `OBJECT_MISSING`, `OBJECT_TOO_LARGE`. */
export function answerPeers(
  parts: AnswerPeersParts,
): Required<Pick<MessageHandlers, 'study-heard' | 'study-object' | 'study-words'>> {
  const opened = async (study: Hash32, { from }: Arrival): Promise<StudyShelves> => {
    const sites = await parts.chain.approvedSites(study)
    if (from.kind !== 'institution' || !sites.includes(from.id))
      throw new IsletError('NOT_A_SITE', 'the sender is no site of this study')
    if (!sites.includes(parts.own))
      throw new IsletError('STUDY_UNKNOWN', 'this institution is no site of the study')
    return parts.shelvesOf(study)
  }
  return {
    'study-object': async ({ study, object, offset }, arrival) => {
      const { objects } = await opened(study, arrival)
      const bytes = await objects.get(object)
      if (bytes === undefined || offset > bytes.length)
        throw new IsletError('OBJECT_MISSING', 'there is no such object of the study here')
      if (bytes.length > MOST_OBJECT_BYTES)
        throw new IsletError('OBJECT_TOO_LARGE', 'the object is longer than any that is carried', {
          bytes: bytes.length,
        })
      return {
        length: bytes.length,
        part: toBase64Url(bytes.subarray(offset, offset + STUDY_PART_BYTES)),
      }
    },
    'study-words': async ({ study, round, site }, arrival) => {
      const { words } = await opened(study, arrival)
      const place = { study, round, site }
      const known = await Promise.all(WORD_KINDS.map((kind) => wordsIn(words, place, kind)))
      return { words: known.flat().map(toBase64Url) }
    },
    'study-heard': async ({ study, round }, arrival) => {
      const { words } = await opened(study, arrival)
      const sites = await parts.chain.approvedSites(study)
      const heard = await heardIn(words, nodeHasher, { study, round }, sites)
      return { heard: heard.map((word) => ({ ...word })) }
    },
  }
}
