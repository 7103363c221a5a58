/**
 * How an institution has a site elsewhere work with its own data: asked again until it says what came of it.
 *
 * Law: every wait has an end: a site that gives no answer for half a minute, or no outcome by the deadline, is left with
 * its code.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { MessageReply, StudyRun } from '../../api/index.ts'
import { type Hash32, type InstitutionId, IsletError, isIsletError } from '../../vocabulary/index.ts'
import type { institutionAsk } from '../institution/wire.ts'
import { ANSWER_LIMIT_MS, type AskPeersOptions, within } from './ask-peers.ts'
import { interrupted } from './ledger-pause.ts'

export type SiteAudit = NonNullable<MessageReply<'study-audit'>['audit']>
export type SiteWorth = NonNullable<MessageReply<'study-worth'>['worth']>

/** All throw the site's code, `PEER_TOO_SLOW` and the codes of the road. */
export interface SiteWork {
  audit(site: InstitutionId, study: Hash32): Promise<SiteAudit>
  worth(site: InstitutionId, study: Hash32): Promise<SiteWorth>
  /** Has it take part in rounds, and waits until it does no more. Throws `INTERRUPTED`. */
  rounds(site: InstitutionId, study: Hash32, signal: AbortSignal): Promise<StudyRun>
}

export interface AskWorkOptions extends AskPeersOptions {
  /** How long a site may work, milliseconds. */
  readonly deadlineMs?: number
  /** How long it may give no answer at all, milliseconds. */
  readonly silenceMs?: number
}

const DEADLINE_MS = 1_800_000
const SILENCE_MS = 30_000

/** What says nothing about whether the site works. */
const NO_ANSWER = ['PEER_TOO_SLOW', 'PEER_UNREACHABLE', 'QUOTA_SPENT'] as const

export function askWork(
  ask: ReturnType<typeof institutionAsk>,
  { limitMs = ANSWER_LIMIT_MS, deadlineMs = DEADLINE_MS, silenceMs = SILENCE_MS }: AskWorkOptions = {},
): SiteWork {
  const until = async <T>(
    question: () => Promise<T | null>,
    { within: mostMs = deadlineMs, signal }: { readonly within?: number; readonly signal?: AbortSignal } = {},
  ): Promise<T> => {
    const begun = Date.now()
    for (let heard = begun; ; ) {
      if (signal?.aborted === true) throw interrupted()
      try {
        const answer = await within(limitMs, question())
        if (answer !== null) return answer
        heard = Date.now()
      } catch (error) {
        if (!isIsletError(error, ...NO_ANSWER) || Date.now() - heard >= silenceMs) throw error
      }
      await sleep(limitMs / 10)
      if (Date.now() - begun >= mostMs)
        throw new IsletError('PEER_TOO_SLOW', 'the institution did not finish by the deadline')
    }
  }
  return {
    audit: (site, study) => until(async () => (await ask(site, 'study-audit', { study })).audit),
    worth: (site, study) => until(async () => (await ask(site, 'study-worth', { study })).worth),
    rounds: (site, study, signal) => {
      let begin = true
      return until(
        async () => {
          const { run } = await ask(site, 'study-rounds', { study, begin })
          begin = false
          return run.state === 'idle' || run.state === 'stopped' ? run : null
        },
        // Every step of a round has its own deadline.
        { within: Number.POSITIVE_INFINITY, signal },
      )
    },
  }
}
