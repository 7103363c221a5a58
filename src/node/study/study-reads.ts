/**
 * What researchers, committees and auditors read of the studies of a running node.
 *
 * Laws: asking deploys nothing: where the papers know no study, there is none; no answer holds a person, a consent or how
 * many people a site brought; whoever watches hears how the study stands and then each change, as blocks bring it.
 */
import type { Handlers, StudyEvent, StudyStandingAnswer } from '../../api/index.ts'
import { type Hash32, IsletError, parseInstant, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { draftStudy } from './draft-study.ts'
import { noStudyHere, paperMissing } from './not-here.ts'
import { studyBytes } from './study-bytes.ts'
import type { StudyDesk } from './study-desk.ts'
import { studyModels } from './study-models.ts'
import type { StudyRuns } from './study-runs.ts'
import type { StudyFile, StudyShelf } from './study-shelf.ts'
import { studyStatus } from './study-status.ts'

export type StudyReads = Pick<
  Handlers,
  'studies' | 'study' | 'studyEvents' | 'studyPapers' | 'studyPassport' | 'studyRegistry' | 'studyDraft'
>

export interface ReadParts {
  readonly shelf: StudyShelf
  readonly desk: () => Promise<StudyDesk>
  readonly runs: StudyRuns
  readonly clock: () => UnixSeconds
}

const DAY = 86_400

/** The words of whatever conditions a study's committee named. */
async function conditionsIn(
  shelf: StudyShelf,
  { committee: { conditions, votes } }: StudyStandingAnswer['study'],
): Promise<StudyStandingAnswer['conditions']> {
  const hashes = new Set([conditions, ...votes.map((vote) => vote.conditions)])
  const found: StudyStandingAnswer['conditions'] = []
  for (const hash of hashes) {
    const words = hash === null ? undefined : await shelf.conditions(hash)
    if (hash !== null && words !== undefined) found.push({ hash, words })
  }
  return found
}

export function studyReads({ shelf, desk, runs, clock }: ReadParts): StudyReads {
  const opened = async (study: Hash32): Promise<readonly [StudyDesk, StudyFile]> => {
    const file = (await shelf.studies()).find((one) => one.study === study)
    if (file === undefined) throw noStudyHere()
    return [await desk(), file]
  }
  const bytesOf = studyBytes()
  const standing = async (study: Hash32): Promise<StudyStandingAnswer> => {
    const [at, file] = await opened(study)
    const status = await studyStatus(at, file)
    const comparison = await shelf.comparison(study)
    const isOfModel = comparison !== undefined && comparison.version === status.model?.version
    return {
      study: { ...status, ...(isOfModel ? { comparison } : {}) },
      names: at.institutions.map(({ key, name }) => ({ key, name })),
      run: runs.stateOf(study),
      conditions: await conditionsIn(shelf, status),
      bytes: await bytesOf(at, status),
    }
  }
  return {
    studies: async () => {
      const files = await shelf.studies()
      if (files.length === 0) return { studies: [] }
      const { chain, handleOf, institutions } = await desk()
      const studies = await Promise.all(
        files.map(async ({ study: id }) => {
          const [study, terms] = [await chain.study(id), await chain.plan(id)]
          if (study.state === 'NONE') return undefined
          return {
            study: id,
            title: (await shelf.plan(terms.document))?.title ?? '',
            state: study.state,
            applicant: handleOf(study.applicant),
            applicant_name: institutions.find((one) => one.id === study.applicant)?.name ?? study.applicant,
            plan_version: study.version,
            rounds: { opened: await chain.latestRound(id), planned: terms.rounds },
          }
        }),
      )
      return { studies: studies.filter((study) => study !== undefined) }
    },
    study: ({ params }) => standing(params.study),
    studyEvents: ({ params, signal }) => watched(() => standing(params.study), desk, runs, signal),
    studyPapers: async ({ params: { study } }) => {
      const [{ chain }] = await opened(study)
      const [{ planHash }, terms] = [await chain.study(study), await chain.plan(study)]
      const [plan, sheet] = [await shelf.plan(terms.document), await shelf.sheet(terms.sheet)]
      if (plan === undefined || sheet === undefined) throw paperMissing()
      return { study, plan, plan_hash: planHash, sheet }
    },
    studyPassport: async ({ params: { study } }) => {
      const passport = await shelf.passport(study)
      if (passport === undefined) throw noPassport()
      return passport
    },
    studyRegistry: async () => {
      const models = (await shelf.studies()).length === 0 ? [] : await studyModels(await desk())
      return { schema: 'islet.study.registry/1', models: [...models] }
    },
    studyDraft: async ({ query: { from, until, minimum_days: minimumDays = 14 } }) => {
      const today = Math.floor(clock() / DAY) * DAY
      const at = (days: number): UnixSeconds => quantity<UnixSeconds>(today + days * DAY)
      const { plan, sheet } = draftStudy({
        from: from === undefined ? at(-90) : parseInstant(from),
        until: until === undefined ? at(0) : parseInstant(until),
        expires: at(180),
        minimumDays,
      })
      return { plan, sheet }
    },
  }
}

/** How a study stands, told whenever it stands otherwise than told before. */
async function* watched(
  standing: () => Promise<StudyStandingAnswer>,
  desk: () => Promise<StudyDesk>,
  runs: StudyRuns,
  signal: AbortSignal,
): AsyncGenerator<StudyEvent> {
  let wake = (): void => undefined
  let changed = true
  const notice = (): void => {
    changed = true
    wake()
  }
  // Asked first: of a study that is not here nothing is watched.
  let value = await standing()
  const ends = [(await desk()).chain.watchHeads(notice), runs.watch(notice)]
  signal.addEventListener('abort', notice)
  try {
    for (let told = ''; !signal.aborted; value = await standing()) {
      const text = JSON.stringify(value)
      if (text !== told) yield { type: 'standing', value }
      told = text
      if (!changed) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      changed = false
    }
  } finally {
    for (const end of ends) end()
    signal.removeEventListener('abort', notice)
  }
}

function noPassport(): IsletError {
  return new IsletError(
    'NO_PASSPORT_YET',
    'no model of this study has a passport here',
    {},
    { remedy: 'It is issued after the last round of a run.' },
  )
}
