import { access } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { askComet, listOf } from './comet-rpc.ts'
import { consortiumEngine } from './consortium.door.ts'
import { startConsortiumNode, untilAnswering } from './consortium-process.ts'
import { foundedNodes } from './founded-nodes.door.ts'
import { member } from './json-rpc.ts'
import { openRpc } from './rpc.door.ts'
import { temporaryFolder } from './testing/fixtures.ts'
import { foundFourNodes } from './testing/four-nodes.ts'
import { startLoad } from './testing/load.ts'
import { heightOf, LONG, oneHistory } from './testing/one-history.ts'

/** An engine whose clock can be set off: `node scripts/engine.mjs skewed` makes it and says where. */
const SKEWED = process.env['ISLET_TEST_SKEWED_ENGINE']
const OFF_SECONDS = 30

/** The latest instant under any vote for the blocks up to a height, seconds since 1970: of the clock that is ahead. */
async function latestVote(comet: string, height: number): Promise<number> {
  const instants: number[] = []
  for (let at = 2; at < height; at++) {
    const commit = member(member(await askComet(comet, `commit?height=${at}`), 'signed_header'), 'commit')
    for (const vote of listOf(member(commit, 'signatures'))) {
      instants.push(Date.parse(String(member(vote, 'timestamp'))) / 1_000)
    }
  }
  return Math.max(...instants)
}

describe.skipIf(SKEWED === undefined)(
  'four validators, the clock of one off (left out where ISLET_TEST_SKEWED_ENGINE names no engine)',
  () => {
    test.each([OFF_SECONDS, -OFF_SECONDS])(
      '%i seconds: blocks go on in true time, one history',
      async (off) => {
        const skewed = SKEWED ?? ''
        await access(skewed)
        const folder = await temporaryFolder()
        const founded = await foundFourNodes(`${folder.path}/network`)
        const [comets, last] = [founded.nodes.map(({ ports }) => ports.comet), founded.nodes[3]!]
        const three = foundedNodes(consortiumEngine(), founded.nodes)
        const began = Date.now() / 1_000
        await three.start([0, 1, 2])
        const within = ['env', `ISLET_TEST_CLOCK_OFF=${off}s`]
        const off_ = startConsortiumNode(skewed, last.home, last.secrets, { within })
        const ledger = await openRpc({
          urls: founded.nodes.map(({ ports }) => `http://${ports.rpc}/`),
          directory: `${folder.path}/outbox`,
          ...{ pollMs: 100, haltAfterMs: 600_000, resendMs: 2_000 },
        })
        try {
          await untilAnswering(last.ports.rpc, off_)
          const load = startLoad(ledger, `off ${off}`, 4)
          await expect.poll(() => load.acknowledged.length, LONG).toBeGreaterThan(60)
          const acknowledged = await load.end()
          await expect
            .poll(() => heightOf(comets[3]!), LONG)
            .toBeGreaterThanOrEqual(Math.max(...acknowledged.map(({ block }) => block.height)))
          await oneHistory(comets, ledger, acknowledged)
          // The proposer whose clock is off had its turns among these.
          const { height } = await ledger.head()
          expect(height).toBeGreaterThan(8)
          let before = 0
          for (let at = 2; at <= height; at++) {
            const { timestamp } = (await ledger.block(at))!
            expect(Number(timestamp)).toBeGreaterThanOrEqual(before)
            before = Number(timestamp)
          }
          if (off > 0)
            expect(await latestVote(comets[0]!, height)).toBeGreaterThan(Date.now() / 1_000 + off / 2)
          expect(before).toBeGreaterThan(began - OFF_SECONDS / 2)
          expect(before).toBeLessThan(Date.now() / 1_000 + OFF_SECONDS / 2)
        } finally {
          await ledger.close()
          process.kill(off_.pid, 'SIGKILL')
          await three.stop()
          await off_.gone
          await folder.remove()
        }
      },
    )
  },
)
