/**
 * A patient and a study in a real browser on a real node: read about it, join, see what learned from me with proofs that
 * this browser checked, read what changed in the sheet, leave, and be in no later round.
 */
import type { Request } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runStudy } from '../src/node/study/run-study.ts'
import { openStudyDesk, type StudyDesk } from '../src/node/study/study-desk.ts'
import type { StudyFile } from '../src/node/study/study-shelf.ts'
import { openStudySites } from '../src/node/study/study-sites.ts'
import { virtualPlan } from '../src/node/study/virtual-plan.ts'
import { approveStudy, consenting } from '../src/node/study/virtual-study.ts'
import { issueVouchers, studyCredits } from '../src/node/study/voucher-desk.ts'
import { cohort } from '../src/physiology/index.ts'
import { sheetHash, studyLearner } from '../src/study/index.ts'
import { nodeCrypto } from '../src/vault/node-cipher.door.ts'
import { quantity, type UnixSeconds } from '../src/vocabulary/index.ts'
import {
  chromiumPath,
  goTo,
  openStory,
  PATIENCE,
  picture,
  signInAs,
  testScreens,
  type WebStory,
} from './testing/web-story.ts'

const DAY = 86_400
const SITES = ['west', 'north', 'south']

/** The same study of a ridge: a round of it forecasts well at once. */
function ridgePapers({ plan, sheet }: ReturnType<typeof virtualPlan>): ReturnType<typeof virtualPlan> {
  const draft = {
    ...plan,
    model: { ...plan.model, name: 'ridge' },
    strategy: { name: 'ridge' },
  } as const
  const learner = studyLearner(draft, { hasher: nodeCrypto.hasher })
  const initial = learner.modelHash(learner.firstModel())
  return { plan: { ...draft, model: { ...draft.model, initial_hash: initial } }, sheet }
}

