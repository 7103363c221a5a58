/**
 * Papers of studies between members who live apart: each has of every study on the ledger what its applicant gives.
 *
 * Laws: whatever is fetched is kept only when it is what the ledger names: plan and sheet by their hashes, the study's id
 * by salt and first plan, a passport by the standing model and by its own rules; asking deploys nothing and waits for
 * nobody longer than one time limit a while.
 */
import type { MessageHandlers } from '../../api/index.ts'
import type { PassportDocument } from '../../api/study.door.ts'
import { serially } from '../../consent/index.ts'
import {
  checkedPlan,
  checkedSheet,
  isPassport,
  ledgerPlanOf,
  peerAnswerWrong,
  planDocumentHash,
  planHashOf,
  type StudyPlan,
  sheetHash,
  studyIdOf,
  verifyPassport,
} from '../../study/index.ts'
import {
  type Hash32,
  hash32,
  type InstitutionId,
  institutionId,
  isIsletError,
} from '../../vocabulary/index.ts'
import type { institutionAsk } from '../institution/wire.ts'
import { ANSWER_LIMIT_MS, within } from './ask-peers.ts'
import { noStudyHere, paperMissing } from './not-here.ts'
import type { StudyDesk } from './study-desk.ts'
import type { StudyShelf } from './study-shelf.ts'

/** Gives any member the papers that lie here. Refuses with `STUDY_UNKNOWN`, `STUDY_PAPER_MISSING`. */
export function answerPapers(shelf: StudyShelf): Required<Pick<MessageHandlers, 'study-papers'>> {
  return {
    'study-papers': async ({ study }) => {
      const file = (await shelf.studies()).find((one) => one.study === study)
      if (file === undefined) throw noStudyHere()
      const plans = await Promise.all(file.plans.map((document) => shelf.plan(document)))
      const whole = plans.filter((plan) => plan !== undefined)
      const named = [...new Set(whole.map((plan) => plan.information_sheet))]
      const sheets = (await Promise.all(named.map((sheet) => shelf.sheet(sheet)))).filter(
        (sheet) => sheet !== undefined,
      )
      if (whole.length < plans.length || sheets.length < named.length) throw paperMissing()
      const { salt, first_plan_hash: firstPlanHash } = file
      const passport = (await shelf.passport(study)) ?? null
      return { salt, first_plan_hash: firstPlanHash, plans: whole, sheets, passport }
    },
  }
}

export interface SharedShelfParts {
  readonly own: InstitutionId
  readonly shelf: StudyShelf
  readonly desk: () => StudyDesk
  readonly ask: ReturnType<typeof institutionAsk>
  readonly clock?: () => number
}

/** Who gave no answer, or a wrong one, is left alone for so long, milliseconds. */
const LEFT_ALONE_MS = 30_000

/** The own shelf, which fetches what it has not: studies of others, and the passport of the standing model. */
export function sharedShelf({ own, shelf, desk, ask, clock = Date.now }: SharedShelfParts): StudyShelf {
  const one = serially()
  const onLedger = new Map<Hash32, { readonly applicant: InstitutionId; readonly document: Hash32 }>()
  const leftAlone = new Map<InstitutionId, number>()
  let read = -1

  const asked = async (site: InstitutionId, study: Hash32) => {
    if ((leftAlone.get(site) ?? 0) > clock()) return undefined
    try {
      return await within(ANSWER_LIMIT_MS, ask(site, 'study-papers', { study }))
    } catch (error) {
      if (!isIsletError(error)) throw error
      leftAlone.set(site, clock() + LEFT_ALONE_MS)
      return undefined
    }
  }
  const learn = async (): Promise<void> => {
    const { chain, handleOf } = desk()
    const { height } = await chain.head()
    if (height > read) {
      for await (const event of chain.events(read + 1, height)) {
        if (event.name !== 'Submitted' && event.name !== 'Amended') continue
        const study = hash32(event.args.study)
        const document = hash32(event.args.plan.document)
        const applicant =
          event.name === 'Submitted' ? institutionId(event.args.applicant) : onLedger.get(study)?.applicant
        if (applicant !== undefined) onLedger.set(study, { applicant, document })
      }
      read = height
    }
    const known = new Map((await shelf.studies()).map((file) => [file.study, file.plans.at(-1)]))
    for (const [study, { applicant, document }] of onLedger) {
      if (applicant === own || known.get(study) === document) continue
      const said = await asked(applicant, study)
      if (said === undefined) continue
      try {
        const plans = said.plans.map(checkedPlan)
        requireLedgers(plans, { ...said, study, applicant, document })
        for (const sheet of said.sheets.map(checkedSheet)) await shelf.keepSheet(sheet)
        const documents: Hash32[] = []
        for (const plan of plans) documents.push(await shelf.keepPlan(plan))
        await shelf.keepStudy({
          schema: 'islet.study.file/1',
          study,
          applicant: handleOf(applicant),
          salt: said.salt,
          first_plan_hash: said.first_plan_hash,
          plans: documents,
        })
      } catch (error) {
        if (!isIsletError(error, 'PEER_ANSWER_WRONG', 'PLAN_REFUSED', 'SHEET_REFUSED')) throw error
        leftAlone.set(applicant, clock() + LEFT_ALONE_MS)
      }
    }
  }
  const passportElsewhere = async (study: Hash32, model: Hash32): Promise<PassportDocument | undefined> => {
    for (const site of await desk().chain.approvedSites(study)) {
      const passport = site === own ? null : (await asked(site, study))?.passport
      if (!isPassport(passport) || passport.version.model !== model) continue
      if (hash32(passport.study.id) !== study || !verifyPassport(passport).ok) continue
      for (const { report } of passport.rounds) await shelf.keepReport(report)
      await shelf.keepPassport(passport)
      return passport
    }
    return undefined
  }
  return {
    ...shelf,
    studies: async () => {
      await one(learn)
      return shelf.studies()
    },
    passport: async (study) => {
      const here = await shelf.passport(study)
      const head = await desk().chain.headVersion(study)
      if (head === undefined || here?.version.model === head.model) return here
      return (await one(() => passportElsewhere(study, head.model))) ?? here
    },
  }
}

interface Said {
  readonly study: Hash32
  readonly applicant: InstitutionId
  /** Of the plan that stands on the ledger. */
  readonly document: Hash32
  readonly salt: Hash32
  readonly first_plan_hash: Hash32
  readonly sheets: readonly unknown[]
}

/** Throws `PEER_ANSWER_WRONG` on papers that are not those of the ledger. */
function requireLedgers(plans: readonly StudyPlan[], said: Said): void {
  const [first] = plans
  const last = plans.at(-1)
  const sheets = said.sheets.map((sheet) => sheetHash(checkedSheet(sheet)))
  const isLedgers =
    first !== undefined &&
    last !== undefined &&
    planHashOf(ledgerPlanOf(first)) === said.first_plan_hash &&
    studyIdOf(said.applicant, said.first_plan_hash, said.salt) === said.study &&
    planDocumentHash(last) === said.document &&
    plans.every((plan) => sheets.includes(hash32(plan.information_sheet)))
  if (!isLedgers) throw peerAnswerWrong('NOT_THE_LEDGERS_PAPERS')
}
