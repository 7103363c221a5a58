/**
 * Studies that run at this node's sites while it serves: started by word of the applicant, watched by who may read them.
 *
 * Laws: a study runs once at a time; a run that was cut off, also by the node's end, is begun again where the ledger
 * stands; after its last round the passport is issued and the model compared, as `islet study run` does.
 */
import type { StudyRun } from '../../api/index.ts'
import { type Hash32, type InstitutionId, IsletError, isIsletError } from '../../vocabulary/index.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'
import type { StudySites } from './study-sites.ts'
import type { StudyTown } from './study-town.ts'

export interface StudyRuns {
  stateOf(study: Hash32): StudyRun
  /** Begins to run it. Throws `STUDY_RUNS_ALREADY`. */
  start(desk: StudyDesk, file: StudyFile): StudyRun
  /** Calls back when a run begins, ends, or waits for the ledger; gives what ends that. */
  watch(notice: () => void): () => void
  /** Stops all of them and waits until they have. */
  close(): Promise<void>
}

/** Seconds that a ledger which takes nothing is waited for. */
const PATIENCE_SECONDS = 3_600
const IDLE: StudyRun = { state: 'idle', because: null }

export function studyRuns(town: StudyTown, report: (error: unknown) => void): StudyRuns {
  const states = new Map<Hash32, StudyRun>()
  const running = new Map<Hash32, Promise<void>>()
  const watchers = new Set<() => void>()
  const stopping = new AbortController()
  const tell = (study: Hash32, state: StudyRun): void => {
    states.set(study, state)
    for (const notice of watchers) notice()
  }
  const run = async (desk: StudyDesk, file: StudyFile): Promise<void> => {
    // Learning is loaded where it is used.
    const [{ openStudySites }, { issuePassport, runStudy }, { compareModel }] = await Promise.all([
      import('./study-sites.ts'),
      import('./run-study.ts'),
      import('./judge-desk.ts'),
    ])
    const sites = await openStudySites(town, desk, file)
    const others = await sitesElsewhere(town, desk, file)
    const elsewhere = conductElsewhere(sites, others, stopping.signal)
    // Heard of when the own sites are done.
    elsewhere.catch(() => undefined)
    if (sites.sites.length > 0 || others.length === 0)
      await runStudy(desk, sites, {
        signal: stopping.signal,
        patience: PATIENCE_SECONDS,
        watcher: {
          halted: () => tell(file.study, { state: 'awaits-ledger', because: null }),
          resumed: () => tell(file.study, { state: 'running', because: null }),
        },
      })
    await elsewhere
    // Who is no site reads no updates: its passport is that of the sites.
    if (sites.sites.length === 0) return
    const { chainId } = town.ledger
    await issuePassport(desk, sites, file, { chainId, deployment: desk.deployment })
    await compareModel(desk, file, sites)
  }
  return {
    stateOf: (study) => states.get(study) ?? IDLE,
    start: (desk, file) => {
      const { study } = file
      if (running.has(study))
        throw new IsletError(
          'STUDY_RUNS_ALREADY',
          'the study runs at this node already',
          {},
          { remedy: 'watch it; it ends by itself' },
        )
      const state: StudyRun = { state: 'running', because: null }
      const work = run(desk, file)
        .then(() => tell(study, IDLE))
        .catch((error: unknown) => {
          if (!isIsletError(error, 'STUDY_STOPPED', 'INTERRUPTED')) report(error)
          tell(study, { state: 'stopped', because: reasonOf(error) })
        })
        .finally(() => running.delete(study))
      running.set(study, work)
      tell(study, state)
      return state
    },
    watch: (notice) => {
      watchers.add(notice)
      return () => void watchers.delete(notice)
    },
    close: async () => {
      stopping.abort()
      await Promise.allSettled(running.values())
    },
  }
}

/** Sites that the applicant has take part by messages; none where the applicant itself lives elsewhere. */
async function sitesElsewhere(
  { hosted }: StudyTown,
  { chain }: StudyDesk,
  { study, applicant }: StudyFile,
): Promise<readonly InstitutionId[]> {
  if (!hosted.has(applicant)) return []
  const here = new Set([...hosted.values()].map(({ id }) => id))
  return (await chain.approvedSites(study)).filter((site) => !here.has(site))
}

/** Has sites take part until none does any more. Throws `STUDY_STOPPED` where none came to the end. */
async function conductElsewhere(
  { study, elsewhere }: StudySites,
  others: readonly InstitutionId[],
  signal: AbortSignal,
): Promise<void> {
  const ended = await Promise.all(
    others.map((site) =>
      elsewhere
        .rounds(site, study.id, signal)
        .catch((error: unknown) => ({ state: 'stopped' as const, because: reasonOf(error) })),
    ),
  )
  const [first] = ended
  if (first === undefined || ended.some(({ state }) => state !== 'stopped')) return
  const because = first.because ?? 'UNEXPECTED'
  throw new IsletError('STUDY_STOPPED', 'no site came to the end of the rounds', { because })
}

function reasonOf(error: unknown): string {
  if (!isIsletError(error)) return 'UNEXPECTED'
  return String(error.facts['because'] ?? error.code)
}