describe.skipIf(chromiumPath === undefined)('a patient and a study', { timeout: 4 * PATIENCE }, () => {
  let story: WebStory
  let page: WebStory['page']
  let desk: StudyDesk
  let file: StudyFile
  const until = (Math.floor(Date.now() / 1_000 / DAY) - 1) * DAY
  const days = {
    from: quantity<UnixSeconds>(until - 2 * DAY),
    until: quantity<UnixSeconds>(until),
    expires: quantity<UnixSeconds>(until + 30 * DAY),
  }
  const papers = ridgePapers(virtualPlan({ ...days, rounds: 2, minimumSites: 3 }))
  const { title } = papers.plan
  const approval = quantity<UnixSeconds>(until + 40 * DAY)

  beforeAll(async () => {
    story = await openStory()
    page = story.page
    const { consortium } = story.node
    desk = await openStudyDesk(consortium)
    file = await desk.submit('meadow', papers.plan, papers.sheet)
    before = await asked()
    await approveStudy(desk, file, SITES, approval)
    const { people } = cohort({ seed: 11, people: 2, days: 2, start: days.from, offsetMinutes: 0 })
    for (const [i, virtual] of people.entries())
      await consenting(consortium, consortium.party(SITES[i + 1] ?? ''), virtual, file, papers.plan)
  }, 2 * PATIENCE)
  afterAll(() => story?.close())

  /** What anybody is told of the studies, and of who invites to this one. */
  const asked = async () => {
    const of = async (path: string) => (await fetch(`${story.node.origin}/v1/${path}`)).json()
    const { studies } = await of('open-studies')
    const { invitations } = await of(`studies/${file.study}/invitations`)
    return { studies, invitations }
  }
  let before: Awaited<ReturnType<typeof asked>>

  const learned = async (): Promise<string> => {
    await page.getByRole('button', { name: `What learned from me? ${title}` }).click()
    await page.getByTestId('learned').waitFor()
    return (await page.getByTestId('learned').textContent()) ?? ''
  }
  const oneRound = async (): Promise<void> => {
    const { consortium } = story.node
    await consortium.tick(true)
    await runStudy(desk, await openStudySites(consortium, desk, file), { mostRounds: 1 })
  }

  test('nobody is invited before committee and sites approved; then each site invites once, the same for all', async () => {
    expect(before).toEqual({ studies: [], invitations: [] })
    const [first, second] = [await asked(), await asked()]
    expect(first.studies).toHaveLength(1)
    expect(first.invitations).toHaveLength(SITES.length)
    expect(second.invitations).toEqual(first.invitations)
  })

  test('what is open can be read whole before anybody is told that somebody is interested', async () => {
    // Their readings stand still in this story: the app does not look for new ones, which nobody here counts on.
    await page.addInitScript(
      '{ const later = setTimeout; window.setTimeout = (work, ms, ...rest) => (ms >= 30_000 ? 0 : later(work, ms, ...rest)) }',
    )
    await signInAs(story, page, 'Robin Vale')
    await goTo(page, 'Studies')
    await page.getByText('You take part in no study.').waitFor()
    await page.getByRole('button', { name: `Read about it: ${title}` }).click()
    await page.getByTestId('sheet').getByText('To show how sites train one forecaster').waitFor()
    expect(await page.getByTestId('changes').count()).toBe(0)
    await picture(page, 'app-studies')
  })

  test('joined at the clinic that keeps their data, by the sentence that was shown', async () => {
    expect(await page.getByTestId('sentence').textContent()).toContain(
      `West Diabetes Centre – ${title} can read your glucose`,
    )
    await page.getByRole('button', { name: 'Take part' }).click()
    await page.getByText(`You take part in “${title}”.`).waitFor()
    expect(await learned()).toContain('No round has begun yet.')
  })

  test('after a round, this browser proves that the model learned from them', async () => {
    await oneRound()
    await goTo(page, 'Now')
    await goTo(page, 'Studies')
    const text = await learned()
    expect(text).toContain('One model learned from you.')
    expect(text).toContain('you were in it')
  })

  test('the next hour is forecast by that model in this browser; nothing but the model is asked for', async () => {
    const asked: string[] = []
    const note = (request: Request): void => {
      const { pathname, search } = new URL(request.url())
      if (pathname.startsWith('/v1/')) asked.push(`${request.method()} ${pathname}${search}`)
    }
    page.on('request', note)
    await goTo(page, 'Now')
    const said = (await page.getByTestId('forecast').textContent()) ?? ''
    page.off('request', note)
    expect(said).toMatch(/In 30 minutes about \d+ mg\/dL, likely between \d+ and \d+\./)
    expect(said).toContain('Never dose by it.')
    expect(said).toContain(`Model: “${title}”, version 1`)
    expect([...new Set(asked)].sort()).toEqual([
      'GET /v1/forecaster',
      `GET /v1/studies/${file.study}/history`,
    ])
    expect(await page.locator('.chart path.dashed').count()).toBe(1)
    await page.setViewportSize({ width: 1_280, height: 1_180 })
    await picture(page, 'app-now')
    await page.setViewportSize({ width: 1_280, height: 720 })
  })

  test('a model that is not the one on record forecasts nothing', async () => {
    await page.route('**/v1/forecaster', async (route) => {
      const { forecaster } = await (await route.fetch()).json()
      const bytes = `AAAA${forecaster.bytes.slice(4)}`
      await route.fulfill({ json: { forecaster: { ...forecaster, bytes } } })
    })
    await goTo(page, 'Studies')
    await goTo(page, 'Now')
    await page.getByText('is not the one on record').waitFor()
    expect(await page.locator('.chart path.dashed').count()).toBe(0)
    await page.unroute('**/v1/forecaster')
  })

  test('the voucher for it is claimed, given out, and redeemed once', async () => {
    await goTo(page, 'Studies')
    await learned()
    const card = page.getByTestId('voucher')
    await card.getByRole('button', { name: 'Claim the voucher' }).click()
    await card.getByText('Claimed. The clinic gives out').waitFor()
    const { consortium } = story.node
    const running = await openStudySites(consortium, desk, file)
    const parts = { consortium, desk, file, running }
    expect((await studyCredits(parts)).sites.find(({ key }) => key === 'west')).toMatchObject({ claimed: 1 })
    await issueVouchers(parts, 'west')
    await goTo(page, 'Now')
    await goTo(page, 'Studies')
    await learned()
    await card.getByLabel('Redeem it at').selectOption({ label: 'North Clinic' })
    await card.getByRole('button', { name: 'Redeem' }).click()
    await card.getByText('Redeemed. It counts no second time.').waitFor()
    expect(await card.getByRole('button').count()).toBe(0)
    const { sites } = await studyCredits(parts)
    expect(sites.find(({ key }) => key === 'west')?.batch).toMatchObject({ size: 16, redeemed: 1 })
  })

  test('a node that names another tree than the ledger has is not believed', async () => {
    await page.route('**/proofs/**', async (route) => {
      const answer = await (await route.fetch()).json()
      await route.fulfill({ json: { proof: { ...answer.proof, size: answer.proof.size * 2 } } })
    })
    await goTo(page, 'Now')
    await goTo(page, 'Studies')
    const text = await learned()
    expect(text).toContain('the proof is false')
    expect(text).toContain('No model learned from you.')
    await page.unroute('**/proofs/**')
  })

  test('a changed sheet leaves them out until they read what changed and agree again', async () => {
    const [first, ...others] = papers.sheet.sections
    if (first === undefined) throw new Error('the sheet is empty')
    const sheet = {
      ...papers.sheet,
      sections: [{ ...first, text: ['Now it also looks at nights.'] }, ...others],
    }
    await desk.amend(file, { ...papers.plan, information_sheet: sheetHash(sheet) }, sheet)
    await approveStudy(desk, file, SITES, approval)
    const [changed] = await desk.shelf.studies()
    file = changed ?? file
    await goTo(page, 'Now')
    await goTo(page, 'Studies')
    await page.getByText('You are left out until you agree again').waitFor()
    const changes = await page.getByTestId('changes').textContent()
    expect(changes).toContain('It says now: Now it also looks at nights.')
    expect(changes).toContain('It said before: To show how sites train one forecaster together.')
    await page.getByRole('button', { name: 'Take part' }).click()
    await page.getByText(`You take part in “${title}”.`).waitFor()
    expect(await page.getByText('You are left out until you agree again').count()).toBe(0)
  })

  test('once they left, the next round is proved to be without them', async () => {
    await page.getByRole('button', { name: `Leave the study: ${title}` }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Leave' }).click()
    await page.getByText('No round that opens from now on uses you.').waitFor()
    const { consortium } = story.node
    const { people } = cohort({ seed: 12, people: 3, days: 2, start: days.from, offsetMinutes: 0 })
    const plan = await desk.shelf.plan(file.plans.at(-1) ?? file.study)
    if (plan === undefined) throw new Error('the plan is not here')
    for (const [i, virtual] of people.entries())
      await consenting(consortium, consortium.party(SITES[i] ?? ''), virtual, file, plan)
    await oneRound()
    const text = await learned()
    // The second version was built on the first, which had learned from them.
    expect(text).toContain('Version 2, through round 1')
    expect(text).toMatch(/2\D+[^.]*you were not in it/)
    expect(text.match(/you were in it/g)).toHaveLength(1)
  })

  testScreens(
    () => story,
    async (shown, place) => {
      if (place !== 3) return
      await shown.locator('main .card .button').first().click()
      await shown.locator('[data-testid=sheet], [data-testid=learned]').first().waitFor()
    },
  )
})
