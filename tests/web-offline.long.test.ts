/**
 * A patient whose node is away, in a real browser: the app opens, the last days are there, a grant and a stop are signed and
 * kept, and both reach everybody once when the node is back.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isIsletError } from '../src/vocabulary/index.ts'
import {
  chromiumPath,
  findings,
  goTo,
  openStory,
  PATIENCE,
  picture,
  signInAs,
  type WebStory,
} from './testing/web-story.ts'

describe.skipIf(chromiumPath === undefined)('a patient whose node is away', { timeout: 2 * PATIENCE }, () => {
  let story: WebStory
  let page: WebStory['page']
  beforeAll(async () => {
    story = await openStory()
    page = story.page
  }, PATIENCE)
  afterAll(() => story?.close())

  const codeOf = (work: Promise<unknown>): Promise<string> =>
    work.then(
      () => 'READ',
      (error: unknown) => (isIsletError(error) ? error.code : String(error)),
    )
  const back = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Continue as Robin Vale' }).click()
    await page.getByRole('navigation').waitFor()
  }
  /** Bytes of everything that this origin keeps in IndexedDB, as text. */
  const kept = (name: string): Promise<readonly string[]> =>
    page.evaluate(async (prefix) => {
      const texts: string[] = []
      for (const { name: found = '' } of await indexedDB.databases()) {
        if (!found.startsWith(prefix)) continue
        const open = indexedDB.open(found)
        await new Promise((resolve) => {
          open.onsuccess = resolve
        })
        const all = open.result.transaction('documents').objectStore('documents').getAll()
        await new Promise((resolve) => {
          all.onsuccess = resolve
        })
        for (const bytes of all.result) texts.push(new TextDecoder('latin1').decode(bytes))
        open.result.close()
      }
      return texts
    }, name)

  test('the app can be installed: its manifest, its icon and its worker are served', async () => {
    await signInAs(story, page, 'Robin Vale')
    await page.getByTestId('value').waitFor()
    const manifest = await (await page.request.get(`${story.node.origin}/app.webmanifest`)).json()
    expect(manifest).toMatchObject({ start_url: '/app', display: 'standalone' })
    for (const { src } of manifest.icons) {
      expect((await page.request.get(`${story.node.origin}${src}`)).status()).toBe(200)
    }
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready
    })
    await goTo(page, 'Sharing')
    await page.getByRole('button', { name: 'Answer: Dr Lee, North Clinic' }).waitFor()
    expect(story.complaints).toEqual([])
  })

  test('without the node it opens, shows the last days and says that they are a copy', async () => {
    await story.context.setOffline(true)
    await page.reload()
    await back()
    await goTo(page, 'Now')
    await page.getByTestId('away').getByText('You see what this device has kept').waitFor()
    expect(await page.getByTestId('value').textContent()).toMatch(/^\d{2,3}\s*mg\/dL/)
    await goTo(page, 'History')
    await page.getByTestId('figures').waitFor()
    expect(await page.getByTestId('figures').textContent()).not.toContain('Readings0')
    expect(await findings(page)).toEqual([])
    await picture(page, 'app-away')
  })

  test('the copy says nothing to whoever takes the browser’s files', async () => {
    const copies = await kept('islet copy')
    expect(copies).toHaveLength(2)
    for (const copy of copies) expect(copy).not.toMatch(/glucose|mg\/dL|North Clinic/)
  })

  test('a grant and a stop made now are signed, kept and said to wait', async () => {
    await goTo(page, 'Sharing')
    await page.getByRole('button', { name: 'Answer: Dr Lee, North Clinic' }).click()
    await page.getByRole('button', { name: 'Share', exact: true }).click()
    await page.getByText('Signed for Dr Lee, North Clinic and kept here.').waitFor()
    await page.getByRole('button', { name: 'Stop sharing: Dr Okafor, South Hospital' }).click()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Stop sharing' }).click()
    await page.getByText('can still read until it does').waitFor()
    await page.getByTestId('away').getByText('2 things wait to be sent.').waitFor()
    expect(await page.getByRole('button', { name: 'Answer: Dr Lee, North Clinic' }).count()).toBe(0)
    expect(await findings(page)).toEqual([])
    expect(await story.node.consortium.party('north').grants()).toEqual([])
  })

  test('they survive a reload, and reach everybody once when the node answers again', async () => {
    await page.reload()
    await back()
    await goTo(page, 'Sharing')
    await page.getByTestId('away').getByText('2 things wait to be sent.').waitFor()
    await story.context.setOffline(false)
    await page.getByText('wait to be sent').waitFor({ state: 'detached' })
    await page.getByText('You see what this device has kept').waitFor({ state: 'detached' })
    const [north, south] = [story.node.consortium.party('north'), story.node.consortium.party('south')]
    await expect.poll(() => north.grants(), { timeout: PATIENCE }).toHaveLength(1)
    const grants = await north.grants()
    for (const { consentId } of grants) expect(await codeOf(north.read(consentId))).toBe('READ')
    for (const { consentId } of await south.grants())
      expect(await codeOf(south.read(consentId))).toBe('CONSENT_REVOKED')
    await page.getByRole('button', { name: 'Refresh' }).click()
    await goTo(page, 'Now')
    await goTo(page, 'Sharing')
    await page.getByRole('button', { name: 'Answer: Meadow Research Institute' }).waitFor()
    expect(await page.getByRole('button', { name: 'Answer: Dr Lee, North Clinic' }).count()).toBe(0)
    expect(await north.grants()).toHaveLength(1)
  })

  test('signing out leaves no copy behind', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('button', { name: 'Continue as Robin Vale' }).waitFor()
    await expect.poll(() => kept('islet copy'), { timeout: PATIENCE }).toEqual([])
    expect(story.complaints.filter((text) => !text.includes('ERR_INTERNET_DISCONNECTED'))).toEqual([])
  })
})
