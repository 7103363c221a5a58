/**
 * How a site of this node asks another site of its study: three signed messages of the one contract, over any road.
 *
 * Law: every question has a time limit of its own, shorter than a step of a round; a question is sent once.
 */
import type { StudyPeers } from '../../study/index.ts'
import { fromBase64Url, type Hash32, hash32, IsletError, institutionId } from '../../vocabulary/index.ts'
import type { institutionAsk } from '../institution/wire.ts'

/** How long one answer may take, milliseconds. */
export const ANSWER_LIMIT_MS = 10_000

export interface AskPeersOptions {
  readonly limitMs?: number
}

/** All throw the peer's code, `PEER_TOO_SLOW` and the codes of the road. */
export function askPeers(
  study: Hash32,
  ask: ReturnType<typeof institutionAsk>,
  { limitMs = ANSWER_LIMIT_MS }: AskPeersOptions = {},
): StudyPeers {
  return {
    object: async (site, object, offset) => {
      const { length, part } = await within(limitMs, ask(site, 'study-object', { study, object, offset }))
      return { length, part: fromBase64Url(part) }
    },
    words: async (site, { round, site: by }) => {
      const { words } = await within(limitMs, ask(site, 'study-words', { study, round, site: by }))
      return words.map((word) => fromBase64Url(word))
    },
    heard: async (site, { round }) => {
      const { heard } = await within(limitMs, ask(site, 'study-heard', { study, round }))
      return heard.map(({ site: by, kind, sha256 }) => ({
        site: institutionId(by),
        kind,
        sha256: hash32(sha256),
      }))
    },
  }
}

/** An answer, or `PEER_TOO_SLOW` after so many milliseconds. */
export async function within<T>(limitMs: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new IsletError('PEER_TOO_SLOW', 'the institution did not answer in time')),
      limitMs,
    )
  })
  return Promise.race([answer, late]).finally(() => clearTimeout(timer))
}
