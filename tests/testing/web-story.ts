/**
 * A node on loopback and a browser before it: what every story in the web app begins with, and asks of each screen.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import axe from 'axe-core'
import type { BrowserContext, Page } from 'playwright-core'
import { openNode } from '../../src/node/service.door.ts'
import { browserPath, openBrowser } from './browser.ts'

/** Longer than any step takes on the busiest machine, milliseconds: nothing here is asserted by the clock. */
export const PATIENCE = 120_000

export const chromiumPath = browserPath()

export interface WebStory {
  readonly node: Awaited<ReturnType<typeof openNode>>
  readonly context: BrowserContext
  readonly page: Page
  /** What the page complained about: errors, and anything that the content security policy refused. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** Starts a node and a page that has not gone anywhere yet. */
export async function openStory(): Promise<WebStory> {
  const directory = await mkdtemp(join(tmpdir(), 'islet-web-'))
  const node = await openNode({ directory, host: '127.0.0.1', port: 0, version: '0.0.0' })
  const browser = await openBrowser(chromiumPath ?? '')
  const context = await browser.newContext({ locale: 'en-GB', colorScheme: 'light', reducedMotion: 'reduce' })
  context.setDefaultTimeout(PATIENCE)
  const page = await context.newPage()
  return {
    node,
    context,
    page,
    complaints: complaintsOf(page),
    close: async () => {
      await browser.close()
      await node.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** What a page complains about from now on; the list grows. */
function complaintsOf(page: Page): readonly string[] {
  const complaints: string[] = []
  page.on('console', (message) => {
    // A refusal by the node is an answer like any other; the screen says it in words.
    const refused = message
      .text()
      .startsWith('Failed to load resource: the server responded with a status of 4')
    if (message.type() === 'error' && !refused) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  return complaints
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

/** Pictures for the README, on request: `ISLET_SCREENSHOTS=docs/images npm run test:web`. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['ISLET_SCREENSHOTS']
  if (folder !== undefined) await page.screenshot({ path: join(folder, `${name}.png`) })
}
