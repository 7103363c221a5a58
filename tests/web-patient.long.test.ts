/**
 * The patient's story in a real browser on a real node: sign in, see, share three days, be read, stop, see who looked.
 */
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { report } from '../src/glycemia/index.ts'
import { hourOf, isIsletError, quantity, type UtcHour } from '../src/vocabulary/index.ts'
import {
  chromiumPath,
  findings,
  LOOKS,
  openStory,
  PATIENCE,
  picture,
  setLook,
  testScreens,
  type WebStory,
} from './testing/web-story.ts'

describe.skipIf(chromiumPath === undefined)('a patient in a browser', { timeout: 2 * PATIENCE }, () => {
  let story: WebStory
  let page: WebStory['page']
  let node: WebStory['node']
  let firstLoad = 0

  beforeAll(async () => {
    story = await openStory()
    page = story.page
    node = story.node
  }, PATIENCE)
  afterAll(() => story?.close())

  const go = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click()
  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work
      return 'NOT_REFUSED'
    } catch (error) {
      return isIsletError(error) ? error.code : String(error)
    }
  }

  test('signs in as a demo person and sees the last value, opened on this device', async () => {
    const bodies: Promise<Buffer>[] = []
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) bodies.push(response.body())
    })
    await page.goto(`${node.origin}/app`)
    await page.getByRole('button', { name: 'Continue as Robin Vale' }).click()
    await page.getByTestId('value').waitFor()
    firstLoad = (await Promise.all(bodies)).reduce(
      (sum, body) => sum + gzipSync(body, { level: 9 }).length,
      0,
    )
    expect(await page.getByTestId('value').textContent()).toMatch(/^\d{2,3}\s*mg\/dL/)
    expect(await page.getByText('simulated person').isVisible()).toBe(true)
    expect(story.complaints).toEqual([])
  })

  test('the first screen loads at most 250 kB of script, gzipped', () => {
    expect(firstLoad).toBeGreaterThan(50_000)
    expect(firstLoad).toBeLessThanOrEqual(250_000)
  })

  test('the figures of the report are those of the readings that a reader opens', async () => {
    await go('History')
    const south = node.consortium.party('south')
    const [grant] = await south.grants()
    if (grant === undefined) throw new Error('nobody reads yet')
    const { records } = await south.read(grant.consentId)
    await page.getByRole('radio', { name: '3 days' }).check()
    const glucose = records.filter((record) => record.type === 'glucose')
    const last = glucose.at(-1)?.at ?? 0
    const expected = report(glucose.filter(({ at }) => at > last - 3 * 86_400))
    for (const { band, percent } of expected.bands) {
      const shown = await page.locator(`[data-band="${band.name}"]`).textContent()
      expect(shown, band.name).toBe(`${percent?.toFixed(1)} %`)
    }
    const figures = await page.getByTestId('figures').textContent()
    expect(figures).toContain(`${expected.gmi?.toFixed(1)} %`)
    expect(figures).toContain(`${expected.distribution.mean?.toFixed(0)} mg/dL`)
    await picture(page, 'app-history')
    expect(await page.getByTestId('proof').textContent()).toMatch(/^All \d+ sealed hours were checked/)
  })

  test('three days are shared in at most five clicks, and the reader opens exactly those', async () => {
    const north = node.consortium.party('north')
    expect(await north.grants()).toEqual([])
    let clicks = 0
    const click = async (work: Promise<void>): Promise<void> => {
      await work
      clicks += 1
    }
    await click(go('Sharing'))
    await click(page.getByRole('button', { name: 'Answer: Dr Lee, North Clinic' }).click())
    const sentence = await page.getByTestId('sentence').textContent()
    await picture(page, 'app-share')
    await click(page.getByRole('button', { name: 'Share', exact: true }).click())
    await page.getByText('Shared with Dr Lee, North Clinic').waitFor()
    expect(clicks).toBeLessThanOrEqual(5)
    expect(sentence).toContain('North Clinic – Dr Lee can read your glucose, insulin and meals')

    const [grant] = await north.grants()
    if (grant === undefined) throw new Error('nothing was shared')
    const { records } = await north.read(grant.consentId)
    const hours = records.map(({ at }) => hourOf(at))
    const [first, last] = [Math.min(...hours), Math.max(...hours)]
    expect(last - first + 1).toBe(72)
    const outside = { first: quantity<UtcHour>(first - 1), end: quantity<UtcHour>(first) }
    expect(await codeOf(north.read(grant.consentId, { window: outside }))).toBe('HOURS_NOT_GRANTED')
  })

  test('what was shared is still there after the page was loaded anew', async () => {
    await page.reload()
    await page.getByRole('button', { name: 'Continue as Robin Vale' }).click()
    await page.getByRole('button', { name: 'Stop sharing: Dr Lee, North Clinic' }).waitFor()
  })

  test('a second tab does not open the same person', async () => {
    const second = await story.context.newPage()
    await second.goto(`${node.origin}/app`)
    await second.getByRole('button', { name: 'Continue as Robin Vale' }).click()
    await second.getByRole('alert').waitFor()
    expect(await second.getByRole('alert').textContent()).toContain('open in another tab')
    await second.close()
  })

  test('once stopped, the reader is refused', async () => {
    const north = node.consortium.party('north')
    const [grant] = await north.grants()
    if (grant === undefined) throw new Error('nothing was shared')
    expect(await codeOf(north.read(grant.consentId))).toBe('NOT_REFUSED')
    await page.getByRole('button', { name: 'Stop sharing: Dr Lee, North Clinic' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Stop sharing' }).click()
    await page.getByText('is refused everywhere from now on').waitFor()
    expect(await codeOf(north.read(grant.consentId))).toBe('CONSENT_REVOKED')
  })

  test('who looked names the reader, and the refusal after the stop', async () => {
    await go('Who looked')
    await page.getByTestId('checked').waitFor()
    const lines = await page.getByRole('listitem').allTextContents()
    const of = (words: string) => lines.filter((line) => line.includes(words)).length
    expect(of('Dr Lee, North Clinic read')).toBe(2)
    expect(of('Dr Lee, North Clinic was refused')).toBeGreaterThanOrEqual(1)
    expect(of('Dr Okafor, South Hospital read')).toBeGreaterThanOrEqual(1)
  })

  testScreens(
    () => story,
    async (shown, place) => {
      if (place === 7) await shown.getByTestId('worn').waitFor()
      if (place !== 2) return
      await shown.locator('.cards .button.main').first().click()
      await shown.getByRole('dialog').waitFor()
      expect(await findings(shown), 'grant wizard').toEqual([])
      await shown.keyboard.press('Escape')
      await shown.getByRole('dialog').waitFor({ state: 'detached' })
    },
  )

  test('a node that is away is said in words, with the copy where there is one, and the next try shows all again', async () => {
    await page.setViewportSize({ width: 1280, height: 720 })
    await setLook(page, LOOKS[0])
    await go('Now')
    await page.route('**/v1/**', (route) => route.abort())
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByTestId('away').getByText('Islet does not answer').waitFor()
    expect(await page.getByTestId('value').isVisible()).toBe(true)
    await go('Who looked')
    await page.getByRole('alert').getByText('Islet does not answer').waitFor()
    await page.unroute('**/v1/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByTestId('checked').waitFor()
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByText('You see what this device has kept').waitFor({ state: 'detached' })
  })
})
