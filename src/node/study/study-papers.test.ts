import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { founderOf, hashOf } from '../../ledger/testing/fixtures.ts'
import { ledgerPlanOf, planHashOf, studyIdOf } from '../../study/index.ts'
import { quantity, type UnixSeconds } from '../../vocabulary/index.ts'
import type { institutionAsk } from '../institution/wire.ts'
import type { StudyDesk } from './study-desk.ts'
import { answerPapers, sharedShelf } from './study-papers.ts'
import { type StudyShelf, studyShelf } from './study-shelf.ts'
import { virtualPlan } from './virtual-plan.ts'

const DAY = 86_400
const [own, applicant] = ['own', 'applicant'].map((name) => founderOf(name).id)
const instant = (days: number) => quantity<UnixSeconds>(days * DAY)
const { plan, sheet } = virtualPlan({
  ...{ from: instant(20_000), until: instant(20_002), expires: instant(20_100) },
  ...{ rounds: 1, minimumSites: 2 },
})
const firstPlanHash = planHashOf(ledgerPlanOf(plan))
const salt = hashOf('salt')
const study = studyIdOf(applicant!, firstPlanHash, salt)

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-papers-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** What the applicant gives. */
async function given() {
  const theirs = studyShelf(join(folder, 'applicant'))
  const plans = [await theirs.keepPlan(plan)]
  await theirs.keepSheet(sheet)
  await theirs.keepStudy({
    ...{ schema: 'islet.study.file/1', study, applicant: 'applicant' },
    ...{ salt, first_plan_hash: firstPlanHash, plans },
  })
  return { document: plans[0]!, answer: answerPapers(theirs)['study-papers'] }
}

type Papers = Awaited<ReturnType<Awaited<ReturnType<typeof given>>['answer']>>

/** An empty shelf of a member, whose applicant answers so; the ledger has the study and no model of it. */
async function reading(name: string, changed: (papers: Papers) => Papers) {
  const { document, answer } = await given()
  let asked = 0
  const ask = async () => {
    asked += 1
    return changed(await answer({ study }, undefined as never))
  }
  const submitted = { name: 'Submitted', args: { study, applicant, plan: { document } } }
  const desk = {
    handleOf: () => 'applicant',
    chain: {
      head: async () => ({ height: 1 }),
      events: async function* () {
        yield submitted
      },
    },
  } as unknown as StudyDesk
  const shelf: StudyShelf = sharedShelf({
    own: own!,
    shelf: studyShelf(join(folder, name)),
    desk: () => desk,
    ask: ask as ReturnType<typeof institutionAsk>,
  })
  return { shelf, document, asked: () => asked }
}

test('the papers of a study on the ledger come from its applicant, once', async () => {
  const { shelf, document, asked } = await reading('true', (papers) => papers)
  const [file] = await shelf.studies()
  expect(file).toMatchObject({ study, applicant: 'applicant', salt, plans: [document] })
  expect([await shelf.plan(document), await shelf.sheet(plan.information_sheet)]).toEqual([plan, sheet])
  await shelf.studies()
  expect(asked()).toBe(1)
})

test.each<[string, (papers: Papers) => Papers]>([
  ['another plan', (papers) => ({ ...papers, plans: papers.plans.map((one) => ({ ...one, title: 'x' })) })],
  ['another salt', (papers) => ({ ...papers, salt: hashOf('pepper') })],
  ['another first plan', (papers) => ({ ...papers, first_plan_hash: hashOf('plan') })],
  [
    'another sheet',
    (papers) => ({ ...papers, sheets: papers.sheets.map((one) => ({ ...one, language: 'de' })) }),
  ],
])('%s than the ledger’s is not kept, and who gave it is left alone for a while', async (what, changed) => {
  const { shelf, asked } = await reading(what.replaceAll(' ', '-'), changed)
  expect(await shelf.studies()).toEqual([])
  expect(await shelf.studies()).toEqual([])
  expect(asked()).toBe(1)
})
