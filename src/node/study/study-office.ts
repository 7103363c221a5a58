/**
 * The studies of a running node, for the people of its institutions: what they may read, and what their messages do.
 *
 * Laws: a person speaks to the institution they work at; what it does it does under that institution's own keys, and the
 * ledger judges it; only the applicant's people open a study, have it run and have its contributions computed.
 */
import type { Handlers, MessageHandlers } from '../../api/index.ts'
import { serially } from '../../consent/index.ts'
import { checkedPlan, checkedSheet } from '../../study/index.ts'
import { type Hash32, IsletError, parseInstant, quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import { wallClock } from '../institution/wire.ts'
import { acceptConditions, DECISION_ACTIONS, decideStudy, openStudy } from './decide-study.ts'
import { deskOnce } from './desk-once.ts'
import { explained } from './explain-refusal.ts'
import { noStudyHere } from './not-here.ts'
import { studyAnswers } from './study-answers.ts'
import type { StudyDesk } from './study-desk.ts'
import { type StudiesForPeople, studiesForPeople } from './study-for-people.ts'
import { type StudyReads, studyReads } from './study-reads.ts'
import { type StudyRuns, studyRuns } from './study-runs.ts'
import { type StudyFile, type StudyShelf, studyShelf } from './study-shelf.ts'
import type { StudyTown } from './study-town.ts'

export interface StudyOffice {
  readonly handlers: StudyReads & StudiesForPeople & Pick<Handlers, 'studySheet' | 'studyVouchers'>
  close(): Promise<void>
}

export interface OfficeOptions {
  readonly desk?: () => Promise<StudyDesk>
  readonly shelf?: StudyShelf
}

/** Answers for studies from now on, at the inboxes of all institutions here too. */
export function studyOffice(
  consortium: StudyTown,
  report: (error: unknown) => void,
  { desk = deskOnce(consortium), shelf = studyShelf(consortium.directory) }: OfficeOptions = {},
): StudyOffice {
  const runs = studyRuns(consortium, report)
  const clock = (): UnixSeconds => quantity<UnixSeconds>(Math.floor(wallClock()))
  for (const house of consortium.hosted.values())
    house.serve(officeMessages({ consortium, desk, shelf, runs, as: house.key }))
  return {
    handlers: {
      ...studyAnswers(consortium, desk, shelf),
      ...studyReads({ shelf, desk, runs, clock }),
      ...studiesForPeople({ consortium, shelf, desk }),
    },
    close: runs.close,
  }
}

interface OfficeParts {
  readonly consortium: StudyTown
  readonly desk: () => Promise<StudyDesk>
  readonly shelf: StudyShelf
  readonly runs: StudyRuns
  /** Handle of the institution whose inbox it is. */
  readonly as: string
}

/** What an institution does with the messages of its own people, and of those who took part. */
function officeMessages({ consortium, desk, shelf, runs, as }: OfficeParts): MessageHandlers {
  // Claims are written into one file.
  const claims = serially()
  const fileOf = async (study: Hash32): Promise<StudyFile> => {
    const file = (await shelf.studies()).find((one) => one.study === study)
    if (file === undefined) throw noStudyHere()
    return file
  }
  const ownFile = async (study: Hash32): Promise<StudyFile> => {
    const file = await fileOf(study)
    if (file.applicant === as) return file
    throw notTheApplicant()
  }
  const standing = async (study: Hash32) => {
    const { state } = await (await desk()).chain.study(study)
    if (state === 'NONE') throw noStudyHere()
    return { study, state }
  }
  return {
    'study-feasibility': async ({ plan }) => {
      const { askFeasibility } = await import('./feasibility-desk.ts')
      const { key, id } = consortium.house(as)
      const sites = [...consortium.hosted.values()]
      return askFeasibility(consortium, {
        asker: { key, id },
        plan: checkedPlan(plan),
        sites,
        now: wallClock(),
      })
    },
    'study-application': async ({ plan, sheet, replaces }) => {
      const papers = [checkedPlan(plan), checkedSheet(sheet)] as const
      const at = await desk()
      const file =
        replaces === null
          ? await at.submit(as, ...papers)
          : await at.amend(await ownFile(replaces), ...papers).catch(async (error: unknown) => {
              throw await explained(at, replaces, error)
            })
      return standing(file.study)
    },
    'study-decision': async ({ study, plan_hash: planHash, decision, until, conditions }) => {
      await fileOf(study)
      const at = await desk()
      await decideStudy(at, {
        as,
        study,
        planHash,
        decision,
        ...(until === null ? {} : { until: parseInstant(until) }),
        ...(conditions === null ? {} : { conditions }),
      }).catch(async (error: unknown) => {
        throw await explained(at, study, error, DECISION_ACTIONS[decision])
      })
      return standing(study)
    },
    'study-opening': async ({ study, conditions }) => {
      const file = await ownFile(study)
      const at = await desk()
      const opening = conditions === null ? openStudy(at, file) : acceptConditions(at, file, conditions)
      await opening.catch(async (error: unknown) => {
        throw await explained(at, study, error)
      })
      return standing(study)
    },
    'study-run': async ({ study }) => {
      const file = await ownFile(study)
      return runs.start(await desk(), file)
    },
    'study-rounds': async ({ study, begin }, { from }) => {
      const [file, at] = [await fileOf(study), await desk()]
      const { applicant } = await at.chain.study(study)
      if (from.kind !== 'institution' || from.id !== applicant) throw notTheApplicant()
      if (!(await at.chain.approvedSites(study)).includes(consortium.house(as).id)) throw noStudyHere()
      const { state } = runs.stateOf(study)
      if (begin && (state === 'idle' || state === 'stopped')) runs.start(at, file)
      return { run: runs.stateOf(study) }
    },
    'study-contribution': async ({ study }) => {
      const file = await ownFile(study)
      const at = await desk()
      const [{ openStudySites }, { contributionOnce }] = await Promise.all([
        import('./study-sites.ts'),
        import('./judge-desk.ts'),
      ])
      return (await contributionOnce(at, file, await openStudySites(consortium, at, file))).document
    },
    'voucher-claim': (claim) =>
      claims(async () => {
        const [file, at] = [await fileOf(claim.study), await desk()]
        const [{ openStudySites }, { takeClaim }] = await Promise.all([
          import('./study-sites.ts'),
          import('./shown-voucher.ts'),
        ])
        const running = await openStudySites(consortium, at, file)
        await takeClaim({ consortium, desk: at, file, running }, as, claim)
        return {}
      }),
    'voucher-redemption': async (shown) => {
      await fileOf(shown.voucher.study)
      const { redeemShown } = await import('./shown-voucher.ts')
      return { block: await redeemShown(await desk(), consortium.house(as), shown) }
    },
  }
}

function notTheApplicant(): IsletError {
  return new IsletError(
    'NOT_THE_APPLICANT',
    'another institution applied with this study',
    {},
    { remedy: 'its own people open and run it' },
  )
}
