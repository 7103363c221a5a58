import { afterAll, beforeAll, expect, test } from 'vitest'
import { type CrashSite, crashSite, type Victim } from './testing/crash-trial.ts'

// Five of the hundred of crash.long.test.ts.
const seed = Number(process.env['ISLET_SEED'] ?? Date.now() % 1_000_000)
const trials: readonly { readonly victim: Victim; readonly trial: number }[] = [
  { victim: 'node', trial: 0 },
  { victim: 'executor', trial: 1 },
  { victim: 'node', trial: 2 },
  { victim: 'executor', trial: 3 },
  { victim: 'node', trial: 4 },
]
let site: CrashSite

beforeAll(async () => {
  site = await crashSite()
})
afterAll(() => site.remove())

test.each(trials)(
  `a node that shares data loses nothing acknowledged to kill -9 of the $victim (trial $trial, ISLET_SEED=${seed})`,
  async ({ victim, trial }) => {
    const afterMs = (seed * (trial + 1) * 7919) % 1_200
    expect(await site.trial(victim, afterMs)).toBeGreaterThanOrEqual(0)
  },
)
