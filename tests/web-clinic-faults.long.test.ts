/**
 * A clinician when things go wrong, in a real browser on a real node: stopped while reading, data that was changed where it is
 * kept, a node that is away; and the way through by keyboard alone, by camera, and with five hundred patients.
 */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PanelRow } from '../src/api/index.ts'
import { panelFigures } from '../src/care/index.ts'
import { openNode } from '../src/node/service.door.ts'
import { storedObjects } from '../src/node/story/steps/stored-objects.ts'
import { cohort } from '../src/physiology/index.ts'
import { consentId, quantity, type UnixSeconds } from '../src/vocabulary/index.ts'
import { cameraPicture } from './testing/camera-picture.ts'
import {
  chromiumPath,
  findings,
  goTo,
  openStory,
  PATIENCE,
  reach,
  signInAs,
  type WebStory,
} from './testing/web-story.ts'

const DAY = 86_400
const PATIENTS = 500

describe.skipIf(chromiumPath === undefined)(
  'a clinician when things go wrong',
  { timeout: 2 * PATIENCE },
  () => {
    let story: WebStory
    let patient: Page
    let clinic: Page
    let again: WebStory['node'] | undefined
    let folder: string
    let film: string

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'islet-camera-'))
      film = join(folder, 'pass.y4m')
      await writeFile(film, cameraPicture())
      story = await openStory([
        '--use-fake-ui-for-media-stream',
        '--use-fake-device-for-media-stream',
        `--use-file-for-fake-video-capture=${film}`,
      ])
      patient = story.page
      clinic = await story.elsewhere()
      await signInAs(story, patient, 'Robin Vale')
      await patient.getByTestId('value').waitFor()
    }, 2 * PATIENCE)
    afterAll(async () => {
      await again?.close()
      await story?.close()
      await rm(folder, { recursive: true, force: true })
    })

    interface Stored {
      readonly path: string
      readonly bytes: Uint8Array
      readonly newest: number
    }
    /** Objects that hold glucose where it is kept, the newest hours first. */
    const storedGlucose = async (): Promise<readonly Stored[]> => {
      const stored: Stored[] = []
      for await (const { path, bytes, places } of storedObjects(story.node.consortium.party('west'))) {
        const hours = places.filter(({ kind }) => kind === 'glucose').map(({ hour }) => hour)
        if (hours.length > 0) stored.push({ path, bytes, newest: Math.max(...hours) })
      }
      return stored.sort((a, b) => b.newest - a.newest)
    }
    const bite = async ({ path, bytes }: Stored): Promise<void> => {
      const bitten = Uint8Array.from(bytes)
      bitten[bytes.length - 7] = (bitten[bytes.length - 7] ?? 0) ^ 1
      await chmod(path, 0o600)
      await writeFile(path, bitten)
    }
    const openRecord = async (): Promise<void> => {
      await goTo(clinic, 'Panel')
      await clinic
        .getByRole('link', { name: /^Robin V|^Unnamed patient/ })
        .first()
        .click()
    }

    test('by keyboard alone: signs in, opens a patient, names them, looks at the proof, prescribes', async () => {
      await clinic.goto(`${story.node.origin}/app`)
      const press = async (name: string | RegExp, role: 'button' | 'link' = 'button'): Promise<void> => {
        await reach(clinic, clinic.getByRole(role, { name }).first())
        await clinic.keyboard.press('Enter')
      }
      const type = async (label: string, text: string): Promise<void> => {
        await reach(clinic, clinic.getByLabel(label, { exact: true }))
        await clinic.keyboard.type(text)
      }
      await press('Continue as Dr Okafor, South Hospital')
      await press(/^Unnamed patient/, 'link')
      await clinic.getByTestId('integrity').waitFor()
      await type('Name in your list', 'Robin V.')
      await press('Mark as reviewed')
      await clinic.getByRole('heading', { level: 1, name: 'Robin V.' }).waitFor()
      await reach(clinic, clinic.getByText('Show the proof'))
      await clinic.keyboard.press('Enter')
      await clinic.getByRole('cell', { name: 'the same' }).first().waitFor()
      await reach(clinic, clinic.getByText('Write a prescription'))
      await clinic.keyboard.press('Enter')
      await type('Insulin', 'insulin lispro')
      await press('Sign the prescription')
      await clinic.getByTestId('prescription').getByText('Signed by Dr Okafor').waitFor()
    })

    test('a pass is read by the live camera, which is let go', async () => {
      await goTo(patient, 'Sharing')
      await patient.getByRole('button', { name: 'Show a pass for this visit' }).click()
      const shown = patient.getByTestId('pass')
      await expect.poll(() => shown.inputValue(), { timeout: PATIENCE }).toMatch(/^ISLET1:/)
      await writeFile(film, cameraPicture(await shown.inputValue()))
      await goTo(clinic, 'Visit')
      await clinic.getByRole('button', { name: 'Scan with the camera' }).click()
      await clinic.getByText('The pass was read.').waitFor()
      expect(await clinic.getByLabel('Text of the pass').inputValue()).toBe(await shown.inputValue())
      expect(await clinic.locator('video').count()).toBe(0)
    })

    test('a camera that is not given is said, with what else there is', async () => {
      await clinic.evaluate(() => {
        navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
      })
      await clinic.getByRole('button', { name: 'Scan with the camera' }).click()
      await clinic.getByRole('alert').getByText('Paste the text of the pass').waitFor()
      await clinic.getByRole('button', { name: 'Switch the camera off' }).click()
    })

    test('data that was changed where it is kept is not shown and named by its hours; the rest is', async () => {
      const stored = await storedGlucose()
      const [one, ...others] = stored
      if (one === undefined || others.length === 0) throw new Error('too little is stored')
      await openRecord()
      const readings = async () =>
        Number((await clinic.getByTestId('figures').locator('dd').last().textContent())?.replace(/\D/g, ''))
      const whole = await readings()
      const openAnew = async (): Promise<void> => {
        await goTo(clinic, 'Visit')
        await openRecord()
        await clinic.getByTestId('integrity').waitFor()
      }
      await bite(one)
      await openAnew()
      const badge = clinic.getByTestId('integrity')
      const said = (await badge.textContent()) ?? ''
      const [, all, lost] = /of (\d+) sealed hours (\d+) (?:is|are) not what was recorded/.exec(said) ?? []
      expect(Number(lost)).toBeGreaterThan(0)
      expect(Number(lost)).toBeLessThan(Number(all))
      expect(await badge.getByRole('listitem').first().textContent()).toMatch(/^glucose, from .+ to /)
      expect(await readings()).toBeLessThan(whole)
      expect(await readings()).toBeGreaterThan(0)
      await clinic.getByText('These figures are not of the whole time').waitFor()
      expect(await findings(clinic)).toEqual([])
      // The patient's own report says the same.
      await patient.getByRole('button', { name: 'Refresh' }).click()
      await goTo(patient, 'History')
      const own = patient.getByRole('alert').getByText('were changed since they were recorded')
      await own.waitFor()
      expect(await own.textContent()).toContain('They are not shown. Ask the clinic that keeps your data.')
      await patient.getByTestId('figures').waitFor()
      expect(await findings(patient)).toEqual([])
      await clinic.getByLabel('Carbohydrate of the meal, g').fill('45')
      await clinic.getByLabel('Grams that one unit covers').fill('10')
      await clinic.getByLabel('Fall that one unit brings, mg/dL').fill('40')
      await clinic.getByLabel('Target, mg/dL').fill('120')
      await clinic.getByRole('button', { name: 'Propose' }).click()
      await clinic.getByText('No proposal: some hours of the record').waitFor()

      for (const other of others) await bite(other)
      await openAnew()
      await clinic.getByRole('alert').getByText('not what was recorded').waitFor()
      await clinic.getByText('Nothing of it is shown').waitFor()
      expect(await clinic.getByTestId('figures').count()).toBe(0)
      for (const { path, bytes } of stored) await writeFile(path, bytes)
      await openAnew()
      await clinic.getByTestId('figures').waitFor()
      expect(await readings()).toBe(whole)
      const dayView = clinic.getByRole('article', { name: 'Day view' })
      await dayView
        .getByText(/^No forecast:|^In 30 minutes about/)
        .first()
        .waitFor()
    })

    test('a node that is away is said beside the record, which stays until it is back', async () => {
      await clinic.route('**/v1/**', (route) => route.abort())
      await clinic.getByText('Islet does not answer. What is shown is as it was at').waitFor()
      expect(await clinic.getByTestId('figures').count()).toBe(1)
      await clinic.unroute('**/v1/**')
      await clinic.getByText('Islet does not answer').waitFor({ state: 'detached' })
    })

    test('a process that stops and is started again: it is said meanwhile, and nothing is lost', async () => {
      const { directory } = story.node.consortium
      const { hostname, port } = new URL(story.node.origin)
      const [newest] = await storedGlucose()
      if (newest === undefined) throw new Error('nothing is stored')
      await bite(newest)
      await story.node.close()
      await clinic.getByText('Islet does not answer. What is shown is as it was at').waitFor()
      expect(await clinic.getByTestId('figures').count()).toBe(1)
      await clinic.getByLabel('Name in your list').fill('Robin Vale')
      await clinic.getByRole('button', { name: 'Mark as reviewed' }).click()
      await clinic.getByRole('alert').getByText('Nothing you did is lost; try again in a moment').waitFor()
      again = await openNode({ directory, host: hostname, port: Number(port), version: '0.0.0' })
      await clinic.getByText('Islet does not answer. What is shown').waitFor({ state: 'detached' })
      await clinic.getByRole('button', { name: 'Mark as reviewed' }).click()
      await clinic.getByRole('heading', { level: 1, name: 'Robin Vale' }).waitFor()
      await clinic.getByTestId('prescription').getByText('Signed by Dr Okafor').waitFor()
      // What was damaged meanwhile is left out of the panel, and said in the patient's row.
      await goTo(clinic, 'Panel')
      const row = clinic.getByRole('row').filter({ hasText: 'damaged and left out' })
      await row.waitFor()
      expect(await row.textContent()).toMatch(
        /^Robin Vale \((one hour|\d+ hours) damaged and left out\)\d+\smg\/dL/,
      )
      expect(await findings(clinic)).toEqual([])
      await writeFile(newest.path, newest.bytes)
      await clinic.getByRole('link', { name: 'Robin Vale' }).click()
      await clinic.getByTestId('figures').waitFor()
    })

    test('stopped while it is read: the record leaves the open page', async () => {
      await goTo(patient, 'Sharing')
      await patient.getByRole('button', { name: 'Stop sharing: Dr Okafor, South Hospital' }).click()
      await patient.getByRole('alertdialog').getByRole('button', { name: 'Stop sharing' }).click()
      await patient.getByText('is refused everywhere from now on').waitFor()
      const begun = performance.now()
      await clinic.getByRole('alert').getByText('The patient has stopped sharing with you.').waitFor()
      process.stdout.write(
        `an open page gave a stopped record up ${((performance.now() - begun) / 1_000).toFixed(1)} s after the patient was told\n`,
      )
      for (const shown of ['figures', 'integrity', 'prescription'])
        expect(await clinic.getByTestId(shown).count(), shown).toBe(0)
      await goTo(clinic, 'Panel')
      await clinic.getByText('The patient has stopped sharing with you.').waitFor()
    })

    test('five hundred patients stand in the panel by urgency', async () => {
      const now = quantity<UnixSeconds>(Math.floor(Date.now() / 1_000))
      const rows = panelOf(now)
      again?.consortium.house('south').serve({ 'care-panel': async () => ({ at: now, rows }) })
      await goTo(clinic, 'Visit')
      await clinic.locator('h1', { hasText: 'Visit' }).waitFor()
      const begun = performance.now()
      await goTo(clinic, 'Panel')
      await clinic.getByText(`${PATIENTS} patients, as of`).waitFor()
      const took = performance.now() - begun
      expect(await clinic.locator('a[href^="#/patient/"]').count()).toBe(PATIENTS)
      const sizes = (await clinic.locator('h2').allTextContents()).map((title) =>
        Number(/\((\d+)\)/.exec(title)?.[1]),
      )
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(PATIENTS)
      process.stdout.write(
        `a panel of ${PATIENTS} patients was asked for, answered, checked and drawn in ${Math.round(took)} ms (figures of 20 virtual people; reading them not included)\n`,
      )
    })

    /** Rows with the figures of twenty virtual people, a fortnight each. */
    function panelOf(now: UnixSeconds): PanelRow[] {
      const start = quantity<UnixSeconds>(Math.floor(now / DAY) * DAY - 14 * DAY)
      const { people } = cohort({ seed: 5, people: 20, days: 14, start, offsetMinutes: 0 })
      const figures = people.map(({ records }) =>
        panelFigures(
          records.filter((record) => record.type === 'glucose'),
          now,
        ),
      )
      return Array.from({ length: PATIENTS }, (_, i) => ({
        consent: consentId(`0x${i.toString(16).padStart(64, '0')}`),
        name: `Patient ${i}`,
        kinds: ['glucose'],
        expires: quantity<UnixSeconds>(now + DAY),
        reviewed: null,
        missing: null,
        damaged: 0,
        figures: figures[i % figures.length] ?? null,
      }))
    }
  },
)
