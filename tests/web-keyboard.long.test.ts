/**
 * A patient who uses nothing but the keyboard, in a real browser: reads the chart, shares three days, stops; and the report
 * on one sheet of paper.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumPath, goTo, openStory, PATIENCE, type WebStory } from './testing/web-story.ts'

describe.skipIf(chromiumPath === undefined)('a patient with a keyboard', { timeout: 2 * PATIENCE }, () => {
  let story: WebStory
  let page: WebStory['page']
  beforeAll(async () => {
    story = await openStory()
    page = story.page
  }, PATIENCE)
  afterAll(() => story?.close())

  /** What has the focus: its name, and whether one sees that it has it. */
  const focused = () =>
    page.evaluate(() => {
      const at = document.activeElement
      if (!(at instanceof HTMLElement) || at === document.body) return { name: '', seen: false }
      // Of a drawn radio button its label shows the focus.
      const drawn = [at, at.closest('label')].map((one) => (one === null ? undefined : getComputedStyle(one)))
      const seen = drawn.some((style) => style?.outlineStyle === 'solid' && style.outlineWidth !== '0px')
      return { name: at.getAttribute('aria-label') ?? at.textContent ?? '', seen }
    })
  /** Goes on by Tab until something of this name has the focus. */
  const tabTo = async (name: string): Promise<void> => {
    for (let step = 0; step < 80; step++) {
      await page.keyboard.press('Tab')
      const here = await focused()
      if (here.name.trim() !== name) continue
      expect(here.seen, `focus on ${name}`).toBe(true)
      return
    }
    throw new Error(`Tab never reaches ${name}`)
  }
  const enter = async (name: string): Promise<void> => {
    await tabTo(name)
    await page.keyboard.press('Enter')
  }

  test('signs in, and reads the chart value by value', async () => {
    await page.goto(`${story.node.origin}/app`)
    await page.getByRole('button', { name: 'Continue as Robin Vale' }).waitFor()
    await enter('Continue as Robin Vale')
    await page.getByTestId('value').waitFor()
    await tabTo('Glucose over time')
    const slider = page.getByRole('slider')
    const newest = await slider.getAttribute('aria-valuenow')
    await page.keyboard.press('ArrowLeft')
    expect(await slider.getAttribute('aria-valuenow')).toBe(String(Number(newest) - 1))
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d: \d+ mg\/dL$/)
  })

  test('shares three days: the choice is changed by arrows, the sentence follows, nothing moves', async () => {
    await enter('Sharing')
    await page.getByRole('button', { name: 'Answer: Dr Lee, North Clinic' }).waitFor()
    await enter('Answer: Dr Lee, North Clinic')
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    expect(await page.locator('.modal').evaluate((modal) => getComputedStyle(modal).animationName)).toBe(
      'none',
    )
    const sentence = () => page.getByTestId('sentence').textContent()
    const three = await sentence()
    await page.getByRole('radio', { name: 'The last 3 days' }).focus()
    await page.keyboard.press('ArrowDown')
    expect(await sentence()).not.toBe(three)
    await page.keyboard.press('ArrowUp')
    expect(await sentence()).toBe(three)
    await enter('Share')
    await page.getByText('Shared with Dr Lee, North Clinic').waitFor()
    expect(await story.node.consortium.party('north').grants()).toHaveLength(1)
  })

  test('stops: Escape leaves all as it was, Enter on the button ends it', async () => {
    await enter('Stop sharing: Dr Lee, North Clinic')
    await page.getByRole('alertdialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('alertdialog').waitFor({ state: 'detached' })
    await enter('Stop sharing: Dr Lee, North Clinic')
    await page.getByRole('alertdialog').waitFor()
    await enter('Stop sharing')
    await page.getByText('is refused everywhere from now on').waitFor()
  })

  test.each(['A4', 'Letter'])('the report of a fortnight fits one page of %s, day by day', async (format) => {
    await goTo(page, 'History')
    await page.getByTestId('days').waitFor()
    expect(await page.getByTestId('days').getByRole('img').count()).toBe(14)
    expect(await page.getByTestId('days').getByRole('img').first().getAttribute('aria-label')).toMatch(
      /: (mean \d+ mg\/dL, \d+ % in range|no readings)$/,
    )
    const printed = (await page.pdf({ format })).toString('latin1')
    expect(printed.match(/\/Type\s*\/Page\b(?!s)/g)).toHaveLength(1)
  })

  test('the report is copied as text with the figures that are shown; where that is refused, it is said', async () => {
    await story.context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: story.node.origin })
    await enter('Copy as text')
    await page.getByText('Copied.').waitFor()
    const text = String(await page.evaluate('navigator.clipboard.readText()'))
    const shown = (await page.locator('.figures dd').allTextContents()).map((figure) => figure.trim())
    const gmi = shown.find((figure) => /^\d\.\d %$/.test(figure))
    expect(gmi).toBeDefined()
    expect(text).toContain(gmi)
    await page.evaluate('navigator.clipboard.writeText = () => Promise.reject(new Error("denied"))')
    await page.getByRole('button', { name: 'Copy as text' }).click()
    await page.getByText('did not let the text be copied').waitFor()
  })

  test('nothing broke the content security policy on the way', () => {
    expect(story.complaints).toEqual([])
  })
})
