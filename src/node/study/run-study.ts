/**
 * Runs the rounds of a study at the sites of this node, until the plan's rounds stand, and issues the passport.
 *
 * Laws: it holds no state: stopped at any moment and run again, it goes on where the ledger stands; who is awaited and
 * until when is told; a failed round is told and another one opened, a bounded number of times. While the ledger takes
 * nothing, what was done waits in the sites' journals and nothing goes out; it is tried again until the ledger is back.
 */
import type { PassportDocument } from '../../api/study.door.ts'
import type { StudyDeployment } from '../../ledger/index.ts'
import { buildPassport, openNextRound, passportRecords, type SiteStep } from '../../study/index.ts'
import { type InstitutionId, IsletError } from '../../vocabulary/index.ts'
import {
  haltOf,
  interrupted,
  type LedgerPause,
  ledgerPause,
  type PauseOptions,
  type PauseWatcher,
} from './ledger-pause.ts'
import { resultDocument } from './recorded-results.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'
import type { HostedSite, StudySites } from './study-sites.ts'

/** What is told while rounds run. */
export interface RunWatcher extends PauseWatcher {
  opened?(round: number): void
  stepped?(site: string, step: SiteStep): void
  /** Nobody here can do more; others are awaited at most until the instant. `because`: what holds sites up that is not others. */
  waiting?(awaited: readonly InstitutionId[], untilSeconds: number, because: readonly string[]): void
  ended?(round: number, phase: 'FAILED' | 'FINAL'): void
}

export interface RunOptions extends PauseOptions {
  readonly watcher?: RunWatcher
  /** Rounds that may fail before the run gives up. */
  readonly mostFailures?: number
  /** Rounds after which the run pauses, whether or not the plan has more. */
  readonly mostRounds?: number
}

/** What a run needs of a desk, and of the sites. */
export type RunningDesk = Pick<StudyDesk, 'chain' | 'signerOf'>
export interface RunningSites {
  readonly study: Pick<StudySites['study'], 'id'>
  readonly sites: readonly { readonly key: string; readonly site: Pick<HostedSite['site'], 'step'> }[]
}

const SECOND = 1_000

/** Runs until the plan's rounds stand. Throws `STUDY_STOPPED` (facts.because), `INTERRUPTED`, and the ledger's codes. */
export async function runStudy(
  desk: RunningDesk,
  running: RunningSites,
  options: RunOptions = {},
): Promise<void> {
  const { watcher = {}, mostFailures = 3, mostRounds = Number.POSITIVE_INFINITY } = options
  const standing = ledgerPause(options)
  const { id } = running.study
  const [first] = running.sites
  if (first === undefined) throw stopped('NO_SITE_HERE')
  const acts = desk.chain.as(desk.signerOf(first.key))
  for (let failures = 0, done = 0; done < mostRounds; ) {
    const conducted = await standing(() => openNextRound(desk.chain, acts, id))
    if (conducted.code === 'COMPLETE') return
    if (conducted.code === 'NOT_RUNNING') throw stopped(conducted.code)
    // Refused because somebody else opened it first: then it is ours to finish all the same.
    if (conducted.code === 'REFUSED' && (await desk.chain.latestRound(id)) < conducted.round)
      throw stopped(conducted.code)
    if (conducted.code === 'OPENED') watcher.opened?.(conducted.round)
    await finishRound(desk, running.sites, standing, options)
    const round = await standing(() => desk.chain.round(id, conducted.round))
    if (round?.phase !== 'FINAL' && round?.phase !== 'FAILED') throw interrupted()
    watcher.ended?.(conducted.round, round.phase)
    if (round.phase === 'FINAL') done++
    else if (++failures >= mostFailures) throw stopped('ROUNDS_FAILED')
  }
}

async function finishRound(
  desk: RunningDesk,
  sites: RunningSites['sites'],
  standing: LedgerPause,
  { watcher = {}, signal }: RunOptions,
): Promise<void> {
  while (signal?.aborted !== true) {
    const steps = await standing(() => turn(sites, watcher))
    if (steps.every(({ did }) => did === 'rest')) return
    const waits = steps.flatMap((step) => (step.did === 'wait' ? [step] : []))
    if (waits.length < steps.length) continue
    const until = Math.min(...waits.map((step) => step.until))
    const because = new Set(waits.flatMap((step) => step.because ?? []))
    watcher.waiting?.([...new Set(waits.flatMap((step) => step.awaited))], until, [...because])
    // No block tells of words and objects that others have put: they are looked for again in a second.
    const isAskedAgain = waits.some(({ because }) => because !== undefined)
    await nextChange(desk, isAskedAgain ? Math.floor(Date.now() / SECOND) : until, signal)
  }
}

/** One step of every site; throws only when all have ended theirs, so that no site ever takes two at once. */
async function turn(sites: RunningSites['sites'], watcher: RunWatcher): Promise<readonly SiteStep[]> {
  const turns = await Promise.allSettled(
    sites.map(async ({ key, site }) => {
      const step = await site.step()
      watcher.stepped?.(key, step)
      return step
    }),
  )
  const failed = turns.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  if (failed.length > 0) throw failed.find((error) => haltOf(error) === undefined) ?? failed[0]
  return turns.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
}

/** Resolves at the next block, or a second after the deadline, when the step can be ended. */
function nextChange({ chain }: RunningDesk, until: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer)
      stopWatching()
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.max(0, (until + 1) * SECOND - Date.now()))
    const stopWatching = chain.watchHeads(done)
    signal?.addEventListener('abort', done, { once: true })
  })
}

/** The passport of the standing model, kept among the study's papers with the reports of its rounds. */
export async function issuePassport(
  desk: StudyDesk,
  { study, objects }: StudySites,
  file: StudyFile,
  ledger: { readonly chainId: number; readonly deployment: Pick<StudyDeployment, 'rounds' | 'studies'> },
): Promise<PassportDocument> {
  const { studies, rounds } = ledger.deployment
  const records = await passportRecords(
    {
      chain: desk.chain,
      objects,
      ledger: { chainId: ledger.chainId, studies, rounds },
      application: { salt: file.salt, firstPlanHash: file.first_plan_hash },
      plan: study.plan,
      result: (hash) => resultDocument(desk, objects, hash),
    },
    study.id,
  )
  for (const { report } of records.rounds) await desk.shelf.keepReport(report)
  const passport = buildPassport(records)
  await desk.shelf.keepPassport(passport)
  return passport
}

/** Why a run ended before its last round, and what to do. */
const STOPPED = {
  NO_SITE_HERE: [
    'no approved site of the study is of this node',
    'A site’s own reviewers let it in: islet study approve --as SITE --office site',
  ],
  NOT_RUNNING: [
    'the study is not open, or its plan or approval has ended',
    'See where it stands: islet study status',
  ],
  REFUSED: [
    'the ledger refused to open the next round',
    'Too few sites may be left, or somebody else was first: islet study status',
  ],
  ROUNDS_FAILED: [
    'rounds failed, one after the other',
    'What sites lacked is said beside each round: more consents, or people with more data, are needed.',
  ],
} as const

function stopped(because: keyof typeof STOPPED): IsletError {
  const [message, remedy] = STOPPED[because]
  return new IsletError('STUDY_STOPPED', message, { because }, { remedy })
}
