/**
 * Studies of a data directory at hand: the contracts, the papers, and who of the institutions here may act.
 *
 * Laws: no key of one institution ever decides for another: each act is sent by the office of the institution that the
 * caller names, and the ledger judges it. From here on the institutions of this node answer the other sites of their
 * studies.
 */
import {
  attachCredits,
  attachStudies,
  type CreditsDeployment,
  deployCredits,
  deployStudies,
  type Signer,
  secp256k1Signer,
} from '../../ledger/index.ts'
import { type CreditsChain, creditsChain } from '../../study/credits-chain.door.ts'
import {
  type InformationSheet,
  LEARNER_CODE,
  ledgerPlanOf,
  planHashOf,
  requireExtractTold,
  type StudyChain,
  type StudyPlan,
  sheetHash,
  studyIdOf,
  studyLearner,
} from '../../study/index.ts'
import { studyChain } from '../../study/study-chain.door.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import {
  type Hash32,
  hash32,
  type InstitutionId,
  IsletError,
  isIsletError,
  toHex,
} from '../../vocabulary/index.ts'
import { OPERATOR } from '../world/charter.ts'
import { answerPeers } from './answer-peers.ts'
import { type DataRootAt, dataRoots } from './data-roots.ts'
import { type Offices, openOffices } from './offices.ts'
import { type StudyFile, type StudyShelf, studyShelf } from './study-shelf.ts'
import { type ShelvesOf, studyShelves } from './study-shelves.ts'
import type { StudyTown } from './study-town.ts'

/** Seats of the committee that make a decision on this node. */
export const COMMITTEE_QUORUM = 3

/** An institution by its handle: of this node, or known to it by name. */
export interface DeskInstitution {
  readonly key: string
  readonly id: InstitutionId
  readonly name: string
}

export interface StudyDesk {
  /** Where the contracts stand. */
  readonly deployment: CreditsDeployment
  readonly chain: StudyChain
  /** Vouchers for taking part. */
  readonly credits: CreditsChain
  readonly shelf: StudyShelf
  readonly institutions: readonly DeskInstitution[]
  /** The root over its sealed objects that an institution had anchored last at a block. */
  readonly anchoredBy: DataRootAt
  /** What the sites of a study in this data directory keep for each other, and for those elsewhere. */
  readonly shelvesOf: ShelvesOf
  /** Handle of an institution, or its id where its name is not known here. */
  handleOf(id: InstitutionId): string
  /** The institution's own ledger key. Throws `INSTITUTION_UNKNOWN`. */
  signerOf(key: string): Signer
  /** Who holds its seat and reviews for its site. Throws `INSTITUTION_UNKNOWN`, `KEY_FILE_LOCKED`. */
  officesOf(key: string): Promise<Offices>
  /** A study by the beginning of its id; the only one when nothing is given. Throws `STUDY_UNKNOWN`, `STUDY_AMBIGUOUS`. */
  find(id: string | undefined): Promise<StudyFile>
  /** Applies with a plan for an institution; the papers are kept before the ledger hears of them. */
  submit(by: string, plan: StudyPlan, sheet: InformationSheet): Promise<StudyFile>
  /** Replaces the plan of a study; every approval is void. */
  amend(file: StudyFile, plan: StudyPlan, sheet: InformationSheet): Promise<StudyFile>
}

