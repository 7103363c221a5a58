/** `islet start --apart` as a person runs it, on one operator's ledger and on four validators of the members' own. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { engineIsBuilt } from '../src/ledger/testing/engine-built.ts'
import { readNetwork } from '../src/node/network/network-file.ts'
import { CHARTER } from '../src/node/world/charter.ts'
import { goneWithin } from './testing/institutions-apart.ts'
import { islet, type Running, ranHere } from './testing/islet-command.ts'

/** Fetches from an address whose certificate this test has no other word about. */
function fetched(url: string): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    request(url, { rejectUnauthorized: false }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => {
        text += part
      })
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, text }))
    })
      .on('error', reject)
      .end()
  })
}

/** Process ids of the institutions that a running command started. */
async function institutionsOf(pid: number): Promise<number[]> {
  const children = (await readFile(`/proc/${pid}/task/${pid}/children`, 'latin1'))
    .trim()
    .split(' ')
    .map(Number)
  const commands = await Promise.all(
    children.map((child) => readFile(`/proc/${child}/cmdline`, 'latin1').catch(() => '')),
  )
  return children.filter((_, at) => commands[at]!.includes('institution.js'))
}

const ENGINES = [
  { engine: 'embedded', options: [], built: true },
  { engine: 'consortium', options: ['--engine', 'consortium', '--local', '4'], built: engineIsBuilt() },
]

describe.each(ENGINES)(
  'institutions apart on the engine $engine',
  { timeout: 900_000 },
  ({ engine, options, built }) => {
    let home: string
    let data: string
    const started: Running[] = []
    /** Starts, waits for the ready line, and gives where each institution is. */
    const begin = async (...more: readonly string[]) => {
      const running = islet(['start', '--apart', '--port', '0', '--data', data, '--json', ...more])
      started.push(running)
      await running.said('Ctrl-C stops them all.')
      const { schema, institutions } = JSON.parse(running.out())
      expect(schema).toBe('islet.start/1')
      const places: { institution: string; address: string }[] = institutions
      return { running, places: new Map(places.map(({ institution, address }) => [institution, address])) }
    }

    beforeAll(async () => {
      home = await mkdtemp(join(tmpdir(), 'islet-start-apart-'))
      data = join(home, 'data')
    })
    afterAll(async () => {
      for (const { child, ended } of started) {
        child.kill('SIGINT')
        await ended
      }
      await rm(home, { recursive: true, force: true })
    })

    test.skipIf(!built)(
      'the story holds, each is at an address of its own with app and inbox, and Ctrl-C ends all',
      async () => {
        const { running, places } = await begin(...options)
        expect(running.err()).toMatch(/All \d+ checks held/)
        expect([...places.keys()]).toEqual(CHARTER.map(({ key }) => key))
        expect(new Set(places.values()).size).toBe(CHARTER.length)
        for (const [key, address] of places) {
          expect(address).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/)
          expect((await fetched(`${address}/readyz`)).text).toContain('"status":"ready"')
          expect((await fetched(`${address}/app`)).status).toBe(200)
          const head = JSON.parse((await fetched(`${address}/v1/ledger/head`)).text)
          expect(head).toMatchObject({ engine })
          expect(await readdir(join(data, 'institutions', key))).toContain('keys.json')
        }
        const pids = await institutionsOf(running.pid)
        expect(pids).toHaveLength(CHARTER.length)

        process.kill(pids[1]!, 'SIGKILL')
        await running.said(' is back at ')
        const back = / is back at (\S+)/.exec(running.err())?.[1] ?? ''
        expect((await fetched(`${back}/readyz`)).text).toContain('"status":"ready"')

        const now = await institutionsOf(running.pid)
        const network =
          engine === 'consortium' ? await readNetwork(join(data, 'institutions', 'north')) : undefined
        running.child.kill('SIGINT')
        expect(await running.ended).toBe(130)
        for (const pid of [...now, ...(network?.nodes ?? []).flatMap((node) => node.pid ?? [])]) {
          expect(await goneWithin(pid, 30_000)).toBe(true)
        }
      },
    )

    test.skipIf(!built)(
      'a second start goes on with the same members, and tells no second story',
      async () => {
        const before = await readFile(join(data, 'consortium.json'), 'utf8')
        const { running, places } = await begin()
        expect(running.err()).not.toContain('checks held')
        expect(places.size).toBe(CHARTER.length)
        // Studies are open again everywhere, also where nobody takes part: their papers come from the applicant.
        for (const address of places.values())
          expect((await fetched(`${address}/v1/open-studies`)).text).toContain('"state":"OPEN"')
        expect(await readFile(join(data, 'consortium.json'), 'utf8')).toBe(before)
        running.child.kill('SIGTERM')
        expect(await running.ended).toBe(0)
      },
    )

    test.skipIf(!built)('without --apart the same directory is refused in words', async () => {
      const { code, out } = await ranHere(['start', '--port', '0', '--data', data, '--json'])
      expect([code, JSON.parse(out).error.code]).toEqual([2, 'DATA_OF_SEVERAL_PROCESSES'])
    })
  },
)
