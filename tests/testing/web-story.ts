/**
 * A node on loopback and a browser before it: what every story in the web app begins with, and asks of each screen.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { openNode } from '../../src/node/service.door.ts'
import { quantity, type UnixSeconds } from '../../src/vocabulary/index.ts'
import { browserPath, openBrowser } from './browser.ts'

/** Longer than any step takes on the busiest machine, milliseconds: nothing here is asserted by the clock. */
export const PATIENCE = 120_000

/** More than any screen has places for the focus. */
const MOST_STEPS = 300

export const chromiumPath = browserPath()

export interface WebStory {
  readonly node: Awaited<ReturnType<typeof openNode>>
  /** What time it is in the lives of the virtual people, seconds since 1970: it stands still until somebody moves it. */
  readonly life: { now: number }
  readonly context: BrowserContext
  readonly page: Page
  /** What the pages complained about: errors, and anything that the content security policy refused. */
  readonly complaints: readonly string[]
  /**
   * A page in a browser profile of its own, as somebody else has one. Of the pages of one profile only the one in front is drawn;
   * the others get a frame a second, and every click on them waits for two.
   */
  elsewhere(): Promise<Page>
  close(): Promise<void>
}

/** Starts a node and a page that has not gone anywhere yet; `browserArgs` are further switches of the browser. */
export async function openStory(browserArgs: readonly string[] = []): Promise<WebStory> {
  const directory = await mkdtemp(join(tmpdir(), 'islet-web-'))
  const life = { now: Math.floor(Date.now() / 1_000) }
  const virtualClock = () => quantity<UnixSeconds>(life.now)
  const node = await openNode({ directory, host: '127.0.0.1', port: 0, version: '0.0.0', virtualClock })
  const browser = await openBrowser(chromiumPath ?? '', browserArgs)
  const complaints: string[] = []
  const openProfile = async () => {
    const context = await browser.newContext({
      locale: 'en-GB',
      colorScheme: 'light',
      reducedMotion: 'reduce',
    })
    context.setDefaultTimeout(PATIENCE)
    const page = await context.newPage()
    noteComplaints(page, complaints)
    return { context, page }
  }
  return {
    node,
    life,
    ...(await openProfile()),
    complaints,
    elsewhere: async () => (await openProfile()).page,
    close: async () => {
      await browser.close()
      await node.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Adds what a page complains about from now on to a list. */
function noteComplaints(page: Page, complaints: string[]): void {
  page.on('console', (message) => {
    // A refusal by the node is an answer like any other; the screen says it in words.
    const refused = message
      .text()
      .startsWith('Failed to load resource: the server responded with a status of 4')
    if (message.type() === 'error' && !refused) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
}

/** Serious and critical findings of axe-core on what is shown. */
export async function findings(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source)
  const found: unknown = await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(
    (result) => result.violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => id + ' ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`)
  return Array.isArray(found) ? found.map(String) : ['axe-core gave no result']
}

/** The languages and themes in which every screen is held to axe-core. */
export const LOOKS = [
  { language: 'en', theme: 'light', unit: 'mg/dL' },
  { language: 'en', theme: 'dark', unit: 'mmol/L' },
  { language: 'de', theme: 'light', unit: 'mmol/L' },
  { language: 'de', theme: 'dark', unit: 'mg/dL' },
] as const

/** Sets language, theme and unit through the settings menu. */
export async function setLook(page: Page, look: (typeof LOOKS)[number]): Promise<void> {
  const menu = page.locator('.settings summary')
  await menu.click()
  await page.locator('.settings select').nth(0).selectOption(look.language)
  await page.locator('.settings select').nth(1).selectOption(look.unit)
  await page.locator('.settings select').nth(2).selectOption(look.theme)
  await menu.click()
}

/** Signs one of the demo people in. */
export async function signInAs({ node }: Pick<WebStory, 'node'>, page: Page, name: string): Promise<void> {
  await page.goto(`${node.origin}/app`)
  await page.getByRole('button', { name: `Continue as ${name}` }).click()
  await page.getByRole('navigation').waitFor()
}

/** Goes to a screen by its link. */
export function goTo(page: Page, name: string): Promise<void> {
  return page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
}

/** Moves the focus to something by the Tab key alone. Throws where it is not reached. */
export async function reach(page: Page, target: Locator): Promise<void> {
  await target.waitFor()
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`not reached by keyboard: ${target}`)
}

/** Shows every screen of who is signed in, one after the other. */
async function eachScreen(page: Page, on: (place: number) => Promise<void>): Promise<void> {
  const links = page.getByRole('navigation').getByRole('link')
  for (let place = 0; place < (await links.count()); place++) {
    await links.nth(place).click()
    await page.locator('h1').waitFor()
    await on(place)
  }
}

/**
 * The last tests of a story: every screen of who is signed in by then, in each look held to axe-core, and on a narrow phone.
 * `show` brings a screen to where it shows most.
 */
export function testScreens(
  ofStory: () => Pick<WebStory, 'page' | 'complaints'>,
  show: (page: Page, place: number) => Promise<void> = async () => {},
): void {
  test.each(LOOKS)('axe-core finds nothing serious on any screen ($language, $theme)', async (look) => {
    const { page } = ofStory()
    await setLook(page, look)
    await eachScreen(page, async (place) => {
      await show(page, place)
      expect(await findings(page), `screen ${place}`).toEqual([])
    })
    expect(await page.locator('html').getAttribute('lang')).toBe(look.language)
  })

  test('it fits a screen of 320 pixels, and nothing broke the content security policy', async () => {
    const { page, complaints } = ofStory()
    await page.setViewportSize({ width: 320, height: 640 })
    await eachScreen(page, async (place) => {
      await show(page, place)
      const width = await page.evaluate('document.documentElement.scrollWidth')
      expect(width, `screen ${place}`).toBeLessThanOrEqual(320)
    })
    expect(complaints).toEqual([])
  })
}

/** Pictures for the README, on request: `ISLET_SCREENSHOTS=docs/images npm run test:web`. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['ISLET_SCREENSHOTS']
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) })
}
