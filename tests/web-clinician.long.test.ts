/**
 * The clinician's story in a real browser on a real node: a visit pass, the panel, a patient, a proposal and its sign-off, an
 * emergency that two institutions open and the patient reads about.
 */
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { report } from '../src/glycemia/index.ts'
import {
  chromiumPath,
  findings,
  goTo,
  openStory,
  PATIENCE,
  picture,
  signInAs,
  testScreens,
  type WebStory,
} from './testing/web-story.ts'

// The virtual person is lowest between two and four at night, when there is no dose to sign: the story plays before noon.
const hours = 11 - new Date().getUTCHours()
process.env['TZ'] = `Etc/GMT${hours < 0 ? '+' : '-'}${Math.abs(hours)}`

describe.skipIf(chromiumPath === undefined)('a clinician in a browser', { timeout: 2 * PATIENCE }, () => {
  let story: WebStory
  let patient: Page
  let clinic: Page
  let officer: Page

  beforeAll(async () => {
    story = await openStory()
    patient = story.page
    clinic = await story.elsewhere()
    officer = await story.elsewhere()
    await signIn(patient, 'Robin Vale')
    await patient.getByTestId('value').waitFor()
    await signIn(clinic, 'Dr Okafor, South Hospital')
    await clinic.getByRole('heading', { level: 1 }).waitFor()
  }, 2 * PATIENCE)
  afterAll(() => story?.close())

  const signIn = (page: Page, name: string) => signInAs(story, page, name)
  let shown = ''
  /** The patient shows a new pass; gives its text. */
  const passOf = async (): Promise<string> => {
    await goTo(patient, 'Sharing')
    await patient.getByRole('button', { name: 'Show a pass for this visit' }).click()
    const field = patient.getByTestId('pass')
    await field.waitFor()
    await expect.poll(() => field.inputValue(), { timeout: PATIENCE }).not.toBe(shown)
    shown = await field.inputValue()
    return shown
  }

  test('sees the panel by urgency, and names a patient', async () => {
    await clinic
      .getByRole('link', { name: /^Unnamed patient/ })
      .first()
      .click()
    await clinic.getByTestId('integrity').waitFor()
    await clinic.getByLabel('Name in your list').fill('Robin V.')
    await clinic.getByRole('button', { name: 'Mark as reviewed' }).click()
    await clinic.getByRole('heading', { level: 1, name: 'Robin V.' }).waitFor()
    await goTo(clinic, 'Panel')
    await clinic.getByRole('link', { name: 'Robin V.' }).waitFor()
    expect(await clinic.getByRole('status').first().textContent()).toContain('1 patient, as of')
  })

  test('asks on a pass scanned from its picture, is let in, and reads insulin and meals too', async () => {
    const text = await passOf()
    expect(text).toMatch(/^ISLET1:/)
    const picture = await patient.locator('.qr').screenshot()
    await goTo(clinic, 'Visit')
    await clinic.getByLabel('Or a picture of it').setInputFiles({
      name: 'pass.png',
      mimeType: 'image/png',
      buffer: picture,
    })
    const field = clinic.getByLabel('Text of the pass')
    await expect.poll(() => field.inputValue(), { timeout: PATIENCE }).toBe(text)
    await clinic.getByRole('button', { name: 'Ask', exact: true }).click()
    await clinic.getByText('Asked. The patient sees your name').waitFor()
    await patient.getByRole('button', { name: 'Look who asks' }).click()
    await patient.getByRole('button', { name: /^Let in: Dr Okafor/ }).click()
    await patient.getByText('can read for this visit').waitFor()

    const south = story.node.consortium.party('south')
    expect(await south.grants()).toHaveLength(2)
    await goTo(clinic, 'Panel')
    await clinic.getByRole('button', { name: 'Refresh' }).click()
    await clinic.getByRole('link', { name: 'Robin V.' }).click()
    await clinic.getByText('meal with').first().waitFor()
  })

  test('the report is that of the readings which the grant opens', async () => {
    const south = story.node.consortium.party('south')
    const grants = await south.grants()
    const consent = grants.find(({ consentId }) => clinic.url().endsWith(consentId))?.consentId
    if (consent === undefined) throw new Error('the page shows no grant')
    const { records } = await south.read(consent)
    const expected = report(records.filter((record) => record.type === 'glucose'))
    const figures = await clinic.getByTestId('figures').textContent()
    expect(figures).toContain(`${expected.gmi?.toFixed(1)} %`)
    expect(figures).toContain(`${expected.distribution.mean?.toFixed(0)} mg/dL`)
  })

  test('the integrity badge opens the proof, and the ledger names the same roots', async () => {
    await clinic.getByText('Show the proof').click()
    const table = clinic.getByTestId('integrity').getByRole('table')
    await table.getByRole('cell', { name: 'the same' }).first().waitFor()
    expect(await table.getByRole('cell', { name: 'another' }).count()).toBe(0)
  })

  test('a proposal has reasons and is nothing before it is signed; the decision is recorded', async () => {
    await clinic.getByLabel('Carbohydrate of the meal, g').fill('45')
    await clinic.getByLabel('Grams that one unit covers').fill('10')
    await clinic.getByLabel('Fall that one unit brings, mg/dL').fill('40')
    await clinic.getByLabel('Target, mg/dL').fill('120')
    await clinic.getByRole('button', { name: 'Propose' }).click()
    const card = clinic.getByRole('article', { name: 'Dose for a meal' })
    await card
      .getByText(/^Proposed:/)
      .first()
      .waitFor()
    await card.getByText('Reject', { exact: true }).click()
    await card.getByRole('button', { name: 'Sign' }).click()
    await clinic.getByText('needs a reason').waitFor()
    await card.getByLabel('Reason').fill('is ill today')
    await card.getByRole('button', { name: 'Sign' }).click()
    await clinic.getByTestId('decisions').getByText('is ill today').waitFor()
  })

  test('a prescription counts once it is signed; the patient reads it, and how much of it was recorded', async () => {
    const written = clinic.getByTestId('prescription')
    await clinic.getByText('Write a prescription').click()
    await clinic.getByLabel('Insulin', { exact: true }).fill('insulin lispro 100 U/mL')
    await clinic.getByLabel('From').fill(new Date(Date.now() - 10 * 86_400_000).toISOString().slice(0, 10))
    expect(await written.count()).toBe(0)
    await clinic.getByRole('button', { name: 'Sign the prescription' }).click()
    await written.getByText('Signed by Dr Okafor').waitFor()
    const counted = /[1-9]\d* of [1-9]\d* prescribed doses were recorded/
    expect(await written.textContent()).toMatch(counted)
    const read = patient.getByTestId('prescription')
    await goTo(patient, 'Medication')
    await read.getByText('Signed by Dr Okafor').waitFor()
    expect(await read.textContent()).toContain('insulin lispro')
    expect(await read.textContent()).toMatch(counted)
    await clinic.getByRole('button', { name: 'Stop it: insulin lispro' }).click()
    await written.getByText('(Stopped)').waitFor()
    await goTo(patient, 'Now')
    await goTo(patient, 'Medication')
    await read.getByText('(Stopped)').waitFor()
  })

  test('an emergency opens with the second institution alone, and the patient reads the reason', async () => {
    const text = await passOf()
    await goTo(clinic, 'Visit')
    await clinic.getByLabel('Text of the pass').fill(text)
    await clinic.getByText('Seal for an emergency').click()
    await clinic.getByRole('button', { name: 'Ask', exact: true }).click()
    await clinic.getByText('Asked. The patient sees your name').waitFor()
    await patient.getByRole('button', { name: 'Look who asks' }).click()
    await patient.getByRole('button', { name: 'Answer: South Hospital' }).click()
    expect(await patient.getByTestId('sentence').textContent()).toContain('opens only when Harbour')
    await patient.getByRole('button', { name: 'Share', exact: true }).click()
    await patient.getByText('Shared with South Hospital').waitFor()

    await goTo(clinic, 'Emergency')
    await clinic.getByLabel('Why can it not wait?').fill('found unconscious, no one with them')
    await clinic.getByRole('button', { name: 'Break the glass: Robin V.' }).click()
    await clinic.getByText('waits for the second institution').first().waitFor()
    expect(await clinic.getByRole('button', { name: 'Open the record' }).count()).toBe(0)

    await signIn(officer, 'Vera Stone, duty officer, Harbour')
    await officer.getByText('found unconscious').waitFor()
    expect(await findings(officer)).toEqual([])
    await officer.getByRole('button', { name: 'Release' }).click()
    await officer.getByText('Answered.').waitFor()

    await clinic.getByRole('button', { name: 'Look again' }).click()
    await clinic.getByRole('button', { name: 'Open the record' }).click()
    await clinic.getByTestId('integrity').waitFor()
    await clinic.getByTestId('figures').waitFor()

    await goTo(patient, 'Who looked')
    await patient.getByTestId('checked').waitFor()
    const lines = await patient.getByRole('listitem').allTextContents()
    expect(lines.find((line) => line.includes('released by Harbour'))).toContain('found unconscious')
  })

  test('the emergency waits for a reviewer who took no part; the patient objects, and reads what was found', async () => {
    const mine = patient.getByTestId('emergency')
    await mine.getByText('Nobody has reviewed it yet').waitFor()
    expect(await mine.textContent()).toMatch(/Vera Stone.*Harbour/)
    // No name is followed by the same institution twice.
    for (const lines of [
      await mine.textContent(),
      (await patient.getByRole('listitem').allTextContents()).join(),
    ])
      expect(lines).not.toMatch(/(South Hospital|Harbour), \1/)
    expect(await mine.textContent()).toMatch(/[1-9]\d* hours of the record/)
    await mine.getByText('I object').click()
    await mine.getByLabel('Your words').fill('I was awake')
    await mine.getByRole('button', { name: 'Send my answer' }).click()
    await mine.getByText('You said').waitFor()

    await goTo(officer, 'Reviews')
    const released = officer.getByTestId('case-second')
    await released.getByText('You took part in this').waitFor()
    expect(await released.textContent()).toContain('The patient objects. I was awake')
    expect(await officer.getByRole('button', { name: 'Sign the finding' }).count()).toBe(0)

    await signIn(officer, 'Tom Salas, South Hospital')
    await goTo(officer, 'Reviews')
    const read = officer.getByTestId('case-reader')
    await read.getByText('found unconscious').waitFor()
    expect(await findings(officer)).toEqual([])
    await read.getByText('not justified').click()
    await read.getByLabel('What does it rest on?').fill('the patient was awake and was not asked')
    await read.getByRole('button', { name: 'Sign the finding' }).click()
    await officer.getByText('Nothing waits for a review.').waitFor()

    await goTo(patient, 'Now')
    await goTo(patient, 'Who looked')
    await mine.getByText('Tom Salas, South Hospital found it not justified').waitFor()
    expect(await findings(patient)).toEqual([])
    await picture(patient, 'app-emergency')
  })

  testScreens(
    () => ({ ...story, page: clinic }),
    async (page, place) => {
      if (place !== 1) return
      await page.getByRole('navigation').getByRole('link').first().click()
      await page.getByRole('link', { name: 'Robin V.' }).first().click()
      await page.getByTestId('integrity').waitFor()
    },
  )
})
