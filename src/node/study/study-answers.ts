/**
 * The routes of studies over the papers and the ledger of this node.
 *
 * Law: asking deploys nothing: where the papers know no study, there is none; a sheet is shown by the hash that a consent
 * names, and what changed since another version in words.
 */
import type { Handlers } from '../../api/index.ts'
import { sheetDifference } from '../../study/index.ts'
import { type Hash32, IsletError } from '../../vocabulary/index.ts'
import { deskOnce } from './desk-once.ts'
import { changeOf } from './join-study.ts'
import { noStudyHere } from './not-here.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudiesForPeople } from './study-for-people.ts'
import type { StudyReads } from './study-reads.ts'
import { type StudyFile, type StudyShelf, studyShelf } from './study-shelf.ts'
import type { StudyTown } from './study-town.ts'

/** The routes of studies, on a node that has papers of them. */
export function studyAnswers(
  town: StudyTown,
  desk: () => Promise<StudyDesk> = deskOnce(town),
  shelf: StudyShelf = studyShelf(town.directory),
): Pick<Handlers, 'studySheet' | 'studyVouchers'> {
  const opened = async (id: Hash32): Promise<{ readonly desk: StudyDesk; readonly file: StudyFile }> => {
    const file = (await shelf.studies()).find(({ study }) => study === id)
    if (file === undefined) throw noStudyHere()
    return { desk: await desk(), file }
  }
  return {
    studySheet: async ({ params: { study }, query: { before } }) => {
      const { desk } = await opened(study)
      const { sheet: hash } = await desk.chain.plan(study)
      const sheet = await shelf.sheet(hash)
      const old = before === undefined ? undefined : await shelf.sheet(before)
      if (sheet === undefined || (before !== undefined && old === undefined)) throw noSheet()
      const changes = old === undefined ? null : sheetDifference(old, sheet).map(changeOf)
      return { study, information_sheet: hash, sheet, changes }
    },
    studyVouchers: async ({ params: { study } }) => {
      const { desk } = await opened(study)
      const sites = await desk.chain.approvedSites(study)
      return {
        study,
        sites: await Promise.all(
          sites.map(async (id) => ({ id, batch: (await desk.credits.batch(study, id)) ?? null })),
        ),
      }
    },
  }
}

/** A node that keeps no papers of studies. */
export const NO_STUDIES: Pick<Handlers, 'studySheet' | 'studyVouchers'> & StudyReads & StudiesForPeople = {
  studySheet: none,
  studyVouchers: none,
  openStudies: async () => ({ studies: [] }),
  forecaster: async () => ({ forecaster: null }),
  studyInvitations: none,
  studyHistory: none,
  cohortProof: none,
  voucher: none,
  study: none,
  studyPapers: none,
  studyPassport: none,
  studyDraft: none,
  studies: async () => ({ studies: [] }),
  studyRegistry: async () => ({ schema: 'islet.study.registry/1', models: [] }),
  studyEvents: () => {
    throw noStudyHere()
  },
}

async function none(): Promise<never> {
  throw noStudyHere()
}

function noSheet(): IsletError {
  return new IsletError(
    'STUDY_PAPER_MISSING',
    'no information sheet of this hash is here',
    {},
    { remedy: 'Ask the applicant; the present sheet’s hash is on the ledger.' },
  )
}
