/**
 * A study in a real browser on a real node: applied for, voted on, opened, run and watched, and its passport checked.
 */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, messageSigner } from '../src/api/index.ts'
import { signer } from '../src/identity/index.ts'
import { nodeEd25519 } from '../src/identity/node-signer.door.ts'
import { issuePassport, runStudy } from '../src/node/study/run-study.ts'
import { studyShelf } from '../src/node/study/study-shelf.ts'
import { openStudySites } from '../src/node/study/study-sites.ts'
import { consenting, prepareVirtualStudy } from '../src/node/study/virtual-study.ts'
import { cohort } from '../src/physiology/index.ts'
import { nodeCrypto } from '../src/vault/node-cipher.door.ts'
import {
  formatInstant,
  fromBase64Url,
  type Hash32,
  isIsletError,
  quantity,
  toHex,
  type UnixSeconds,
} from '../src/vocabulary/index.ts'
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
const TITLE = 'Forecasting lows in a browser'
const SEATS = ['Ines Roth, North Clinic', 'Tom Salas, South Hospital', 'Maya Lind, East Hospital']

describe.skipIf(chromiumPath === undefined)('a study in a browser', { timeout: 4 * PATIENCE }, () => {
  let story: WebStory
  let page: WebStory['page']
  let node: WebStory['node']
  let passport = ''
  /** The two days whose data the study uses, up to a day ago. */
  const until = (Math.floor(Date.now() / 1_000 / DAY) - 1) * DAY
  const from = until - 2 * DAY
  const dayOf = (seconds: number): string => new Date(seconds * 1_000).toISOString().slice(0, 10)

  beforeAll(async () => {
    story = await openStory()
    page = story.page
    node = story.node
  }, PATIENCE)
  afterAll(() => story?.close())

  const go = (name: string) => goTo(page, name)
  const signIn = (name: string) => signInAs(story, page, name)
  /** Keeps a site from reading until it is let go: the others wait for it. */
  const held = (site: string): (() => void) => {
    const { reader } = node.consortium.house(site).institution
    const { read } = reader
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    Object.assign(reader, {
      read: async (...asked: Parameters<typeof read>) => {
        await released
        return read(...asked)
      },
    })
    return release
  }
  const look = async (title = TITLE): Promise<void> => {
    await page.getByRole('button', { name: `Look at ${title}` }).click()
    await page.getByTestId('standing').waitFor()
  }

  test('a plan is changed by a form, and what does not fit is named by its field', async () => {
    await signIn('Ada Brandt, Meadow Research')
    await go('New study')
    const before = await page.getByTestId('fingerprint').textContent()
    await page.getByLabel('Title', { exact: true }).fill(TITLE)
    await page.getByLabel('Data from').fill(dayOf(from))
    await page.getByLabel('Data until').fill(dayOf(until))
    await page.getByLabel('Days a person must have').fill('1')
    await page.getByLabel('Rounds', { exact: true }).fill('1')
    expect(await page.getByTestId('fingerprint').textContent()).not.toBe(before)
    await page.getByText('The plan as text').click()
    const text = page.getByLabel('Plan (YAML)')
    const sound = await text.inputValue()
    expect(sound).toContain('# The plan of a study.')
    await text.fill(sound.replace('clip_norm: 5', 'clip_norm: -5'))
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('At privacy.clip_norm, line')
    const told = sound.replace(/model-card\s*\]/, 'model-card, contribution]')
    expect(told).not.toBe(sound)
    await text.fill(told)
    await page.getByRole('alert').waitFor({ state: 'detached' })
  })

  test('sites say about how many people they have, and never a small number', async () => {
    await page.getByRole('button', { name: 'Ask the sites' }).click()
    const answer = page.getByTestId('feasibility')
    await answer.waitFor()
    expect(await answer.textContent()).toContain('fewer than ten')
    await picture(page, 'app-study')
  })

  test('the applicant applies, and only votes of the committee approve', async () => {
    await page.getByRole('button', { name: 'Apply with this plan' }).click()
    await page.getByText('You have applied').waitFor()
    for (const [votes, name] of SEATS.entries()) {
      await signIn(name)
      await look()
      expect(await page.getByTestId('standing').textContent()).toContain(`${votes} of 3 votes`)
      await page.getByRole('button', { name: 'Approve', exact: true }).click()
      await page.getByText('Your vote for it is recorded.').waitFor()
    }
    await page.getByTestId('standing').getByText('Approved, not open yet').waitFor()
    await picture(page, 'app-review')
    for (const name of SEATS.slice(0, 2)) {
      await signIn(name)
      await look()
      await page.getByRole('button', { name: 'Let our site take part' }).click()
      await page.getByText('Your site takes part.').waitFor()
    }
  })

  test.each([
    { why: 'a researcher has no vote', who: 'ada', at: 'meadow', code: 'ROLE_NOT_ALLOWED' },
    { why: 'a seat speaks for its own institution only', who: 'ines', at: 'south', code: 'PARTY_UNKNOWN' },
  ] as const)('a decision is refused at the inbox: $why', async ({ who, at, code }) => {
    const { study } = await onlyStudy()
    expect(await decided(who, at, study)).toBe(code)
  })

  test('the applicant opens and runs it, and sees the round as it goes on', async () => {
    await signIn('Ada Brandt, Meadow Research')
    await look()
    await page.getByRole('button', { name: 'Open the study' }).click()
    await page.getByTestId('standing').getByText('Open', { exact: true }).waitFor()
    await consented()
    const release = held('south')
    await page.getByRole('button', { name: 'Run the rounds' }).click()
    const rounds = page.getByTestId('rounds')
    await rounds.getByText(/South Hospital, until /).waitFor({ timeout: PATIENCE })
    release()
    await rounds.getByText('done').waitFor({ timeout: 3 * PATIENCE })
    await rounds.getByText(/, until /).waitFor({ state: 'detached' })
    const card = page.getByRole('article', { name: 'Rounds' })
    const sent = /Between sites so far: ([\d.,]+) kB of updates, ([\d.,]+) kB of models/
    const [, updates, models] = sent.exec((await card.textContent()) ?? '') ?? []
    for (const kilobytes of [updates, models]) expect(Number(kilobytes?.replace(/,/g, ''))).toBeGreaterThan(0)
    await card.getByText('This study has no differential-privacy budget').waitFor()
    await page.getByTestId('run').getByText('It does not run now.').waitFor({ timeout: PATIENCE })
    await page.getByRole('cell', { name: 'Ridge regression' }).waitFor()
    expect(await page.getByTestId('rounds').textContent()).toMatch(/\d+\.\d \/ \d+\.\d/)
    await picture(page, 'app-live')
  })

  test('the passport is saved, holds in this browser, and one changed digit is found', async () => {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save the passport' }).click(),
    ])
    passport = await readFile(await download.path(), 'utf8')
    await go('Check a passport')
    const drop = async (text: string): Promise<string> => {
      const buffer = Buffer.from(text)
      await page
        .getByLabel('The passport (a JSON file)')
        .setInputFiles({ name: 'passport.json', mimeType: 'application/json', buffer })
      return (await page.getByTestId('verdict').textContent()) ?? ''
    }
    expect(await drop(passport)).toContain(`The passport of “${TITLE}” holds: 1 round.`)
    const changed = passport.replace(/"clip_norm": 5/, '"clip_norm": 6')
    expect(changed).not.toBe(passport)
    const verdict = page.getByTestId('verdict').getByText('does NOT hold')
    await drop(changed)
    await verdict.waitFor()
  })

  test('the registry names the model and what it rests on', async () => {
    await go('Models')
    await page.getByText(`${TITLE}, version 1`).waitFor()
    expect(await page.getByText('Rests on 2 contributions of 2 sites').isVisible()).toBe(true)
  })

  test('conditions are read by every seat and accepted word for word; a seat that stands back votes no more', async () => {
    const title = 'With conditions'
    await signIn('Ada Brandt, Meadow Research')
    await go('New study')
    await page.getByLabel('Title', { exact: true }).fill(title)
    await page.getByRole('button', { name: 'Apply with this plan' }).click()
    await page.getByText('You have applied').waitFor()
    for (const [votes, name] of SEATS.entries()) {
      await signIn(name)
      await look(title)
      if (votes === 0) await page.getByLabel('Conditions, if there are any').fill('publish the code')
      else {
        await page.getByTestId('conditions').getByText('publish the code').waitFor()
        await page.getByRole('button', { name: 'Take over these words' }).click()
      }
      await page.getByRole('button', { name: 'Approve', exact: true }).click()
      await page.getByText('Your vote for it is recorded.').waitFor()
    }
    await page.getByTestId('standing').getByText('Approved with conditions').waitFor()
    await signIn('Ada Brandt, Meadow Research')
    await look(title)
    expect(await page.getByLabel('The conditions, word for word').inputValue()).toBe('publish the code')
    await page.getByRole('button', { name: 'Accept the conditions' }).click()
    await page.getByTestId('standing').getByText('Approved, not open yet').waitFor()

    await go('New study')
    await page.getByLabel('Title', { exact: true }).fill('Not mine to judge')
    await page.getByRole('button', { name: 'Apply with this plan' }).click()
    await page.getByText('You have applied').waitFor()
    await signIn(SEATS[0] ?? '')
    await look('Not mine to judge')
    await page.getByRole('button', { name: 'Stand back from this one' }).click()
    await page.getByText('Stands back:').waitFor()
    await page.getByRole('button', { name: 'Approve', exact: true }).click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByTestId('standing').textContent()).toContain('0 of 3 votes')
  })

  test('what each site’s part was worth is told to the applicant', async () => {
    await signIn('Ada Brandt, Meadow Research')
    await look()
    await page.getByRole('button', { name: 'What each site’s part was worth' }).click()
    await page.getByTestId('contribution').or(page.getByRole('alert')).first().waitFor()
    expect(await page.getByTestId('contribution').getByRole('row').count()).toBe(3)
  })

  test('a privacy budget is a number in the plan, and so is what a round spent of it', async () => {
    const title = 'Under a privacy budget'
    const { consortium } = node
    const { desk, file, learner } = await prepareVirtualStudy(consortium, {
      seed: 11,
      sites: ['north', 'south'],
      papers: ({ plan: usual, sheet }) => ({
        sheet,
        plan: {
          ...usual,
          title,
          strategy: { ...usual.strategy, local_epochs: 1 },
          privacy: {
            ...usual.privacy,
            differential_privacy: { unit: 'patient', epsilon: 8, delta: 0.001 },
          },
        },
      }),
    })
    await signIn('Ada Brandt, Meadow Research')
    await look(title)
    expect(await page.getByTestId('plan').textContent()).toContain('ε 8, δ 0.001')
    const card = page.getByRole('article', { name: 'Rounds' })
    await card.getByText('This study has no differential-privacy budget, or spent none yet.').waitFor()
    const sites = await openStudySites(consortium, desk, file)
    await runStudy(desk, sites, { mostRounds: 1 })
    await issuePassport(desk, sites, file, { chainId: consortium.chainId, deployment: desk.deployment })
    const spent = learner.privacy?.spentAfter(1) ?? 0
    expect(spent).toBeGreaterThan(0)
    expect(spent).toBeLessThan(8)
    await go('Models')
    await go('Studies')
    await look(title)
    await card.getByText(`Spent of each person’s privacy budget: ε ${spent.toFixed(2)} (δ 0.001).`).waitFor()
  })

  test('no screen shows a person', async () => {
    const grants = await node.consortium.party('north').grants()
    expect(grants.length).toBeGreaterThan(0)
    for (const { consentId } of grants) expect(passport).not.toContain(consentId)
  })

  testScreens(
    () => story,
    async (shown, place) => {
      if (place !== 0) return
      await shown.locator('.cards .button').first().click()
      await shown.getByTestId('standing').waitFor()
    },
  )

  async function onlyStudy() {
    const [file] = await studyShelf(node.consortium.directory).studies()
    if (file === undefined) throw new Error('nothing was applied for')
    return file
  }

  /** What an inbox answers somebody who votes for a study there. */
  async function decided(who: string, at: string, study: Hash32): Promise<string> {
    const means = { origin: node.origin, fetch: (url: string, init: RequestInit) => fetch(url, init) }
    const { seed } = await createClient(means).demoStaff({ params: { persona: who } })
    const key = messageSigner(signer(fromBase64Url(seed), nodeEd25519))
    const house = node.consortium.house(at)
    const now = (): number => Date.now() / 1_000
    const client = createClient({
      ...means,
      identity: {
        signer: key,
        verifier: nodeEd25519,
        sha256: nodeCrypto.hasher.sha256,
        now,
        random: nodeCrypto.cipher.random,
        answersBy: messageSigner(house.keys.message).keyId,
      },
    })
    const body = {
      study,
      plan_hash: study,
      decision: 'APPROVE',
      until: null,
      conditions: null,
    } as const
    try {
      await client.messages({
        params: { institution: house.id },
        body: {
          schema: 'islet.message/1',
          type: 'study-decision',
          id: toHex(nodeCrypto.cipher.random(16)).slice(2),
          from: { kind: 'staff', key: key.keyId },
          to: house.id,
          created: formatInstant(quantity<UnixSeconds>(Math.floor(now()))),
          body,
        },
      })
      return 'NOT_REFUSED'
    } catch (error) {
      return isIsletError(error) ? error.code : String(error)
    }
  }

  /** Two virtual people at each of two sites say yes. */
  async function consented(): Promise<void> {
    const { consortium } = node
    const file = await onlyStudy()
    const plan = await studyShelf(consortium.directory).plan(file.plans[0] ?? file.study)
    if (plan === undefined) throw new Error('the plan is not here')
    const start = quantity<UnixSeconds>(from)
    const { people } = cohort({ seed: 11, people: 4, days: 2, start, offsetMinutes: 0 })
    for (const [i, virtual] of people.entries()) {
      await consenting(consortium, consortium.party(i % 2 === 0 ? 'north' : 'south'), virtual, file, plan)
    }
    await consortium.tick(true)
  }
})
