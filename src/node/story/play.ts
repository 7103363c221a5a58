/**
 * The guided story: sharing real diabetes data under consent, step by step, each step timed and each check really tried.
 *
 * Law: a step that throws has failed, with the code it threw; later steps are still tried where they can be. Nothing of
 * the user's readings goes into a check: codes, counts and hashes only.
 */
import type { Check, Step, StoryStep } from '../../api/documents.door.ts'
import { STORY_STEPS } from '../../api/documents.door.ts'
import type { Reading } from '../../consent/index.ts'
import { isIsletError } from '../../vocabulary/index.ts'
import type { Counts, Stage } from './stage.ts'
import { afterRevoke } from './steps/after-revoke.ts'
import { anchor } from './steps/anchor.ts'
import { correct } from './steps/correct.ts'
import { erase } from './steps/erase.ts'
import { expire } from './steps/expire.ts'
import { grant } from './steps/grant.ts'
import { importing } from './steps/import.ts'
import { join } from './steps/join.ts'
import { narrow } from './steps/narrow.ts'
import { open } from './steps/open.ts'
import { outside } from './steps/outside.ts'
import { passport } from './steps/passport.ts'
import { report } from './steps/report.ts'
import { request } from './steps/request.ts'
import { revoke } from './steps/revoke.ts'
import { seal } from './steps/seal.ts'
import { study } from './steps/study.ts'
import { tamper } from './steps/tamper.ts'
import { verify } from './steps/verify.ts'

interface Act {
  readonly title: string
  readonly play: (stage: Stage) => Promise<void>
}

export const ACTS: Readonly<Record<StoryStep, Act>> = {
  join: { title: 'Institutions and people join', play: join },
  import: { title: 'An export is read, and its report adds up', play: importing },
  seal: { title: 'Every hour is sealed under a key of its own', play: seal },
  anchor: { title: 'One padded root goes to the ledger', play: anchor },
  request: { title: 'A clinic asks for access', play: request },
  narrow: { title: 'The patient gives less than was asked', play: narrow },
  grant: { title: 'Those hours, and no others, are shared with one reader', play: grant },
  open: { title: 'The reader opens exactly those', play: open },
  outside: { title: 'The hours before and after stay shut', play: outside },
  report: { title: 'The report equals the source’s own', play: report },
  expire: { title: 'A short grant ends by itself', play: expire },
  revoke: { title: 'The patient stops sharing', play: revoke },
  'after-revoke': { title: 'New data stay shut to old keys', play: afterRevoke },
  correct: { title: 'A reading is corrected, the original stays', play: correct },
  tamper: { title: 'A flipped byte is caught', play: tamper },
  study: { title: 'Sites train one model on exactly those who consented', play: study },
  passport: { title: 'The model’s passport is verified', play: passport },
  erase: { title: 'A person is erased', play: erase },
  verify: { title: 'All of it is verified from a dump', play: verify },
}

/** Steps of a study on virtual patients. */
const OF_STUDIES: ReadonlySet<StoryStep> = new Set(['study', 'passport'])

/**
 * The steps of a story, in order. A study on virtual patients is played beside virtual people only, so that nothing
 * made up stands next to a person's own data.
 */
export function storySteps(where: { readonly simulated: boolean }): readonly StoryStep[] {
  return STORY_STEPS.filter((name) => where.simulated || !OF_STUDIES.has(name))
}

/** What happens while the story is played. */
export interface StoryWatcher {
  begun(name: StoryStep, title: string): void
  checked(name: StoryStep, check: Check): void
  /** What a long step is about just now, and who is awaited until when. */
  underway?(name: StoryStep, words: string): void
  ended(step: Step): void
  counted(counts: Counts): void
  /** What the reader opened under the grant. */
  opened(reader: string, reading: Reading): void
}

export interface Played {
  readonly ok: boolean
  readonly seconds: number
  readonly steps: readonly Step[]
  /** Directory of the dump that was verified. */
  readonly dump?: string
}

/** Plays every step on a stage that `setting` gives the notebook. Stops early only when interrupted. */
export async function play(
  setting: (notes: Pick<Stage, 'check' | 'note' | 'underway'>) => Stage,
  watcher: StoryWatcher,
  signal: AbortSignal,
): Promise<Played> {
  let interrupted = (): void => undefined
  const interruption = new Promise<undefined>((resolve) => {
    interrupted = () => resolve(undefined)
  })
  if (signal.aborted) interrupted()
  signal.addEventListener('abort', interrupted, { once: true })
  let checks: Check[] = []
  let current: StoryStep = 'join'
  const counts: Counts = {
    patients: 0,
    readings: 0,
    grants: 0,
    revokes: 0,
    accesses: 0,
    refusals: 0,
    anchors: 0,
  }
  // What an interrupted step still finds says nothing: its institutions are being closed.
  const stage = setting({
    check: (what, ok, saw) => {
      if (signal.aborted) return
      const check = { what, ok, saw }
      checks.push(check)
      watcher.checked(current, check)
    },
    underway: (words) => {
      if (!signal.aborted) watcher.underway?.(current, words)
    },
    note: (more) => {
      if (signal.aborted) return
      for (const name of COUNTS) counts[name] += more[name] ?? 0
      watcher.counted({ ...counts })
    },
  })
  const names = storySteps({ simulated: stage.material.simulated })
  const steps: Step[] = []
  const started = performance.now()
  for (const name of names) {
    if (signal.aborted) break
    current = name
    checks = []
    const begun = performance.now()
    watcher.begun(name, ACTS[name].title)
    try {
      const act = ACTS[name].play(stage)
      // An interrupted step is left where it is: whoever closes the consortium waits for what is under way.
      act.catch(() => undefined)
      await Promise.race([act, interruption])
      if (signal.aborted) break
    } catch (error) {
      if (signal.aborted) break
      stage.check(
        'the step could be played to its end',
        false,
        isIsletError(error) ? error.code : 'UNEXPECTED',
      )
      stage.failed?.(error)
    }
    const ok = checks.length > 0 && checks.every((check) => check.ok)
    const step: Step = { name, ok, seconds: round((performance.now() - begun) / 1000), checks }
    steps.push(step)
    watcher.ended(step)
    if (name === 'open' && stage.progress.opened !== undefined) {
      watcher.opened(stage.reader.name, stage.progress.opened)
    }
  }
  signal.removeEventListener('abort', interrupted)
  const ok = steps.length === names.length && steps.every((step) => step.ok)
  const { dump } = stage.progress
  return {
    ok,
    seconds: round((performance.now() - started) / 1000),
    steps,
    ...(dump === undefined ? {} : { dump }),
  }
}

const COUNTS = ['patients', 'readings', 'grants', 'revokes', 'accesses', 'refusals', 'anchors'] as const

function round(seconds: number): number {
  return Math.round(seconds * 1000) / 1000
}
