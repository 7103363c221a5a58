/**
 * The papers of studies in a data directory: plans, sheets, round reports, passports.
 *
 * Law: a paper lies under the hash that the ledger knows it by and is checked against it whenever it is read; what a
 * study is and where it stands is asked of the ledger, never of these files.
 */
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import Type, { type Static, type TSchema } from 'typebox'
import { StudyComparison } from '../../api/documents.door.ts'
import {
  InformationSheetDocument,
  PassportDocument,
  RoundReport,
  StudyPlanDocument,
  StudyResult,
} from '../../api/study.door.ts'
import {
  conditionsHash,
  type InformationSheet,
  planDocumentHash,
  reportHash,
  resultHash,
  type StudyPlan,
  sheetHash,
} from '../../study/index.ts'
import { type Hash32, hash32, IsletError } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'

const HASH = '^0x[0-9a-f]{64}$'
const Hash = Type.Unsafe<Hash32>({ type: 'string', pattern: HASH })

/** The words of conditions, which the ledger knows by their hash alone. */
const StudyConditions = Type.Object({
  schema: Type.Literal('islet.study.conditions/1'),
  words: Type.String({ minLength: 1, maxLength: 2_000 }),
})

/** What the id of a study is made of. */
const StudyFile = Type.Object({
  schema: Type.Literal('islet.study.file/1'),
  study: Hash,
  /** Handle of the applicant in this data directory. */
  applicant: Type.String(),
  salt: Hash,
  first_plan_hash: Hash,
  /** Document hashes of its plans, first to last. */
  plans: Type.Array(Hash, { minItems: 1 }),
})
export type StudyFile = Static<typeof StudyFile>

export interface StudyShelf {
  /** Studies of this node, by id. */
  studies(): Promise<readonly StudyFile[]>
  keepStudy(file: StudyFile): Promise<void>
  keepPlan(plan: StudyPlan): Promise<Hash32>
  /** By document hash. Throws `STUDY_PAPER_DAMAGED`. */
  plan(document: Hash32): Promise<StudyPlan | undefined>
  keepSheet(sheet: InformationSheet): Promise<Hash32>
  sheet(hash: Hash32): Promise<InformationSheet | undefined>
  keepConditions(words: string): Promise<Hash32>
  conditions(hash: Hash32): Promise<string | undefined>
  /** Audits and contributions, by the hash that the ledger has of them. */
  keepResult(result: StudyResult): Promise<Hash32>
  result(hash: Hash32): Promise<StudyResult | undefined>
  keepReport(report: RoundReport): Promise<Hash32>
  report(hash: Hash32): Promise<RoundReport | undefined>
  /** The standing model of a study beside plain forecasts, as it was judged last. */
  keepComparison(study: Hash32, comparison: StudyComparison): Promise<void>
  comparison(study: Hash32): Promise<StudyComparison | undefined>
  /** The newest passport of a study. */
  keepPassport(passport: PassportDocument): Promise<void>
  passport(study: Hash32): Promise<PassportDocument | undefined>
}

const DAMAGED = 'STUDY_PAPER_DAMAGED'

export function studyShelf(directory: string): StudyShelf {
  const folder = join(directory, 'studies')
  const passport = (study: Hash32): string => join(folder, 'passports', `${study}.json`)
  const comparison = (study: Hash32): string => join(folder, 'comparisons', `${study}.json`)
  const plans = papers(join(folder, 'plans'), StudyPlanDocument, planDocumentHash)
  const sheets = papers(join(folder, 'sheets'), InformationSheetDocument, sheetHash)
  const conditions = papers(join(folder, 'conditions'), StudyConditions, ({ words }) => conditionsHash(words))
  const results = papers(join(folder, 'results'), StudyResult, resultHash)
  const reports = papers(join(folder, 'reports'), RoundReport, reportHash)
  return {
    studies: async () => {
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const names = (await readdir(folder)).filter((name) => /^0x[0-9a-f]{64}\.json$/.test(name)).sort()
      const files = await Promise.all(
        names.map((name) => readDocumentFile(join(folder, name), StudyFile, DAMAGED)),
      )
      return files.filter((file) => file !== undefined)
    },
    keepStudy: (file) => writeDocumentFile(join(folder, `${file.study}.json`), file),
    keepPlan: plans.keep,
    plan: plans.read,
    keepSheet: sheets.keep,
    sheet: sheets.read,
    keepConditions: (words) => conditions.keep({ schema: 'islet.study.conditions/1', words }),
    conditions: async (hash) => (await conditions.read(hash))?.words,
    keepResult: results.keep,
    result: results.read,
    keepReport: reports.keep,
    report: reports.read,
    keepComparison: (study, paper) => writeDocumentFile(comparison(study), paper),
    comparison: (study) => readDocumentFile(comparison(study), StudyComparison, DAMAGED),
    keepPassport: (paper) => writeDocumentFile(passport(hash32(paper.study.id)), paper),
    passport: (study) => readDocumentFile(passport(study), PassportDocument, DAMAGED),
  }
}

/** Papers of one kind, each under its own hash; one that is no longer what its name says is refused. */
function papers<Paper extends TSchema>(
  folder: string,
  schema: Paper,
  hashOf: (paper: Static<Paper>) => Hash32,
): {
  readonly keep: (paper: Static<Paper>) => Promise<Hash32>
  readonly read: (hash: Hash32) => Promise<Static<Paper> | undefined>
} {
  const place = (hash: Hash32): string => join(folder, `${hash}.json`)
  return {
    keep: async (paper) => {
      const hash = hashOf(paper)
      await writeDocumentFile(place(hash), paper)
      return hash
    },
    read: async (hash) => {
      const paper = await readDocumentFile(place(hash), schema, DAMAGED)
      if (paper === undefined || hashOf(paper) === hash) return paper
      throw new IsletError(
        DAMAGED,
        'a paper of a study is not what its name says',
        {},
        { at: { file: place(hash) }, remedy: 'restore it from a backup, or fetch it from another member' },
      )
    },
  }
}
