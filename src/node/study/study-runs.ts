/**
 * Studies that run at this node's sites while it serves: started by word of the applicant, watched by who may read them.
 *
 * Laws: a study runs once at a time; a run that was cut off, also by the node's end, is begun again where the ledger
 * stands; after its last round the passport is issued and the model compared, as `islet study run` does.
 */
import type { StudyRun } from '../../api/index.ts'
import { type Hash32, IsletError, isIsletError } from '../../vocabulary/index.ts'
import type { Consortium } from '../world/consortium.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyFile } from './study-shelf.ts'

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

export function studyRuns(consortium: Consortium, report: (error: unknown) => void): StudyRuns {
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
    const sites = await openStudySites(consortium, desk, file)
    await runStudy(desk, sites, {
      signal: stopping.signal,
      patience: PATIENCE_SECONDS,
      watcher: {
        halted: () => tell(file.study, { state: 'awaits-ledger', because: null }),
        resumed: () => tell(file.study, { state: 'running', because: null }),
      },
    })
    const { chainId } = consortium.ledger
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

function reasonOf(error: unknown): string {
  if (!isIsletError(error)) return 'UNEXPECTED'
  return String(error.facts['because'] ?? error.code)
}
