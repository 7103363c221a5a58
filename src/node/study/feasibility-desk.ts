/**
 * What sites of this node answer before a study: about how many of their people have sealed what a plan needs.
 *
 * Laws: a site counts what it holds sealed and opens nothing for it; only a noised, rounded count leaves, and below ten
 * none (`feasibility.ts`); the asker's book is on disk before the answer is told, so that asking again after a crash
 * gives the same answer and a budget is never spent twice.
 * Limit: what is inside a sealed hour no site knows before a consent, and an hour sealed empty counts: a study may find
 * fewer than the count says.
 */
import { join } from 'node:path'
import Type, { type Static } from 'typebox'
import type { StudyFeasibilityDocument } from '../../api/documents.door.ts'
import { answerFeasibility, EMPTY_BOOK, type FeasibilityBook, type StudyPlan } from '../../study/index.ts'
import { nodeCrypto } from '../../vault/node-cipher.door.ts'
import { hoursInside, type InstitutionId, IsletError, parseInstant } from '../../vocabulary/index.ts'
import { readDocumentFile, writeDocumentFile } from '../institution/document-file.ts'
import type { Hosted } from '../institution/hosted.ts'
import type { Consortium } from '../world/consortium.ts'
import { siteSecret } from './site-secret.ts'

/** ε of one question, and of all questions of an asker at one site in a quarter: ten questions. */
const FEASIBILITY_TERMS = { epsilon: 0.1, budget: 1 } as const

const AnswerFile = Type.Union([
  Type.Object({ code: Type.Literal('ABOUT'), people: Type.Integer({ minimum: 0 }) }),
  Type.Object({ code: Type.Literal('FEWER_THAN_TEN') }),
])
const BookFile = Type.Object({
  schema: Type.Literal('islet.study.feasibility-book/1'),
  period: Type.String(),
  spent: Type.Number({ minimum: 0 }),
  answers: Type.Array(Type.Object({ question: Type.String(), answer: AnswerFile })),
})
type BookFile = Static<typeof BookFile>

export interface FeasibilityQuestion {
  readonly asker: { readonly key: string; readonly id: InstitutionId }
  readonly plan: StudyPlan
  /** Sites that are asked, of this node. */
  readonly sites: readonly Hosted[]
  /** Seconds since 1970. */
  readonly now: number
}

/** Asks each site. Throws `FEASIBILITY_BUDGET_SPENT` where none of them answers any more, `FEASIBILITY_BOOK_DAMAGED`. */
export async function askFeasibility(
  { unlock }: Pick<Consortium, 'unlock'>,
  { asker, plan, sites, now }: FeasibilityQuestion,
): Promise<StudyFeasibilityDocument> {
  const period = quarterOf(now)
  const { epsilon, budget } = FEASIBILITY_TERMS
  const answers: StudyFeasibilityDocument['sites'] = []
  for (const house of sites) {
    const folder = join(house.directory, 'studies', 'feasibility')
    const path = join(folder, `${asker.id}.json`)
    const before = await readBook(path, period)
    const secret = await siteSecret(join(folder, 'secret.json'), unlock)
    const window = hoursInside(parseInstant(plan.data.from), parseInstant(plan.data.until))
    const kinds = [...plan.data.kinds].sort()
    const days = plan.cohort.minimum_days
    const { book, outcome } = answerFeasibility(
      before,
      // Only what the count depends on: the same question under another title is the same question.
      { kinds, first: window.first, end: window.end, days },
      () => house.institution.census(kinds, window).filter((held) => held >= days).length,
      { secret, asker: asker.id, period, epsilon, budget },
      nodeCrypto.hasher,
    )
    if (book !== before) await writeDocumentFile(path, fileOf(book, period))
    const people = outcome.code === 'ABOUT' ? outcome.people : null
    answers.push({ id: house.id, key: house.key, code: outcome.code, people, spent: rounded(book.spent) })
  }
  if (answers.length > 0 && answers.every(({ code }) => code === 'BUDGET_SPENT')) throw spent(period)
  return { schema: 'islet.study.feasibility/1', asker: asker.key, period, epsilon, budget, sites: answers }
}

async function readBook(path: string, period: string): Promise<FeasibilityBook> {
  const file = await readDocumentFile(path, BookFile, 'FEASIBILITY_BOOK_DAMAGED')
  if (file === undefined || file.period !== period) return EMPTY_BOOK
  return {
    spent: file.spent,
    answers: new Map(file.answers.map(({ question, answer }) => [question, answer])),
  }
}

function fileOf({ spent: used, answers }: FeasibilityBook, period: string): BookFile {
  return {
    schema: 'islet.study.feasibility-book/1',
    period,
    spent: used,
    answers: [...answers].map(([question, answer]) => ({ question, answer })),
  }
}

/** Three months of UTC, as `2026-Q4`. */
function quarterOf(now: number): string {
  const date = new Date(now * 1_000)
  return `${date.getUTCFullYear()}-Q${Math.floor(date.getUTCMonth() / 3) + 1}`
}

/** Sums of tenths, as people write them. */
function rounded(epsilon: number): number {
  return Math.round(epsilon * 1e6) / 1e6
}

function spent(period: string): IsletError {
  return new IsletError(
    'FEASIBILITY_BUDGET_SPENT',
    'every site asked was told enough questions by this asker for now',
    { period },
    { remedy: 'Questions asked before are answered as before; new ones from the next quarter on.' },
  )
}
