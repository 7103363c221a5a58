/**
 * What anybody may ask of the studies of this node before and after joining one: which there are, who invites, what every
 * round rested on, and a proof for one’s own mark.
 *
 * Law: nothing is answered to one person that another would not get; who is in a cohort is said of a mark only.
 */
import type { Handlers } from '../../api/index.ts'
import type { CohortProof, StudyPlan } from '../../study/index.ts'
import { fromHex, type Hash32, isIsletError } from '../../vocabulary/index.ts'
import { noStudyHere, paperMissing } from './not-here.ts'
import { standingForecaster } from './standing-forecaster.ts'
import type { StudyDesk } from './study-desk.ts'
import { historyOf } from './study-history.ts'
import { studyInvitations } from './study-invitations.ts'
import type { StudyFile, StudyShelf } from './study-shelf.ts'
import type { StudySites } from './study-sites.ts'
import type { StudyTown } from './study-town.ts'

export type StudiesForPeople = Pick<
  Handlers,
  'openStudies' | 'studyInvitations' | 'studyHistory' | 'cohortProof' | 'forecaster' | 'voucher'
>

interface PeopleParts {
  readonly consortium: StudyTown
  readonly shelf: StudyShelf
  readonly desk: () => Promise<StudyDesk>
}

/** States in which nobody was ever asked. */
const NEVER_OPEN: readonly string[] = ['SUBMITTED', 'CONDITIONAL', 'APPROVED', 'REJECTED']

export function studiesForPeople({ consortium, shelf, desk }: PeopleParts): StudiesForPeople {
  const invitations = studyInvitations(consortium)
  const sitesOf = sitesOnce(consortium)
  const opened = async (study: Hash32): Promise<readonly [StudyDesk, StudyFile]> => {
    const file = (await shelf.studies()).find((one) => one.study === study)
    if (file === undefined) throw noStudyHere()
    return [await desk(), file]
  }
  return {
    openStudies: async () => {
      const files = await shelf.studies()
      if (files.length === 0) return { studies: [] }
      const at = await desk()
      const studies = await Promise.all(files.map((file) => offered(at, file)))
      return { studies: studies.filter((study) => study !== undefined) }
    },
    studyInvitations: async ({ params: { study } }) => {
      const requests = await invitations(...(await opened(study)))
      return { study, invitations: requests.map((request) => ({ ...request })) }
    },
    studyHistory: async ({ params: { study } }) => {
      const [at, file] = await opened(study)
      const { rounds, versions, title, purpose } = await historyOf(at, file, await planOf(at, study))
      return {
        study,
        title,
        duo: [...purpose],
        rounds: rounds.map(({ round, openedAt, cohortRoots, survivors }) => ({
          round,
          opened_seconds: openedAt,
          cohorts: [...cohortRoots].map(([site, root]) => ({ site, root })),
          survivors: [...survivors],
        })),
        versions: versions.map(({ number, model, round, base, isWithdrawn }) => ({
          number,
          model,
          round,
          base,
          withdrawn: isWithdrawn,
        })),
      }
    },
    forecaster: async () => {
      const files = await shelf.studies()
      return { forecaster: files.length === 0 ? null : await standingForecaster(await desk(), files) }
    },
    voucher: async ({ params: { study, site, ...voucher } }) => {
      const [at, file] = await opened(study)
      const running = await sitesOf(at, file)
      const { standingVoucher } = await import('./shown-voucher.ts')
      return standingVoucher({ consortium, desk: at, file, running }, site, voucher)
    },
    cohortProof: async ({ params: { study, round, site, mark } }) => {
      const { sites } = await sitesOf(...(await opened(study)))
      const hosted = sites.find(({ ports }) => ports.own === site)
      return { proof: hosted === undefined ? null : await proofOf(hosted, round, mark) }
    },
  }
}

async function offered({ chain, shelf, institutions }: StudyDesk, { study, plans }: StudyFile) {
  const { state, applicant, version } = await chain.study(study)
  const { document } = await chain.plan(study)
  const plan = await shelf.plan(document)
  if (plan === undefined || state === 'NONE') return undefined
  // A plan that was replaced waits for votes anew, and those who had joined shall see it.
  if (version === 1 && NEVER_OPEN.includes(state)) return undefined
  const earlier = await Promise.all(plans.map(async (one) => (await shelf.plan(one))?.information_sheet))
  const sheets = earlier.flatMap((sheet) =>
    sheet === undefined || sheet === plan.information_sheet ? [] : [sheet],
  )
  return {
    study,
    title: plan.title,
    question: plan.question,
    state,
    applicant: institutions.find(({ id }) => id === applicant)?.name ?? applicant,
    duo: [...plan.purpose.duo],
    kinds: [...plan.data.kinds],
    from: plan.data.from,
    until: plan.data.until,
    expires: plan.expires,
    sheets: [...new Set(sheets), plan.information_sheet],
  }
}

async function planOf({ chain, shelf }: StudyDesk, study: Hash32): Promise<StudyPlan> {
  const plan = await shelf.plan((await chain.plan(study)).document)
  if (plan === undefined) throw paperMissing()
  return plan
}

async function proofOf(
  { site }: StudySites['sites'][number],
  round: number,
  mark: Hash32,
): Promise<CohortProof | null> {
  try {
    return await site.prove(round, fromHex(mark))
  } catch (error) {
    // A site that lost its note proves nothing, and says so.
    if (isIsletError(error, 'COHORT_LOST')) return null
    throw error
  }
}

/** The sites of a study, opened once for all questions until the next block. */
function sitesOnce(consortium: StudyTown): (desk: StudyDesk, file: StudyFile) => Promise<StudySites> {
  const known = new Map<Hash32, { readonly height: number; readonly sites: Promise<StudySites> }>()
  return async (desk, file) => {
    const { height } = await desk.chain.head()
    const at = known.get(file.study)
    if (at?.height === height) return at.sites
    // Learning is loaded where it is used.
    const sites = import('./study-sites.ts').then(({ openStudySites }) =>
      openStudySites(consortium, desk, file),
    )
    known.set(file.study, { height, sites })
    sites.catch(() => known.delete(file.study))
    return sites
  }
}
