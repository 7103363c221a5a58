/**
 * What time brings before a patient in a real browser: new readings; and what can go wrong: the node is slow, is gone and comes
 * back, the device's clock is wrong. Each has a sentence that says what happened and what to do, and nothing is lost.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openNode } from '../src/node/service.door.ts'
import { chromiumPath, goTo, openStory, PATIENCE, signInAs, type WebStory } from './testing/web-story.ts'

const DAY = 86_400
const AWAY_SECONDS = DAY + 20 * 60
/** From one reading to the next. */
const STEP_MILLISECONDS = 300_000

describe.skipIf(chromiumPath === undefined)('what can go wrong', { timeout: 2 * PATIENCE }, () => {
  let story: WebStory
  let page: WebStory['page']
  let again: WebStory['node'] | undefined

  beforeAll(async () => {
    story = await openStory()
    page = story.page
    await page.clock.install()
    // They last looked at their readings a day and twenty minutes ago.
    story.life.now -= AWAY_SECONDS
    await signInAs(story, page, 'Robin Vale')
    await page.getByTestId('value').waitFor()
  }, PATIENCE)
  afterAll(async () => {
    await again?.close()
    await story?.close()
  })

  const refresh = () => page.getByRole('button', { name: 'Refresh' }).click()
  const alert = (words: string) => page.getByRole('alert').getByText(words).first().waitFor()

  test('after a day away the readings are caught up at sign-in, and those that a device adds show without a reload', async () => {
    await page.getByText('The last reading came').waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    story.life.now += DAY
    await signInAs(story, page, 'Robin Vale')
    const ago = /The last reading came (2\d) min ago/
    expect(Number(ago.exec((await page.getByText(ago).textContent()) ?? '')?.[1])).toBeLessThan(27)
    story.life.now = Math.floor(Date.now() / 1_000)
    // Whatever asks for the person lets them live on, as the regular work does each minute.
    await fetch(`${story.node.origin}/v1/demo/personas/robin`)
    await page.clock.setSystemTime(Date.now() - STEP_MILLISECONDS)
    await page.clock.fastForward(STEP_MILLISECONDS)
    await page.getByText(/^(just now|[1-5] min ago)$/).waitFor()
    await goTo(page, 'Sharing')
    await page.getByRole('heading', { name: 'May add to your data, and read none of it' }).waitFor()
    await goTo(page, 'Who looked')
    await page.getByLabel('Show my own reads too').check()
    await page.getByText('Lantern Devices added data').first().waitFor()
    await goTo(page, 'Now')
  })

  test.each([
    { why: 'ahead', hours: 1 },
    { why: 'behind', hours: -1 },
  ])('a clock that is $why is said, and once it is right all goes on', async ({ hours }) => {
    await page.clock.setSystemTime(Date.now() + hours * 3_600_000)
    await refresh()
    await alert('The clock of this device is wrong. Set it right and try again.')
    await page.clock.setSystemTime(Date.now())
    await refresh()
    await page.getByRole('alert').waitFor({ state: 'detached' })
    expect(await page.getByTestId('value').isVisible()).toBe(true)
  })

  test('a clinic that does not answer in time is given up on, in words', async () => {
    const held: (() => void)[] = []
    await page.route('**/messages', async (route) => {
      await new Promise<void>((resolve) => held.push(resolve))
      await route.abort()
    })
    await goTo(page, 'Who looked')
    await expect.poll(() => held.length, { timeout: PATIENCE }).toBeGreaterThan(0)
    await page.clock.fastForward(20_000)
    await alert('The clinic did not answer in time.')
    for (const release of held) release()
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.clock.setSystemTime(Date.now())
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByTestId('checked').waitFor()
  })

  test('a node that is gone and comes back finds everything as it was', async () => {
    await goTo(page, 'Sharing')
    await page.getByRole('button', { name: 'Answer: Dr Lee, North Clinic' }).click()
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    await page.getByText('Shared with Dr Lee, North Clinic').waitFor()
    const { directory } = story.node.consortium
    const { hostname, port } = new URL(story.node.origin)
    await story.node.close()
    await refresh()
    await page.getByTestId('away').getByText('Islet does not answer').waitFor()
    again = await openNode({ directory, host: hostname, port: Number(port), version: '0.0.0' })
    await page.clock.setSystemTime(Date.now())
    await refresh()
    await page.getByText('You see what this device has kept').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Stop sharing: Dr Lee, North Clinic' }).waitFor()
    await goTo(page, 'Who looked')
    await page.getByTestId('checked').waitFor()
    expect(await again.consortium.party('north').grants()).toHaveLength(1)
  })
})
