/**
 * Who runs and who audits a node, in a real browser on a real node: how it does, its ledger, its logs, a dump of it.
 */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportDump, sourceOf } from '../src/audit/index.ts'
import { vectors } from '../src/audit/testing/captured-consortium.ts'
import { freshHandle, openPerson } from '../src/node/story/person.ts'
import { quantity, type UnixSeconds } from '../src/vocabulary/index.ts'
import { LAST_BLOCK, linesOf, SOUND, writeDump } from './testing/captured-dump.ts'
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

describe.skipIf(chromiumPath === undefined)('an operator in a browser', { timeout: 3 * PATIENCE }, () => {
  let story: WebStory
  let page: WebStory['page']
  let node: WebStory['node']
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'islet-dump-'))
    story = await openStory()
    page = story.page
    node = story.node
    await node.projection()
  }, PATIENCE)
  afterAll(async () => {
    await story?.close()
    await rm(folder, { recursive: true, force: true })
  })

  const go = (name: string) => goTo(page, name)
  const signIn = (name: string) => signInAs(story, page, name)

  test('a stop is measured from the inbox to the block', async () => {
    await signIn('Jo Hart, operator')
    const figures = page.getByTestId('revokes')
    await figures.waitFor()
    expect(await figures.textContent()).toContain('Measured0')
    await givenAndStopped()
    await page.getByRole('button', { name: 'Refresh' }).click()
    await expect.poll(() => figures.textContent(), { timeout: PATIENCE }).toMatch(/Measured[1-9]/)
    expect(await figures.textContent()).toMatch(/99 of 100 within\d+\.\d\d s/)
    // What the institutions tell each other of it is no stop that waits.
    expect(await figures.textContent()).toMatch(/before a block0$/)
    expect(await page.getByTestId('backup').textContent()).toBe('No backup of this data directory is known.')
    await picture(page, 'app-operator')
  })

  test('the ledger’s blocks are listed, newest first, and say who orders them', async () => {
    await go('Ledger')
    const { height } = await node.consortium.ledger.head()
    await page.getByTestId('head').waitFor()
    expect(await page.getByTestId('head').textContent()).toContain(`Newest block: ${height}`)
    expect(await page.getByText('One operator puts the blocks').isVisible()).toBe(true)
    await page.getByRole('button', { name: 'Older' }).click()
    await page.getByRole('cell', { name: String(height - 10), exact: true }).waitFor()
  })

  test('an auditor computes every log again, and one that was changed on disk is found', async () => {
    await signIn('Kim Doyle, auditor')
    await go('Access logs')
    const logs = page.getByTestId('logs')
    const check = async (): Promise<string> => {
      await page.getByRole('button', { name: 'Check all logs' }).click()
      await expect.poll(() => logs.getByRole('row').count(), { timeout: PATIENCE }).toBe(11)
      return (await logs.textContent()) ?? ''
    }
    const sound = await check()
    expect(sound).toMatch(/South Hospitalholds[1-9]/)
    expect(sound).not.toContain('BROKEN')
    const tiles = join(node.consortium.house('south').directory, 'log', 'tile', '0')
    const [partial] = (await readdir(tiles)).filter((name) => name.endsWith('.p'))
    const at = join(tiles, partial ?? '')
    const widths = (await readdir(at)).map((name) => join(at, name))
    const before = await Promise.all(widths.map((path) => readFile(path)))
    for (const [i, path] of widths.entries()) {
      const changed = Buffer.from(before[i] ?? '')
      changed[0] = (changed[0] ?? 0) ^ 1
      await writeFile(path, changed)
    }
    expect(await check()).toContain('BROKEN: the entries do not give what was signed')
    for (const [i, path] of widths.entries()) await writeFile(path, before[i] ?? '')
    await picture(page, 'app-logs')
  })

  test('a dump holds as far as a browser can tell, and a changed byte is found', async () => {
    const target = join(folder, 'dump')
    await exportDump({ source: await sourceOf(node.consortium.directory), target, objects: 'names' })
    await go('Check a dump')
    const choose = () => page.getByLabel('The folder of the dump').setInputFiles(target)
    const verdict = page.getByTestId('dump')
    await choose()
    await verdict.getByText('What can be checked here holds.').waitFor()
    expect(await verdict.textContent()).toMatch(/[1-9]\d* heads with this node’s blocks, 10 access logs/)
    expect(await page.getByText('that takes the ledger’s engine').isVisible()).toBe(true)
    await writeFile(join(target, 'institutions', 'south', 'reads.jsonl'), '{}\n')
    await choose()
    await verdict.getByText('does NOT hold').waitFor()
    expect(await verdict.textContent()).toContain('file altered institutions/south/reads.jsonl')
  })

  test('a consortium’s dump is held against a block that somebody believes, and a changed proof is found', async () => {
    const target = join(folder, 'consortium')
    await writeDump(target, SOUND)
    const anchor = join(folder, 'anchor.json')
    await writeFile(anchor, JSON.stringify(LAST_BLOCK))
    await page.getByLabel('A block of a consortium that you believe').setInputFiles(anchor)
    const choose = () => page.getByLabel('The folder of the dump').setInputFiles(target)
    const verdict = page.getByTestId('dump')
    await choose()
    await verdict.getByText('Its blocks follow from the one that you believe').waitFor()
    expect(await verdict.textContent()).toContain(
      '9 blocks carry the votes of more than two thirds of the seats, 12 members, seats and consents are proved',
    )
    expect(await verdict.textContent()).toContain('vouches for all of them')
    const [store, first, ...states] = vectors.states
    const files = {
      ...SOUND,
      'ledger/states.jsonl': linesOf([store!, { ...first, slot: states[0]!.slot }, ...states]),
    }
    await writeDump(target, files)
    await choose()
    await verdict.getByText('does NOT hold: 1 finding').waitFor()
    expect(await verdict.textContent()).toContain('state refused ledger/states.jsonl, line 2')
    await page
      .getByLabel('A block of a consortium that you believe')
      .setInputFiles(join(target, 'manifest.json'))
    await page.getByText('This file holds no block to start from').waitFor()
  })

  testScreens(() => story)

  /** A virtual person with South lets North read, which looks what is there, and stops. */
  async function givenAndStopped(): Promise<void> {
    const { consortium } = node
    const [south, north] = [consortium.house('south'), consortium.party('north')]
    const { agent } = await openPerson(consortium, freshHandle(), consortium.unlock)
    await agent.enrol(south.id)
    const now = Math.floor(Date.now() / 1_000)
    const mailbox = await agent.openMailbox(north.name)
    const expiresAt = quantity<UnixSeconds>(now + DAY)
    await north.ask(
      { custodian: south.id, mailbox },
      {
        subject: { type: 'institution' },
        kinds: ['glucose'],
        actions: ['read'],
        purposes: ['TREAT'],
        from: quantity<UnixSeconds>(now - DAY),
        until: quantity<UnixSeconds>(now),
        expiresAt,
      },
    )
    const [pending] = (await agent.collect()).requests
    if (pending === undefined) throw new Error('nobody asked')
    const { handOver } = await agent.grant(pending.request, {}, { requestId: pending.id })
    await north.search(handOver.consentId)
    await agent.revoke(handOver.consentId)
    await consortium.tick(true)
  }
})