/** Opens the desk over a consortium: over contracts that stand, or deploying them the first time. Throws `OTHER_CONTRACT`. */
export async function openStudyDesk(
  town: Pick<StudyTown, 'deployment' | 'directory' | 'hosted' | 'known' | 'ledger' | 'unlock'>,
  standing?: CreditsDeployment,
): Promise<StudyDesk> {
  const { ledger, deployment, hosted, unlock, directory } = town
  const houseOf = (key: string) => {
    const house = hosted.get(key)
    if (house !== undefined) return house
    const remedy = `one of: ${[...hosted.keys()].join(', ')}`
    throw new IsletError('INSTITUTION_UNKNOWN', 'there is no such institution here', { key }, { remedy })
  }
  const signerOf = (key: string): Signer => secp256k1Signer(houseOf(key).keys.ledgerKey)
  const found = async (): Promise<CreditsDeployment> => {
    const by = signerOf(OPERATOR)
    return deployCredits(
      ledger,
      await deployStudies(ledger, deployment, { by, quorum: COMMITTEE_QUORUM }),
      by,
    )
  }
  if (standing !== undefined) await attachStudies(ledger, standing)
  const studies = standing === undefined ? await found() : await attachCredits(ledger, standing)
  const chain = studyChain(ledger, studies)
  const shelf = studyShelf(directory)
  const shelvesOf = studyShelves(directory)
  for (const house of hosted.values()) house.serve(answerPeers({ own: house.id, chain, shelvesOf }))
  const institutions = town.known ?? [...hosted.values()].map(({ key, id, name }) => ({ key, id, name }))

  const keepPapers = async (plan: StudyPlan, sheet: InformationSheet): Promise<Hash32> => {
    requireSheet(plan, sheet)
    requireExtractTold(plan, sheet)
    requireOwnCode(plan)
    requireFirstModel(plan)
    await shelf.keepSheet(sheet)
    return shelf.keepPlan(plan)
  }
  return {
    deployment: studies,
    chain,
    credits: creditsChain(ledger, studies),
    shelf,
    anchoredBy: dataRoots(ledger, studies),
    institutions,
    shelvesOf,
    handleOf: (id) => institutions.find((one) => one.id === id)?.key ?? id,
    signerOf,
    officesOf: (key) => {
      const { id, directory: home } = houseOf(key)
      return openOffices({ id, directory: home, signer: signerOf(key) }, unlock, chain)
    },
    find: async (id) => only(await shelf.studies(), id, (file) => titleOf(shelf, file)),
    submit: async (by, plan, sheet) => {
      const { id: applicant } = houseOf(by)
      const document = await keepPapers(plan, sheet)
      const terms = ledgerPlanOf(plan)
      const firstPlanHash = planHashOf(terms)
      const salt = hash32(toHex(nodeCrypto.cipher.random(32)))
      const study = studyIdOf(applicant, firstPlanHash, salt)
      const file: StudyFile = {
        schema: 'islet.study.file/1',
        study,
        applicant: by,
        salt,
        first_plan_hash: firstPlanHash,
        plans: [document],
      }
      // The salt first: without it nobody could show later how the id was made.
      await shelf.keepStudy(file)
      await chain.as(signerOf(by)).submit(terms, salt)
      return file
    },
    amend: async (file, plan, sheet) => {
      const document = await keepPapers(plan, sheet)
      const next = { ...file, plans: [...file.plans, document] }
      await shelf.keepStudy(next)
      await chain.as(signerOf(file.applicant)).amend(file.study, ledgerPlanOf(plan))
      return next
    },
  }
}

function requireSheet(plan: StudyPlan, sheet: InformationSheet): void {
  const hash = sheetHash(sheet)
  if (hash === plan.information_sheet) return
  throw new IsletError(
    'SHEET_NOT_THE_PLANS',
    'the plan names another information sheet than the one given',
    { sheet: hash },
    { at: { field: 'information_sheet' }, remedy: `Put information_sheet: "${hash}" into the plan.` },
  )
}

/** What is approved is what will train: a plan for another code would stop at every site. */
function requireOwnCode({ model }: StudyPlan): void {
  if (model.code_hash === LEARNER_CODE) return
  throw new IsletError(
    'CODE_NOT_THE_PLANS',
    'the plan names another code than the one that trains here',
    { hash: LEARNER_CODE },
    {
      at: { field: 'model.code_hash' },
      remedy: `Put code_hash: "${LEARNER_CODE}" into the plan, or run the version of Islet that it names.`,
    },
  )
}

/**
 * Whoever changed features or model of a plan learns it before anybody approves. A plan for a model that this version
 * does not train is not judged here.
 */
function requireFirstModel(plan: StudyPlan): void {
  const hash = firstModelOf(plan)
  if (hash === undefined || hash === plan.model.initial_hash) return
  throw new IsletError(
    'MODEL_NOT_THE_PLANS',
    'the plan names another first model than its model and features give',
    { hash },
    { at: { field: 'model.initial_hash' }, remedy: `Put initial_hash: "${hash}" into the plan.` },
  )
}

function firstModelOf(plan: StudyPlan): Hash32 | undefined {
  try {
    const learner = studyLearner(plan, { hasher: nodeCrypto.hasher })
    return learner.modelHash(learner.firstModel())
  } catch (error) {
    if (isIsletError(error, 'MODEL_UNKNOWN', 'STRATEGY_UNKNOWN', 'PRIVACY_UNSUPPORTED')) return undefined
    throw error
  }
}

/** Title of a study's newest plan that is kept here. */
async function titleOf(shelf: StudyShelf, { plans }: StudyFile): Promise<string> {
  const newest = plans.at(-1)
  return (newest === undefined ? undefined : await shelf.plan(newest))?.title ?? 'without a plan here'
}

async function only(
  files: readonly StudyFile[],
  id: string | undefined,
  titled: (file: StudyFile) => Promise<string>,
): Promise<StudyFile> {
  const found = id === undefined ? files : files.filter(({ study }) => study.startsWith(id.toLowerCase()))
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  if (files.length === 0) {
    const remedy = 'Apply with one first: islet study submit study.yaml'
    throw new IsletError('STUDY_UNKNOWN', 'there is no such study here', {}, { remedy })
  }
  const named = await Promise.all(
    files.map(async (file) => `${file.study.slice(0, 12)} (${await titled(file)}, by ${file.applicant})`),
  )
  const remedy = `Name one by the beginning of its id: ${named.join('; ')}`
  if (first === undefined)
    throw new IsletError('STUDY_UNKNOWN', 'there is no such study here', {}, { remedy })
  throw new IsletError('STUDY_AMBIGUOUS', 'more than one study fits', {}, { remedy })
}
