/**
 * A person of one's own in a real browser: make a key, two ways back each used once, bring a file, come back without
 * anything but a passkey or a code, take the data away, be erased.
 */
import { readFile } from 'node:fs/promises'
import type { CDPSession } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readDocument } from '../src/intake/index.ts'
import { chromiumPath, findings, openStory, PATIENCE, picture, type WebStory } from './testing/web-story.ts'

/** A fortnight of five-minute values and some rows that cannot be taken in; days that could be months. */
function exported(): string {
  const rows = Array.from({ length: 12 * 24 }, (_, i) => {
    const [hour, minute] = [Math.floor(i / 12), (i % 12) * 5]
    const clock = `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`
    return `03/04/2024 ${clock},${110 + (i % 60)}`
  })
  return ['time,glucose (mg/dL)', ...rows, rows[5], '03/04/2024 25:61,100', '03/04/2024 10:01,'].join('\n')
}

describe.skipIf(chromiumPath === undefined)('a person of one’s own', { timeout: 2 * PATIENCE }, () => {
  let story: WebStory
  let page: WebStory['page']
  let authenticator: CDPSession
  let app: string
  let code = ''

  beforeAll(async () => {
    story = await openStory()
    page = story.page
    // Passkeys need a name.
    app = `${story.node.origin.replace('127.0.0.1', 'localhost')}/app`
    authenticator = await story.context.newCDPSession(page)
    await authenticator.send('WebAuthn.enable')
    await authenticator.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        ctap2Version: 'ctap2_1',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
        hasPrf: true,
      },
    })
  }, PATIENCE)
  afterAll(() => story?.close())

  const go = (name: string) => page.getByRole('navigation').getByRole('link', { name, exact: true }).click()
  const press = (name: string) => page.getByRole('button', { name, exact: true }).click()
  const ways = () => page.getByTestId('ways').textContent()
  const listed = () => page.evaluate(() => localStorage.getItem('islet.people'))
  /** What this browser holds for the app in databases, by name. */
  const shelves = () =>
    page.evaluate(async () => (await indexedDB.databases()).flatMap(({ name }) => name ?? []))

  test('makes a key, and is told what is missing before any data', async () => {
    await page.goto(app)
    await press('Use it with my own data')
    await page.getByLabel('What shall we call you?').fill('Ada')
    expect(await findings(page)).toEqual([])
    await press('Make my own key')
    await page.getByRole('navigation').getByText('Ada').waitFor()
    expect(await page.getByText('simulated person').count()).toBe(0)
    await go('My data')
    await page.getByText('set up two ways back').waitFor()
    expect(await page.locator('input[type=file]').count()).toBe(0)
  })

  test('a recovery code counts only after it was typed; a mistake is named', async () => {
    await go('Keys')
    await press('Remove …')
    // Nobody leaves who could not come back.
    await page.getByRole('alertdialog').getByText('no way back to your key was tried').waitFor()
    expect(await page.getByRole('button', { name: 'Remove', exact: true }).isDisabled()).toBe(true)
    await press('Stay')
    await press('Make a recovery code')
    code = (await page.getByTestId('code').textContent()) ?? ''
    const wrong = `${code[0] === 'A' ? 'B' : 'A'}${code.slice(1)}`
    await page.getByLabel('Type it from the paper').fill(wrong)
    await press('Try the code')
    await page.getByRole('alert').getByText('The code has a mistake').waitFor()
    await page.getByLabel('Type it from the paper').fill(code.toLowerCase().replaceAll('-', ' '))
    await press('Try the code')
    await page.getByText('The code leads to your key.').waitFor()
    expect(await ways()).toContain('on this device alone')
    expect(await findings(page)).toEqual([])
  })

  test('a passkey is the second way; then data may come', async () => {
    await press('Make a passkey')
    await page.getByText('The passkey leads to your key.').waitFor()
    expect(await ways()).toContain('Two ways back were tried')
  })

  test('a file is asked about, reported to the row and sealed; again it adds nothing', async () => {
    await go('My data')
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'export.csv', mimeType: 'text/csv', buffer: Buffer.from(exported()) })
    await page.getByText('Day first (31/12)').click()
    await page.getByLabel('In which time zone').fill('Europe/Vienna')
    await press('Take this zone')
    const report = page.getByTestId('import-report')
    await report.waitFor()
    const counts = (await report.locator('td').allTextContents()).map(Number)
    const rows = counts.pop()
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(rows)
    expect(rows).toBe(12 * 24 + 3)
    expect(await findings(page)).toEqual([])
    // The button is ours, and stands in the language that is set.
    await page.locator('.file .button', { hasText: 'Choose a file' }).waitFor()
    await page.getByText('export.csv').waitFor()
    await picture(page, 'app-import')
    await press('Add to my data')
    await page.getByText('288 new records added.').waitFor()
    await press('Add again')
    await page.getByText('Nothing new').waitFor()
  })

  test('the report of the imported days is there, though they are long past', async () => {
    await go('History')
    await page.getByTestId('figures').waitFor()
    expect(await page.getByTestId('figures').textContent()).toContain('288')
  })

  test('what was taken away comes back whole', async () => {
    await go('My data')
    const coming = page.waitForEvent('download')
    await press('Save as FHIR')
    const path = await (await coming).path()
    const { people, kept, rows } = readDocument(new Uint8Array(await readFile(path)))
    // One entry says whose they are.
    expect([kept, rows]).toEqual([288, 289])
    expect(people[0]?.records.length).toBe(288)
  })

  test('ninety days are opened and reported', async () => {
    const rows = Array.from({ length: 90 * 288 }, (_, i) => {
      const at = new Date(Date.UTC(2024, 3, 5) + i * 300_000).toISOString().slice(0, 19)
      return `${at.replace('T', ' ')},${100 + ((i * 7) % 120)}`
    })
    const text = ['time,glucose (mg/dL)', ...rows].join('\n')
    await go('My data')
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'quarter.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await page.getByLabel('In which time zone').fill('UTC')
    await press('Take this zone')
    await press('Add to my data')
    await page.getByText('25920 new records added.').waitFor()
    await go('History')
    const begun = performance.now()
    await page.getByRole('radio', { name: '90 days' }).check()
    await page.getByText('25,920').waitFor()
    const opened = performance.now() - begun
    const took = await page.evaluate(() => performance.getEntriesByName('islet report').at(-1)?.duration)
    expect(took).toBeGreaterThan(0)
    process.stdout.write(
      `90 days in the browser: shown after ${Math.round(opened)} ms, of which the report took ${Math.round(took ?? 0)} ms\n`,
    )
  })

  test('what the records came from stands under Devices, by the name that the file has for it', async () => {
    const list = Array.from({ length: 100 }, (_, i) => {
      const date = Date.UTC(2024, 2, 1, 8) + i * 300_000
      return { type: 'sgv', sgv: 100 + i, date, device: 'xDrip-DexcomG5 8ABCDE' }
    })
    await go('My data')
    await page.locator('input[type=file]').setInputFiles({
      name: 'nightscout.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(list)),
    })
    await press('Add to my data')
    await page.getByText('100 new records added.').waitFor()
    await go('Devices')
    const row = page.getByRole('row').filter({ hasText: 'xDrip+' })
    await row.waitFor()
    expect((await row.getByRole('cell').allTextContents()).slice(4)).toEqual(['100', '100.0\u00a0%', '0'])
    expect(await page.getByTestId('worn').textContent()).toContain('100.0 %')
    expect(await page.locator('main').textContent()).not.toContain('8ABCDE')
    expect(await findings(page)).toEqual([])
  })

  test('a device that remembers nothing is brought back by the passkey alone, and by the code alone', async () => {
    for (const [way, act] of [
      ['passkey', () => press('Continue with a passkey')],
      [
        'code',
        async () => {
          await page.getByLabel('Recovery code').fill(code)
          await press('Continue with the code')
        },
      ],
    ] as const) {
      await press('Sign out')
      // From another page of the same origin: nothing holds the databases open there.
      await page.goto(app.replace('/app', '/docs'))
      await page.evaluate(async () => {
        localStorage.clear()
        for (const { name } of await indexedDB.databases()) {
          await new Promise((resolve) => {
            const gone = indexedDB.deleteDatabase(name ?? '')
            gone.onsuccess = gone.onerror = gone.onblocked = resolve
          })
        }
      })
      await page.goto(app)
      await press('Use it with my own data')
      await act()
      await go('History')
      await page.getByTestId('figures').waitFor()
      expect(await page.getByTestId('figures').textContent(), way).toContain('4,032')
    }
  })

  test('taken off this browser, nothing of the person is left in it; the code brings them back', async () => {
    expect(await shelves()).not.toEqual([])
    await go('Keys')
    await press('Remove …')
    await page.getByText('You come back with your recovery code.').waitFor()
    expect(await findings(page)).toEqual([])
    await press('Remove')
    await press('Use it with my own data')
    expect(await listed()).toBe('[]')
    expect(await shelves()).toEqual([])
    expect(await page.evaluate(() => JSON.stringify(localStorage))).not.toContain('wrap')
    await page.getByLabel('Recovery code').fill(code)
    await press('Continue with the code')
    await go('History')
    await page.getByTestId('figures').waitFor()
    expect(await page.getByTestId('figures').textContent()).toContain('4,032')
  })

  test('a passkey that is not given is said, and nothing is lost', async () => {
    await press('Sign out')
    await authenticator.send('WebAuthn.disable')
    await authenticator.send('WebAuthn.enable')
    await page.goto(app)
    await press('Use it with my own data')
    // No authenticator is there any more: the browser says no after a while, as when a person does.
    await page.evaluate(() => {
      navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError'))
    })
    await press('Continue with a passkey')
    await page.getByRole('alert').getByText('The passkey was not given').waitFor()
  })

  test('erased: the custodian knows the person no more, and the code leads nowhere', async () => {
    await page.getByLabel('Recovery code').fill(code)
    await press('Continue with the code')
    await go('Keys')
    await press('Erase me …')
    await page.getByLabel('Type “erase” to confirm').fill('erase')
    expect(await findings(page)).toEqual([])
    expect(await listed()).toContain('"key"')
    await press('Erase everything')
    await page.getByRole('button', { name: 'Use it with my own data' }).click()
    // This browser lists them no more.
    expect(await listed()).toBe('[]')
    expect(await shelves()).toEqual([])
    await page.getByLabel('Recovery code').fill(code)
    await press('Continue with the code')
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toContain('Nothing is kept')
    expect(story.complaints).toEqual([])
  })
})
